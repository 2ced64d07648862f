/**
 * Runs one stretch of a pipeline: one pass over the guards at entry, one at exit, one promise, whatever their number.
 * Each kind of policy has its own slot, null or of one class, and its own call site (see `stage.ts`).
 *
 * Two shapes of run. Where nothing can settle a call early, the work's own promise gets one `.then` with handlers that
 * all calls share: this file. With a timeout, a retry, a fallback, a caller's signal, or a breaker that wants to know
 * its calls one by one, a fresh record holds the caller's promise: `invocation.ts`.
 */
import type { CallOptions, Work } from '../call.js'
import type { FallbackCause, Outcome } from '../outcome.js'
import type { Timeline } from '../timeline.js'
import type { Attempt } from './attempt.js'
import { callOptionsError } from './call-options.js'
import { ClockReader } from './clock-reader.js'
import type { GuardList } from './guard-list.js'
import { Invocation, isRefusedFallback, TO_OUTCOME, TO_PARENT, TO_PROMISE } from './invocation.js'
import type { Sink } from './invocation.js'
import { PlainCall } from './plain-call.js'
import { GATE_FREE, GATE_SHUT } from './stage.js'
import type {
  BreakerPart,
  FallbackPart,
  ForeignPart,
  LimitPart,
  MeterPart,
  RetryPart,
  TimeoutPart,
} from './stage.js'
import { adopt, notAFunction, runWork } from './work.js'

const { then } = Promise.prototype

/** What fills the slots of one stretch. */
export interface Slots {
  readonly name: string | undefined
  readonly timeline: Timeline
  readonly meter: MeterPart | null
  readonly fallback: FallbackPart | null
  readonly totalTimeout: TimeoutPart | null
  readonly retry: RetryPart | null
  readonly guards: GuardList | null
  readonly breaker: BreakerPart | null
  readonly limit: LimitPart | null
  readonly attemptTimeout: TimeoutPart | null
  readonly foreign: ForeignPart | null
  readonly inner: Runner | null
}

// One executor for all promises, without a closure: it leaves the functions here for the next line to take.
let takenResolve: (value: unknown) => void
let takenReject: (error: unknown) => void
const takeResolvers = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
  takenResolve = resolve
  takenReject = reject
}
const nothing = (): void => {}

export class Runner extends ClockReader {
  readonly name: string | undefined
  readonly meter: MeterPart | null
  readonly fallback: FallbackPart | null
  readonly totalTimeout: TimeoutPart | null
  readonly retry: RetryPart | null
  readonly guards: GuardList | null
  readonly breaker: BreakerPart | null
  readonly limit: LimitPart | null
  readonly attemptTimeout: TimeoutPart | null
  private readonly foreign: ForeignPart | null
  private readonly inner: Runner | null
  /** Whether a timer may have to go on in the caller's async context. */
  readonly carriesContext: boolean
  private readonly settlesEarly: boolean
  private handlersGeneration = -1
  private onValue: ((value: unknown) => unknown) | undefined = undefined
  private onError: ((error: unknown) => never) | undefined = undefined

  constructor(slots: Slots) {
    super(slots.timeline)
    this.name = slots.name
    this.meter = slots.meter
    this.fallback = slots.fallback
    this.totalTimeout = slots.totalTimeout
    this.retry = slots.retry
    this.guards = slots.guards
    this.breaker = slots.breaker
    this.limit = slots.limit
    this.attemptTimeout = slots.attemptTimeout
    this.foreign = slots.foreign
    this.inner = slots.inner
    const timed = this.attemptTimeout !== null || this.totalTimeout !== null
    const goesOn = this.fallback !== null || this.retry !== null
    this.carriesContext = timed && goesOn
    this.settlesEarly =
      timed || goesOn || this.guards !== null || this.foreign !== null || this.inner !== null
  }

  /** The time of one attempt, in milliseconds; `Infinity` without a limit. */
  get timeoutMs(): number {
    return this.attemptTimeout === null ? Infinity : this.attemptTimeout.timeoutMs
  }

  execute(work: Work<unknown>, options: CallOptions | undefined): Promise<unknown> {
    if (typeof work !== 'function') return Promise.reject(notAFunction(work))
    const { breaker, limit } = this
    if (options !== undefined) return this.record(work, options, TO_PROMISE)
    if (breaker !== null && breaker.gate !== GATE_FREE) {
      const refused = breaker.gate === GATE_SHUT ? this.shortCircuit(breaker) : undefined
      return refused ?? this.record(work, undefined, TO_PROMISE)
    }
    if (this.settlesEarly || (limit !== null && !limit.tryTake()))
      return this.record(work, undefined, TO_PROMISE)
    return this.plain(work, breaker)
  }

  outcome(work: Work<unknown>, options: CallOptions | undefined): Promise<Outcome<unknown>> {
    if (typeof work === 'function') return this.record(work, options, TO_OUTCOME) as Promise<Outcome<unknown>>
    return Promise.resolve({ kind: 'failure', error: notAFunction(work) })
  }

  /** Runs the work of an attempt: the user's function, or the next stretch. */
  run(work: Work<unknown>, attempt: Attempt): void {
    const { inner, foreign } = this
    if (foreign !== null) this.runForeign(foreign, work, attempt)
    else if (inner !== null) inner.runInside(work, attempt)
    else runWork(work, attempt)
  }

