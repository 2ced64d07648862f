/**
 * One attempt of a call: what the work sees of it, and its run (`entry.ts` and `exit.ts` are the way in and out). It goes
 * through its phases once; whatever comes after its end finds it ended. One class without a base, which would be dearer.
 */
import type { Call, Work } from '../call.js'
import type { MonotonicMs } from '../clock.js'
import { leave } from '../core/arrivals.js'
import type { Waiting } from '../core/arrivals.js'
import type { Outcome, OutcomeKind } from '../outcome.js'
import { cameLate, overTime, runsOn } from './abandoning.js'
import { endOf } from './attempt-time.js'
import { runIn } from './caller-context.js'
import type { CallerContext } from './caller-context.js'
import { waitedTooLong } from './entry.js'
import { waitedInVain, workEnded, workFailed } from './exit.js'
import type { Ending } from './exit.js'
import { Extras } from './extras.js'
import type { Inner, Outer, WorkLeft } from './inside.js'
import type { Invocation } from './invocation.js'
import { ABANDONED, ENDED, NEW, QUEUED, RUNNING } from './phase.js'
import type { Promising } from './promising.js'
import type { Runner } from './runner.js'
import type { Admission, SlotSeeker } from './stage.js'
import { runWork } from './work.js'

export class Attempt implements Call, Promising, SlotSeeker, Admission, Waiting, Ending, Outer {
  /** Of a command: its arguments, for the work and the fallback. */
  input: unknown = undefined
  /** The record of the whole call, once it needs one of its own. */
  whole: Invocation | null = null
  private extras: Extras | null = null
  private controller: AbortController | null = null
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  generation = 0
  /** What the whole call needs, while this is all there is of it. */
  context: CallerContext | null = null
  resolve: Promising['resolve'] = undefined
  reject: Promising['reject'] = undefined
  phase: number = NEW

  constructor(
    readonly runner: Runner,
    readonly work: Work<unknown>,
    /** When it was admitted; absent when the clock was not read. */
    public startedAt: number | undefined,
  ) {}

  /** The whole call, which this attempt makes when there is no record of it so far. */
  get invocation(): Invocation {
    return (this.whole ??= this.runner.wholeOf(this))
  }

  /** Of this stretch; 1 = its first. */
  get number(): number {
    return this.extras === null ? 1 : this.extras.number
  }

  /** A run that this one waits for: the next stretch of the pipeline. */
  get child(): Inner | null {
    return this.extras === null ? null : this.extras.child
  }

  set child(child: Inner | null) {
    this.more.child = child
  }

  /** Whether the time that runs in the deadline line is the whole call's. */
  get boundByTotal(): boolean {
    return this.extras?.boundByTotal === true
  }

  set boundByTotal(isBound: boolean) {
    if (isBound || this.extras !== null) this.more.boundByTotal = isBound
  }

  get lease(): object | null {
    return this.extras === null ? null : this.extras.lease
  }

  set lease(lease: object | null) {
    this.more.lease = lease
  }

  get reason(): unknown {
    return this.extras?.reason
  }

  /** What few attempts have, made for this one at its first need. */
  get more(): Extras {
    return (this.extras ??= new Extras())
  }

  get isOver(): boolean {
    return this.phase >= ENDED || this.whole?.isOver === true
  }

  /** Whether no work was started for it so far. */
  get neverRan(): boolean {
    return this.phase < RUNNING || this.child?.neverRan === true
  }

  get attempt(): number {
    return this.whole === null ? this.number : this.whole.attemptsBefore + this.number
  }

  /** The work was tried again in an inner stretch. */
  triedInside(attempt: number): void {
    this.invocation.triedAgain(attempt)
  }

  answers(): void {
    if (this.runner.retry?.judgesResults !== true) this.whole?.answers()
  }

