/**
 * Runs one stretch of a pipeline: one pass over the guards at entry, one at exit, one promise, whatever their number.
 * Each kind of policy has its own slot, null or of one class, and its own call site (see `stage.ts`).
 *
 * Two shapes of run. Where nothing can settle a call early, the work's own promise gets one `.then` with handlers that
 * all calls share: `plain-runner.ts`. With a timeout, a retry, a fallback, a caller's signal, or a breaker that wants to
 * know its calls one by one, a fresh record holds the caller's promise: its first attempt (`attempt.ts`) as long as that
 * is all there is of the call, and the whole call (`invocation.ts`) from when it is more.
 */
import type { Call, CallOptions, Work } from '../call.js'
import type { Outcome } from '../outcome.js'
import { Attempt } from './attempt.js'
import { callerContext } from './caller-context.js'
import type { CallerContext } from './caller-context.js'
import { callOptionsError } from './call-options.js'
import { enter } from './entry.js'
import type { GuardList } from './guard-list.js'
import { GivenCall } from './inside.js'
import type { Inside, Outer } from './inside.js'
import { Invocation } from './invocation.js'
import { PlainRunner } from './plain-runner.js'
import type { PlainSlots } from './plain-runner.js'
import { promiseOf, TO_END, TO_OUTCOME, TO_PROMISE } from './promising.js'
import type { Sink } from './promising.js'
import { shortCircuit } from './short-circuit.js'
import { GATE_SHUT } from './stage.js'
import type { CallEnd, FallbackPart, RetryPart, TimeoutPart } from './stage.js'
import { notAFunction } from './work.js'

/** What fills the slots of one stretch. */
export interface Slots extends PlainSlots {
  readonly fallback: FallbackPart | null
  readonly totalTimeout: TimeoutPart | null
  readonly retry: RetryPart | null
  /** Whether the retry's budget has counted the call already, further outside. */
  readonly isCounted: boolean
  readonly guards: GuardList | null
  readonly attemptTimeout: TimeoutPart | null
  readonly inside: Inside | null
}

/** What a call has from its beginning on. */
interface Beginning {
  readonly startedAt: number | undefined
  context: CallerContext | null
}

export class Runner extends PlainRunner implements Inside {
  readonly fallback: FallbackPart | null
  readonly totalTimeout: TimeoutPart | null
  readonly retry: RetryPart | null
  private readonly isCounted: boolean
  readonly guards: GuardList | null
  readonly attemptTimeout: TimeoutPart | null
  /** Absent where the work of an attempt is the user's function itself. */
  readonly inside: Inside | null
  /**
   * How a call begins that something can settle early; null where nothing can, so that it needs no record as long as all
   * admit it at once. Not called by name, so that V8 inlines the plain way, which is the shorter one, and not these.
   */
  private readonly begins: ((work: Work<unknown>, input: unknown) => Promise<unknown>) | null

  constructor(slots: Slots) {
    super(slots)
    this.fallback = slots.fallback
    this.totalTimeout = slots.totalTimeout
    this.retry = slots.retry
    this.isCounted = slots.isCounted
    this.guards = slots.guards
    this.attemptTimeout = slots.attemptTimeout
    this.inside = slots.inside
    const { rate, limit, inside } = this
    const timed = hasAny(this.attemptTimeout, this.totalTimeout)
    const goesOn = hasAny(this.fallback, this.retry)
    // A token must not be taken for a call that the limit does not let in at once.
    const asksTwo = rate !== null && limit !== null
    const settlesEarly = timed || goesOn || asksTwo || hasAny(this.guards, inside)
    // A call that has to ask others before the breaker is not refused by it at once.
    const asksOthers = hasAny(this.guards, this.retry, rate)
    if (!settlesEarly) this.begins = null
    else this.begins = asksOthers ? this.recorded : this.unlessShut
  }

  /** Whether somebody wants to know of each call which one it was that ended. */
  get asksByCall(): boolean {
    return this.guards !== null || (this.limit !== null && this.limit.tellsHoldersApart)
  }

  // Whether a timer may have to go on in the caller's async context. Not worth a field in each idle policy.
  private get carriesContext(): boolean {
    if (this.fallback === null && this.retry === null) return false
    return this.attemptTimeout !== null || this.totalTimeout !== null || this.inside?.endsByTimer === true
  }

