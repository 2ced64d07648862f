/**
 * A call's turn at the rate limit, which stands outside of its retries: asked for once, before the first attempt.
 */
import type { BreakwaterError } from '../errors.js'
import type { Attempt } from './attempt.js'
import { conclude } from './exit.js'
import { ENDED, NEW } from './phase.js'
import { ADMITTED, WAITING } from './stage.js'
import type { RatePart, TurnSeeker } from './stage.js'

/** Whether a first attempt may begin now. Otherwise its call waits or ends. */
export function hasTurn(attempt: Attempt, rate: RatePart): boolean {
  if (attempt.whole?.hadTurn === true) return true
  // A hedge brings the time of its attempts with it: this stretch may have read none for long.
  const now = attempt.startedAt ?? attempt.runner.lastRead
  return rate.tryTake(now) || seekTurn(attempt, rate)
}

function seekTurn(attempt: Attempt, rate: RatePart): boolean {
  const now = attempt.runner.clock.now()
  const turn = new Turn(attempt, now)
  const asked = rate.enter(turn, now)
  const answer = asked === WAITING ? turn.answer : asked
  if (attempt.phase !== NEW) {
    // The call was aborted by what the limit told.
    if (answer === WAITING) rate.leave(turn)
  } else if (answer === ADMITTED) {
    return true
  } else {
    attempt.phase = ENDED
    if (answer === WAITING) turn.wait(rate)
    else conclude(attempt, { kind: 'rejected', error: answer }, 'rate-limiter', undefined)
  }
  return false
}

class Turn implements TurnSeeker {
  /** What it has got while the limit still told that it waits: who hears of that may change the rate. */
  answer: ReturnType<RatePart['enter']> = WAITING
  private isWaiting = false

  constructor(
    private readonly attempt: Attempt,
    private readonly now: number,
  ) {}

  get leftMs(): number {
    return this.attempt.invocation.endsAt() - this.now
  }

  wait(rate: RatePart): void {
    this.isWaiting = true
    this.attempt.invocation.waitForTurn(rate, this)
  }

  granted(): void {
    if (this.isWaiting) this.attempt.invocation.takeTurn()
    else this.answer = ADMITTED
  }

  refused(error: BreakwaterError): void {
    if (!this.isWaiting) {
      this.answer = error
      return
    }
    const { invocation } = this.attempt
    invocation.turnIsOver()
    conclude(invocation, { kind: 'rejected', error }, 'rate-limiter', undefined)
  }
}
