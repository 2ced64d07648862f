/**
 * The shape of run in which nothing can settle a call early: the work's own promise gets one `.then`, with handlers
 * that all calls of one generation share.
 */
import type { Work } from '../call.js'
import { needsAnswer } from '../outcome.js'
import type { FailedOutcome } from '../outcome.js'
import type { Timeline } from '../timeline.js'
import { ClockReader } from './clock-reader.js'
import { PlainCall } from './plain-call.js'
import { Rejection } from './rejection.js'
import { GATE_FREE } from './stage.js'
import type { BreakerPart, LimitPart, MeterPart, RatePart } from './stage.js'
import { adopt, callWork, isPlainPromise, mayHaveThen } from './work.js'

/** What fills the slots that this shape needs. */
export interface PlainSlots {
  readonly name: string | undefined
  readonly timeline: Timeline
  readonly meter: MeterPart | null
  readonly rate: RatePart | null
  readonly breaker: BreakerPart | null
  readonly limit: LimitPart | null
}

export class PlainRunner extends ClockReader {
  readonly name: string | undefined
  readonly meter: MeterPart | null
  readonly rate: RatePart | null
  readonly breaker: BreakerPart | null
  readonly limit: LimitPart | null
  /** While calls follow each other fast, the works of one turn see the same, as long as none wants the signal. */
  private sharedCall: PlainCall | null = null
  private handlersGeneration = -1
  private onValue: ((value: unknown) => unknown) | undefined = undefined
  private onError: ((error: unknown) => PromiseLike<never>) | undefined = undefined

  constructor({ name, timeline, meter, rate, breaker, limit }: PlainSlots) {
    super(timeline)
    this.name = name
    this.meter = meter
    this.rate = rate
    this.breaker = breaker
    this.limit = limit
  }

  /** Counts the good end of a call whose only attempt a free gate admitted. */
  simpleSuccess(value: unknown, generation: number, startedAt: number | undefined): void {
    if (startedAt !== undefined) {
      this.timedSuccess(value, generation, startedAt)
      return
    }
    if (this.breaker !== null) this.refresh(this.breaker)
    this.countSuccess(value, generation)
  }

  /** Counts the bad end of such a call; answers what it is for everyone outside. */
  simpleFailure(
    error: unknown,
    generation: number,
    now: number,
    durationMs: number | undefined,
  ): FailedOutcome {
    const { breaker, limit, meter } = this
    const outcome: FailedOutcome = { kind: meter === null ? 'failure' : meter.kindOf(error), error }
    if (limit !== null) {
      limit.release()
      if (limit.sampler !== null) limit.sampler.ended(outcome, durationMs, now)
    }
    if (breaker === null) return outcome
    const kind = breaker.failed(outcome, generation, now, durationMs)
    return kind === 'ignored' ? { kind, error } : outcome
  }

  // Of one that need not know the time, after its breaker has heard it in this turn.
  private countSuccess(value: unknown, generation: number): void {
    const { breaker, limit, meter } = this
    if (limit !== null) limit.release()
    if (breaker !== null) breaker.succeeded(value, generation, undefined)
    if (meter !== null) meter.succeeded(undefined, 0)
  }

  private timedSuccess(value: unknown, generation: number, startedAt: number): void {
    const { breaker, limit, meter } = this
    const now = this.clock.now()
    if (limit !== null) {
      limit.release()
      if (limit.sampler !== null) limit.sampler.succeeded(value, now - startedAt, now)
    }
    if (breaker !== null) {
      breaker.advance(now)
      breaker.succeeded(value, generation, now - startedAt)
    }
    if (meter !== null) meter.succeeded(now - startedAt, now)
  }

  /** What the work or the fallback of a call sees that has no record of its own. */
  plainCall(): PlainCall {
    const { sharedCall } = this
    if (sharedCall !== null && !sharedCall.isTaken) return sharedCall
    const call = new PlainCall(this.name)
    if (!this.isFresh) return call
    Object.freeze(call)
    this.sharedCall = call
    return call
  }

  override turnEnded(): void {
    super.turnEnded()
    this.sharedCall = null
  }

  /** Runs a call that all guards admit at once; there is no answer when one of them does not. */
  protected plain(work: Work<unknown>, input: unknown): Promise<unknown> | undefined {
    const { breaker, limit, rate, meter } = this
    if (breaker !== null && breaker.gate !== GATE_FREE) return undefined
    const startedAt = this.startTime()
    if (limit !== null && !limit.tryTake()) return undefined
    if (rate !== null && !rate.tryTake(this.lastRead)) return undefined
    if (meter !== null) meter.started()
    const generation = breaker === null ? 0 : breaker.generation
    let result: unknown
    try {
      result = callWork(work, this.plainCall(), input)
      if (mayHaveThen(result)) {
        const promise = isPlainPromise(result) ? result : adopt(result)
        if (promise !== undefined) return this.follow(promise, generation, startedAt)
      }
    } catch (error) {
      return this.follow(Promise.reject(error), generation, startedAt)
    }
    // A call that was spared the time has ended in the turn in which the others of it were told.
    if (startedAt === undefined) this.countSuccess(result, generation)
    else this.timedSuccess(result, generation, startedAt)
    return Promise.resolve(result)
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
    const onValue = (value: unknown): unknown => this.succeeded(value, generation, undefined)
    const onError = (error: unknown): PromiseLike<never> => this.failed(error, generation, undefined)
    this.onValue = onValue
    this.onError = onError
  }

  private succeeded(value: unknown, generation: number, startedAt: number | undefined): unknown {
    this.simpleSuccess(value, generation, startedAt)
    return value
  }

  private failed(error: unknown, generation: number, startedAt: number | undefined): PromiseLike<never> {
    const { meter } = this
    const now = this.endTime(startedAt)
    const durationMs = startedAt === undefined ? undefined : now - startedAt
    const outcome = this.simpleFailure(error, generation, now, durationMs)
    if (meter !== null) {
      meter.ended(outcome, undefined, durationMs)
      if (needsAnswer(outcome.kind)) meter.answered('missing')
      meter.threw()
    }
    return new Rejection(error)
  }
}
