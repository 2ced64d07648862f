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
  return attempt.whole?.hadTurn === true || rate.tryTake(attempt.runner.lastRead) || seekTurn(attempt, rate)
}

function seekTurn(attempt: Attempt, rate: RatePart): boolean {
  const now = attempt.runner.clock.now()
  const turn = new Turn(attempt, now)
  const answer = rate.enter(turn, now)
  if (attempt.phase !== NEW) {
    // The call was aborted by what the limit told.
    if (answer === WAITING) rate.leave(turn)
  } else if (answer === ADMITTED) {
    return true
  } else {
    attempt.phase = ENDED
    if (answer === WAITING) attempt.invocation.waitForTurn(rate, turn)
    else conclude(attempt, { kind: 'rejected', error: answer }, 'rate-limiter', undefined)
  }
  return false
}

class Turn implements TurnSeeker {
  constructor(
    private readonly attempt: Attempt,
    private readonly now: number,
  ) {}

  get leftMs(): number {
    return this.attempt.invocation.endsAt() - this.now
  }

  granted(): void {
    this.attempt.invocation.takeTurn()
  }

  refused(error: BreakwaterError): void {
    const { invocation } = this.attempt
    invocation.turnIsOver()
    conclude(invocation, { kind: 'rejected', error }, 'rate-limiter', undefined)
  }
}