  get name(): string | undefined {
    return this.runner.name
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      if (this.phase >= ABANDONED) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  get deadline(): MonotonicMs | undefined {
    const endsAt = endOf(this)
    return endsAt === Infinity ? undefined : endsAt
  }

  remainingMs(): number {
    const { deadline } = this
    return deadline === undefined ? Infinity : Math.max(0, deadline - this.runner.clock.now())
  }

  /** Starts the work of an admitted attempt. */
  launch(): void {
    const { whole, runner } = this
    this.phase = RUNNING
    if (whole === null) this.boundByTotal = runner.watchTime(this)
    else whole.watchTime(this)
    if (runner.inside === null) runWork(this.work, this)
    else runner.inside.run(this)
  }

  /** A slot in the queue's turn. */
  granted(): void {
    leave(this)
    const { runner, invocation } = this
    this.at = undefined
    this.startedAt = runner.clock.now()
    if (invocation.endsUnstarted(this.startedAt)) runner.limit?.release(this)
    else runIn(invocation.context, this.launch, this)
  }

  /** The time of this phase is over. Whoever is asked or told hears it in the caller's context, where that is kept. */
  expire(): void {
    const { context } = this.whole ?? this
    runIn(context, this.timeIsOver, this)
  }

  private timeIsOver(): void {
    const { attemptTimeout, limit } = this.runner
    if (this.boundByTotal) this.invocation.overTime()
    else if (this.phase !== QUEUED) {
      if (attemptTimeout !== null) overTime(this, attemptTimeout)
    } else if (limit !== null) waitedTooLong(this, limit)
  }

  /** Tells the work, after all state is final: its listeners are foreign code. */
  abortSignal(kind: 'timeout' | 'cancelled', reason: unknown): void {
    this.child?.drop(kind, reason)
    this.controller?.abort(reason)
  }

  get isPending(): boolean {
    return this.whole === null || this.whole.isPending
  }

  get isDone(): boolean {
    return this.whole?.isDone === true
  }

  get lastAttempt(): number {
    return this.whole === null ? 1 : this.whole.lastAttempt
  }

  concluded(): void {
    this.whole?.concluded()
  }

  settle(outcome: Outcome<unknown>, policy?: string): void {
    if (this.whole !== null) this.whole.settle(outcome, policy)
    else if (outcome.kind === 'success') this.resolve?.(outcome.value)
    else {
      if (outcome.kind !== 'cancelled') this.runner.meter?.threw()
      this.reject?.(outcome.error)
    }
  }

  /** The work answered. */
  fulfilled(value: unknown): void {
    const { runner } = this
    const isSimple = this.whole === null && this.lease === null && runner.isSimple
    if (this.phase !== RUNNING || !isSimple) {
      this.ended({ kind: 'success', value })
      return
    }
    this.phase = ENDED
    leave(this)
    runner.simpleSuccess(value, this.generation, this.startedAt)
    this.resolve?.(value)
  }

  /** The work failed. */
  failed(error: unknown): void {
    workFailed(this, error)
  }

  /** The work ended, or the next stretch of the pipeline, which ran as the work. */
  ended(outcome: Outcome<unknown>, policy?: string, left: WorkLeft = 'none'): void {
    if (this.phase !== RUNNING) {
      this.cameLate(outcome.kind)
      return
    }
    leave(this)
    const { runner } = this
    // A trial's end is timed exactly, whatever the calls around it believe in.
    const now = this.lease === null ? runner.endTime(this.startedAt) : runner.clock.now()
    this.phase = ENDED
    // Before a slot is given back that others of the same call may wait for.
    if (outcome.kind === 'success') this.answers()
    if (left === 'runs on') runsOn(this, runner.limit)
    else if (runner.limit !== null) runner.limit.release(this)
    if (left === 'never began' && outcome.kind === 'timeout') waitedInVain(this, outcome, policy, now)
    else workEnded(this, outcome, policy, now)
  }

  /** Work that nobody waited for has ended. */
  cameLate(kind: OutcomeKind): void {
    cameLate(this, kind)
  }
}
