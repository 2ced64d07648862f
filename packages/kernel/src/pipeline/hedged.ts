/**
 * Several runs of what is inside of a hedge, beside each other, as one attempt of the stretch around it. The first that
 * answers is the attempt's end, and the others are dropped: their guards hear `cancelled`, their work its signal.
 */
import type { Work } from '../call.js'
import type { MonotonicMs } from '../clock.js'
import { leave } from '../core/arrivals.js'
import type { Waiting } from '../core/arrivals.js'
import { HedgeLostError } from '../errors.js'
import type { FailedOutcome, Outcome, OutcomeKind } from '../outcome.js'
import type { Attempt } from './attempt.js'
import { callerContext } from './caller-context.js'
import type { CallerContext } from './caller-context.js'
import type { Inner, Inside, Outer, WorkLeft } from './inside.js'
import type { Runner } from './runner.js'
import type { CallEnd, HedgePart, NextHedge } from './stage.js'

export class Hedged implements Inside {
  readonly endsByTimer: boolean
  constructor(
    readonly part: HedgePart,
    readonly inner: Runner,
    /** Whether the budget has counted the call already, further outside. */
    readonly isCounted: boolean,
  ) {
    this.endsByTimer = inner.endsByTimer
  }

  run(attempt: Attempt): void {
    const race = new Race(this, attempt)
    attempt.child = race
    race.begin(attempt.startedAt ?? this.inner.clock.now())
  }
}

/** The runs of one attempt. */
class Race implements Waiting, Inner {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  private readonly legs: Leg[] = []
  /** Legs whose work may still run. */
  private open = 0
  isOver = false
  /** Whether a leg has answered, of which the others are about to be told. */
  isAnswered = false
  private context: CallerContext | null = null

  constructor(
    readonly hedged: Hedged,
    readonly attempt: Attempt,
  ) {}

  begin(now: number): void {
    const { attempt, hedged } = this
    hedged.part.called(now, hedged.isCounted)
    if (hedged.part.maxHedges > 0) this.context = attempt.whole?.context ?? attempt.context ?? callerContext()
    const hedgesBefore = attempt.whole === null ? 0 : attempt.whole.hedges
    this.start(attempt.attempt + hedgesBefore, now)
    this.watch(now)
  }

  get neverRan(): boolean {
    return this.legs.every(({ neverRan }) => neverRan)
  }

  /** The last leg is slow. */
  expire(): void {
    this.context?.runInAsyncScope(this.isSlow, this)
  }

  private isSlow(): void {
    const now = this.hedged.inner.clock.now()
    // One that waits for a slot would only get company in the queue.
    if (this.legs.at(-1)?.neverRan === true || this.goesOn('slow', now)) this.watch(now)
  }

  drop(kind: 'timeout' | 'cancelled', error: unknown): void {
    if (this.isOver) return
    this.conclude()
    const { part, inner } = this.hedged
    const now = inner.clock.now()
    for (const leg of this.running()) {
      // The caller's abort says nothing of how long it would have taken.
      if (kind === 'timeout') part.ended(kind, now - leg.startedAt, now)
      leg.child?.drop(kind, error)
    }
  }

  /** A leg ended. */
  legEnded(leg: Leg, end: CallEnd, left: WorkLeft): void {
    const { outcome } = end
    const { kind } = outcome
    if (left !== 'runs on') this.open--
    if (this.isOver) {
      this.noneLeft(kind)
      return
    }
    const { part, inner } = this.hedged
    const now = inner.clock.now()
    part.ended(kind, now - leg.startedAt, now)
    if (outcome.kind !== 'success' && kind !== 'ignored' && kind !== 'cancelled') {
      this.failed(leg, end, outcome, now)
      return
    }
    this.settle(end)
    if (kind === 'success' && leg !== this.legs[0]) part.won(leg.attempt, now)
  }

  /** Work of a leg that nobody waited for has ended. */
  legCameLate(kind: OutcomeKind): void {
    this.open--
    if (this.isOver) this.noneLeft(kind)
  }

