/**
 * Runs one stretch of a pipeline: one pass over the guards at entry, one at exit, one promise, whatever their number.
 * Each kind of policy has its own slot, null or of one class, and its own call site (see `stage.ts`).
 *
 * Two shapes of run. Where nothing can settle a call early, the work's own promise gets one `.then` with handlers that
 * all calls share: this file. With a timeout, a retry, a fallback, a caller's signal, or a breaker that wants to know
 * its calls one by one, a fresh record holds the caller's promise: `invocation.ts`.
 */
import type { CallOptions, Work } from '../call.js'
import type { Outcome } from '../outcome.js'
import type { Timeline } from '../timeline.js'
import type { Attempt } from './attempt.js'
import { callOptionsError } from './call-options.js'
import { ClockReader } from './clock-reader.js'
import type { GuardList } from './guard-list.js'
import { Invocation, needsAnswer, TO_OUTCOME } from './invocation.js'
import { PlainCall } from './plain-call.js'
import { Rejection } from './rejection.js'
import { shortCircuit } from './short-circuit.js'
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
import { adopt, callWork, isPlainPromise, notAFunction, runWork } from './work.js'

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
  /** Whether a timer, rather than the work, may end a call of this stretch. */
  private readonly endsByTimer: boolean
  private readonly settlesEarly: boolean
  /** Whether the work of an attempt is the user's function itself. */
  readonly isInnermost: boolean
  private handlersGeneration = -1
  private onValue: ((value: unknown) => unknown) | undefined = undefined
  private onError: ((error: unknown) => PromiseLike<never>) | undefined = undefined

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
    this.endsByTimer = timed || this.limit !== null || this.inner?.endsByTimer === true
    this.carriesContext = goesOn && (timed || this.inner?.endsByTimer === true)
    this.isInnermost = this.foreign === null && this.inner === null
    this.settlesEarly = timed || goesOn || this.guards !== null || !this.isInnermost
  }

  /** The time of one attempt, in milliseconds; `Infinity` without a limit. */
  get timeoutMs(): number {
    return this.attemptTimeout === null ? Infinity : this.attemptTimeout.timeoutMs
  }

  /**
   * Runs `work` under the caller's `options`. `input`, when there is one, is given to the work as its second argument and
   * to the fallback as its third: so one function can serve all calls of a command.
   */
  execute(work: Work<unknown>, options: CallOptions | undefined, input?: unknown): Promise<unknown> {
    if (typeof work !== 'function') return Promise.reject(notAFunction(work))
    if (options !== undefined || this.settlesEarly) return this.recorded(work, options, input)
    const { breaker, limit } = this
    if (breaker !== null && breaker.gate !== GATE_FREE) return this.recorded(work, options, input)
    if (limit !== null && !limit.tryTake()) return this.recorded(work, options, input)
    return this.plain(work, breaker, input)
  }

  outcome(work: Work<unknown>, options: CallOptions | undefined, input?: unknown): Promise<Outcome<unknown>> {
    if (typeof work !== 'function') return Promise.resolve({ kind: 'failure', error: notAFunction(work) })
    const promise = new Promise<unknown>(takeResolvers)
    const invocation = new Invocation(this, work, takenResolve, takenReject)
    invocation.sink = TO_OUTCOME
    this.begin(invocation, options, input)
    // With this sink, the invocation resolves with an outcome.
    return promise as Promise<Outcome<unknown>>
  }

  /** Runs what stands between an attempt and the user's function: the next stretch, or a policy that is not ours. */
  runNext(invocation: Invocation, attempt: Attempt): void {
    const { inner, foreign } = this
    if (foreign !== null) this.runForeign(foreign, invocation, attempt)
    else inner?.runInside(invocation, attempt)
  }

  // The shape in which every call has a record.
  private recorded(work: Work<unknown>, options: CallOptions | undefined, input: unknown): Promise<unknown> {
    const { breaker } = this
    if (breaker !== null && breaker.gate === GATE_SHUT && options === undefined) {
      const refused = shortCircuit(this, breaker, input)
      if (refused !== undefined) return refused
    }
    const promise = new Promise<unknown>(takeResolvers)
    const invocation = new Invocation(this, work, takenResolve, takenReject)
    if (options === undefined) {
      if (input !== undefined) invocation.input = input
      invocation.start(this.tick())
    } else {
      this.begin(invocation, options, input)
    }
    return promise
  }

  private begin(invocation: Invocation, options: CallOptions | undefined, input: unknown): void {
    invocation.input = input
    const error = options === undefined ? undefined : callOptionsError(options)
    if (error !== undefined) invocation.settle({ kind: 'failure', error })
    else if (options === undefined) invocation.start(this.tick())
    else invocation.startWith(options, this.read())
  }

  private runInside({ work, input }: Invocation, parent: Attempt): void {
    const invocation = new Invocation(this, work, undefined, undefined)
    invocation.input = input
    invocation.startInside(parent, this.read())
  }

  private runForeign(foreign: ForeignPart, { work, input }: Invocation, attempt: Attempt): void {
    const { inner } = this
    const { signal } = attempt
    const rest =
      inner === null
        ? (): unknown => callWork(work, attempt, input)
        : (): unknown => inner.execute(work, { signal }, input)
    runWork(() => foreign.execute(rest, { signal }), attempt)
  }

  // The shape in which nothing settles early.
  private plain(work: Work<unknown>, breaker: BreakerPart | null, input: unknown): Promise<unknown> {
    this.meter?.started()
    const generation = breaker === null ? 0 : breaker.generation
    const startedAt = this.tick()
    let result: unknown
    try {
      result = callWork(work, new PlainCall(this.name), input)
      const promise = isPlainPromise(result) ? result : adopt(result)
      if (promise !== undefined) return this.follow(promise, generation, startedAt)
    } catch (error) {
      return this.follow(Promise.reject(error), generation, startedAt)
    }
    return Promise.resolve(this.succeeded(result, generation, startedAt))
  }

  // Throws, before anything is counted, for what only looks like a promise.
  private follow(
    promise: Promise<unknown>,
    generation: number,
    startedAt: number | undefined,
  ): Promise<unknown> {
    if (startedAt !== undefined) return this.followTimed(promise, generation, startedAt)
    if (generation !== this.handlersGeneration) this.makeHandlers(generation)
    return promise.then(this.onValue, this.onError)
  }

  // Apart, because a function that may make closures pays for their scope at every call.
  private followTimed(promise: Promise<unknown>, generation: number, startedAt: number): Promise<unknown> {
    return promise.then(
      (value: unknown) => this.succeeded(value, generation, startedAt),
      (error: unknown) => this.failed(error, generation, startedAt),
    )
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
      if (breaker !== null) {
        this.refresh(breaker)
        breaker.succeeded(value, generation)
      }
      if (meter !== null) meter.succeeded()
      return value
    }
    const now = this.clock.now()
    const outcome: Outcome<unknown> = { kind: 'success', value }
    if (breaker !== null) breaker.exit({ generation, lease: null }, outcome, now, now - startedAt)
    if (meter !== null) meter.ended(outcome, undefined, now - startedAt)
    return value
  }

  private failed(error: unknown, generation: number, startedAt: number | undefined): PromiseLike<never> {
    const { breaker, limit, meter } = this
    const now = this.clock.now()
    const durationMs = startedAt === undefined ? undefined : now - startedAt
    const outcome: Outcome<unknown> = { kind: meter === null ? 'failure' : meter.kindOf(error), error }
    if (limit !== null) limit.release()
    if (breaker !== null) breaker.exit({ generation, lease: null }, outcome, now, durationMs)
    if (meter !== null) {
      meter.ended(outcome, undefined, durationMs)
      if (needsAnswer(outcome.kind)) meter.answered('missing')
      meter.threw()
    }
    return new Rejection(error)
  }
}