  private runInside(work: Work<unknown>, parent: Attempt): void {
    const invocation = new Invocation(this, work, TO_PARENT, nothing, nothing)
    invocation.parent = parent
    parent.child = invocation
    invocation.start(this.read(), undefined)
  }

  private runForeign(foreign: ForeignPart, work: Work<unknown>, attempt: Attempt): void {
    const { inner } = this
    const { signal } = attempt
    const rest =
      inner === null ? (): unknown => work(attempt) : (): unknown => inner.execute(work, { signal })
    runWork(() => foreign.execute(rest, { signal }), attempt)
  }

  private record(work: Work<unknown>, options: CallOptions | undefined, sink: Sink): Promise<unknown> {
    if (options !== undefined) {
      const error = callOptionsError(options)
      if (error !== undefined)
        return sink === TO_OUTCOME ? Promise.resolve({ kind: 'failure', error }) : Promise.reject(error)
    }
    const promise = new Promise<unknown>(takeResolvers)
    const invocation = new Invocation(this, work, sink, takenResolve, takenReject)
    invocation.start(options === undefined ? this.tick() : this.read(), options)
    return promise
  }

  // The shape in which nothing settles early.
  private plain(work: Work<unknown>, breaker: BreakerPart | null): Promise<unknown> {
    this.meter?.started()
    const call = work.length === 0 ? PlainCall.shared : new PlainCall(this.name)
    const generation = breaker === null ? 0 : breaker.generation
    const startedAt = this.tick()
    let result: unknown
    try {
      result = work(call)
    } catch (error) {
      result = Promise.reject(error)
    }
    const promise = result instanceof Promise ? (result as Promise<unknown>) : adopt(result)
    if (promise === undefined) return Promise.resolve(this.succeeded(result, generation, startedAt))
    if (startedAt !== undefined) {
      return then.call(
        promise,
        (value: unknown) => this.succeeded(value, generation, startedAt),
        (error: unknown) => this.failed(error, generation, startedAt),
      )
    }
    if (generation !== this.handlersGeneration) this.makeHandlers(generation)
    return then.call(promise, this.onValue, this.onError)
  }

  private makeHandlers(generation: number): void {
    this.handlersGeneration = generation
    this.onValue = (value) => this.succeeded(value, generation, undefined)
    this.onError = (error) => this.failed(error, generation, undefined)
  }

  private succeeded(value: unknown, generation: number, startedAt: number | undefined): unknown {
    const { breaker, limit, meter } = this
    if (limit !== null) limit.release()
    if (startedAt === undefined) {
      if (breaker !== null) breaker.succeeded(value, generation, this.recent())
      if (meter !== null) meter.succeeded()
      return value
    }
    const now = this.clock.now()
    const outcome: Outcome<unknown> = { kind: 'success', value }
    if (breaker !== null) breaker.exit({ generation, lease: null }, outcome, now, now - startedAt)
    if (meter !== null) meter.ended(outcome, undefined, now - startedAt)
    return value
  }

  private failed(error: unknown, generation: number, startedAt: number | undefined): never {
    const { breaker, limit, meter } = this
    const now = this.clock.now()
    const durationMs = startedAt === undefined ? undefined : now - startedAt
    const outcome: Outcome<unknown> = { kind: meter === null ? 'failure' : meter.kindOf(error), error }
    if (limit !== null) limit.release()
    if (breaker !== null) breaker.exit({ generation, lease: null }, outcome, now, durationMs)
    if (meter !== null) {
      meter.ended(outcome, undefined, durationMs)
      meter.answered('missing')
    }
    throw error
  }

  // An open breaker: no record, and a fallback that answers at once costs no more than its answer.
  private shortCircuit(breaker: BreakerPart): Promise<unknown> | undefined {
    const { fallback, meter } = this
    if (this.guards !== null || this.retry !== null) return undefined
    const error = breaker.refuse(this.tick() ?? this.lastRead)
    if (error === undefined) return undefined
    const cause: FallbackCause = { kind: 'rejected', error, policy: 'breaker', attempt: 1 }
    if (meter !== null) {
      meter.started()
      meter.ended({ kind: 'rejected', error }, 'breaker', undefined)
    }
    if (fallback !== null && fallback.applies(cause)) return answerAtOnce(fallback, meter, cause)
    if (meter !== null && fallback === null) meter.answered('missing')
    return then.call(breaker.refusal) as Promise<never>
  }
}

function answerAtOnce(
  fallback: FallbackPart,
  meter: MeterPart | null,
  cause: FallbackCause,
): Promise<unknown> {
  let promise: Promise<unknown> | undefined
  let value: unknown
  try {
    value = fallback.answer(cause, PlainCall.shared)
    promise = adopt(value)
  } catch (error) {
    promise = Promise.reject(error)
  }
  if (promise === undefined) {
    if (meter !== null) meter.answered('success')
    return Promise.resolve(value)
  }
  if (meter !== null) {
    promise.then(
      () => meter.answered('success'),
      (error: unknown) => meter.answered(isRefusedFallback(error) ? 'rejected' : 'failure'),
    )
  }
  return promise
}