  private failed(leg: Leg, end: CallEnd, outcome: FailedOutcome, now: number): void {
    const wantsMore = this.mayGoOn && this.hedged.part.wants(outcome, leg.attempt)
    if (wantsMore && !this.isOver && this.goesOn('failed', now)) this.watch(now)
    // Who was asked or told may have aborted the call, of whose work this may be the last.
    if (this.isOver) this.noneLeft(outcome.kind)
    else if (this.running().length === 0) this.settle(this.legs[0]?.end ?? end)
  }

  private get mayGoOn(): boolean {
    return this.legs.length <= this.hedged.part.maxHedges
  }

  // Begins another leg, of which there may be one, if it may begin now; whether it did.
  private goesOn(reason: NextHedge['reason'], now: number): boolean {
    const { whole, attempt } = this.attempt
    const next = attempt + (whole === null ? 0 : whole.hedges) + 1
    const isOverTime = this.attempt.remainingMs() === 0
    if (isOverTime || !this.hedged.part.mayBegin({ attempt: next, reason }, now)) return false
    // Who was told may have ended the call, or another leg.
    if (this.isOver || !this.mayGoOn) return false
    this.attempt.invocation.hedged()
    this.context?.runInAsyncScope(this.start, this, next, now)
    return true
  }

  private start(number: number, now: number): void {
    const leg = new Leg(this, number, now)
    this.legs.push(leg)
    this.open++
    if (number > 1) this.attempt.triedInside(number)
    this.hedged.inner.run(leg, now)
  }

  // Waits for as long as the next leg has to.
  private watch(now: number): void {
    const { part, inner } = this.hedged
    leave(this)
    if (this.isOver || !this.mayGoOn) return
    const delayMs = part.delayMs(now)
    if (delayMs === undefined) return
    if (delayMs > 0) inner.timeline.line(delayMs).join(this, now)
    else if (this.goesOn('slow', now)) this.watch(now)
  }

  private settle({ outcome, policy }: CallEnd): void {
    this.conclude()
    const losers = this.running()
    this.attempt.ended(outcome, policy, this.workLeft)
    if (losers.length === 0) return
    const { part, inner } = this.hedged
    const error = new HedgeLostError('another attempt of the same call answered first')
    const now = inner.clock.now()
    for (const { startedAt } of losers) part.ended('cancelled', now - startedAt, now)
    for (const { child } of losers) child?.drop('cancelled', error)
  }

  private get workLeft(): WorkLeft {
    if (this.open > 0) return 'runs on'
    return this.neverRan ? 'never began' : 'none'
  }

  private conclude(): void {
    this.isOver = true
    this.attempt.child = null
    leave(this)
  }

  private noneLeft(kind: OutcomeKind): void {
    if (this.open === 0) this.attempt.cameLate(kind)
  }

  private running(): Leg[] {
    return this.legs.filter(({ end }) => end === undefined)
  }
}

/** One of them. */
class Leg implements Outer {
  child: Inner | null = null
  end: CallEnd | undefined = undefined
  left: WorkLeft = 'none'

  constructor(
    private readonly race: Race,
    readonly attempt: number,
    readonly startedAt: number,
  ) {}

  get whole(): Outer['whole'] {
    return this.race.attempt.whole
  }

  get work(): Work<unknown> {
    return this.race.attempt.work
  }

  get input(): unknown {
    return this.race.attempt.input
  }

  get deadline(): MonotonicMs | undefined {
    return this.race.attempt.deadline
  }

  get isOver(): boolean {
    return this.race.isOver || this.race.isAnswered || this.race.attempt.isOver
  }

  get neverRan(): boolean {
    if (this.child !== null) return this.child.neverRan
    return this.left === 'never began' || this.end?.outcome.kind === 'rejected'
  }

  ended(outcome: Outcome<unknown>, policy: string | undefined, left: WorkLeft): void {
    this.end = { outcome, policy }
    this.left = left
    this.race.legEnded(this, this.end, left)
  }

  cameLate(kind: OutcomeKind): void {
    if (this.left === 'runs on' || this.end === undefined) this.race.legCameLate(kind)
  }

  triedInside(attempt: number): void {
    this.race.attempt.triedInside(attempt)
  }

  answers(): void {
    this.race.isAnswered = true
    this.race.attempt.answers()
  }
}