  // Seldom asked: neither is this.
  get endsByTimer(): boolean {
    const { attemptTimeout, totalTimeout, rate, limit, inside } = this
    return hasAny(attemptTimeout, totalTimeout) || hasAny(rate, limit) || inside?.endsByTimer === true
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
    if (options !== undefined) return this.whole(work, options, input, TO_PROMISE)
    if (this.begins === null) return this.plainFirst(work, input)
    return this.begins(work, input)
  }

  outcome(work: Work<unknown>, options: CallOptions | undefined, input?: unknown): Promise<Outcome<unknown>> {
    if (typeof work !== 'function') return Promise.resolve({ kind: 'failure', error: notAFunction(work) })
    return this.whole(work, options, input, TO_OUTCOME) as Promise<Outcome<unknown>>
  }

  /** Runs inside of a call that is no attempt of ours: sees its deadline, and ends with its signal. */
  executeWithin(call: Call, work: Work<unknown>, input: unknown): Promise<unknown> {
    return this.within(call, work, input, TO_PROMISE)
  }

  /** As `executeWithin`; never rejects, and says which policy ended it. */
  endWithin(call: Call, work: Work<unknown>, input: unknown): Promise<CallEnd> {
    return this.within(call, work, input, TO_END) as Promise<CallEnd>
  }

  /** Runs a call of the stretch around this one. */
  run(parent: Outer, now: number = this.read()): void {
    const invocation = new Invocation(this, parent.work)
    invocation.input = parent.input
    invocation.startInside(parent, now)
  }

  /** The record of a call that turns out to be more than its first attempt. */
  wholeOf(first: Attempt): Invocation {
    const whole = new Invocation(this, first.work)
    whole.takeOver(first)
    return whole
  }

  /** Puts a first attempt under the shorter of its own time and the whole call's; whether that is the whole's. */
  watchTime(attempt: Attempt): boolean {
    const { attemptTimeout, totalTimeout } = this
    const isBound = totalTimeout !== null && totalTimeout.timeoutMs < this.timeoutMs
    const timeout = isBound ? totalTimeout : attemptTimeout
    if (timeout !== null) timeout.line(this.timeline).join(attempt, attempt.startedAt)
    return isBound
  }

  /** Whether a success of the first attempt needs nothing but to be counted. */
  get isSimple(): boolean {
    return !this.asksByCall && (this.retry === null || !this.retry.judgesResults)
  }

  /** Everything that a call's beginning means, whichever record it has. */
  began(call: Beginning): void {
    const { meter, retry } = this
    if (meter !== null) meter.started()
    if (this.carriesContext) call.context ??= callerContext()
    if (retry !== null && retry.budget !== undefined && !this.isCounted)
      retry.called(call.startedAt ?? this.lastRead)
  }

  private plainFirst(work: Work<unknown>, input: unknown): Promise<unknown> {
    return this.plain(work, input) ?? this.unlessShut(work, input)
  }

  private unlessShut(work: Work<unknown>, input: unknown): Promise<unknown> {
    const { breaker, rate } = this
    if (breaker === null || breaker.gate !== GATE_SHUT || rate !== null) return this.recorded(work, input)
    return shortCircuit(this, breaker, input) ?? this.recorded(work, input)
  }

  private recorded(work: Work<unknown>, input: unknown): Promise<unknown> {
    const attempt = new Attempt(this, work, this.startTime())
    const promise = promiseOf(attempt)
    if (input !== undefined) attempt.input = input
    this.began(attempt)
    enter(attempt)
    return promise
  }

  private within(call: Call, work: Work<unknown>, input: unknown, sink: Sink): Promise<unknown> {
    const invocation = new Invocation(this, work)
    const promise = promiseOf(invocation)
    invocation.input = input
    invocation.sink = sink
    invocation.startWithin(new GivenCall(call), call.signal, this.read())
    return promise
  }

  // What the promise resolves with is what the sink says.
  private whole(
    work: Work<unknown>,
    options: CallOptions | undefined,
    input: unknown,
    sink: Sink,
  ): Promise<unknown> {
    const invocation = new Invocation(this, work)
    const promise = promiseOf(invocation)
    invocation.input = input
    invocation.sink = sink
    const error = options === undefined ? undefined : callOptionsError(options)
    if (error !== undefined) invocation.settle({ kind: 'failure', error })
    else if (options === undefined) invocation.start(this.startTime())
    else invocation.startWith(options, this.read())
    return promise
  }
}

function hasAny(...parts: readonly (object | null)[]): boolean {
  return parts.some((part) => part !== null)
}
