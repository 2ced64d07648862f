/**
 * A retry as one command uses it. Counts and events are the command's own: the retry behind may be shared with other
 * commands, and an update may replace it, while counters go on and listeners stay.
 */
import type { Retry, RetryEvents } from '@breakwater/breaker'
import type { Emitter, FailedAttempt, Outcome, RetryCounts, RetryPart, Stage } from '@breakwater/kernel'

/** What happened to the further attempts of a command. */
export class RetryLedger {
  readonly counts: { -readonly [K in keyof RetryCounts]: RetryCounts[K] } = {
    attempts: 0,
    success: 0,
    failure: 0,
    exhausted: 0,
  }
  events: Emitter<Pick<RetryEvents, 'retry'>> | null = null
}

/** The stage of `retry` that keeps its books in `ledger`. */
export function retryStage(retry: Retry, ledger: RetryLedger): Stage {
  const { part, clock, describe } = retry.stage
  // A retry fills the slot of the retry, and no other.
  return { slot: 'retry', part: new CommandRetry(part as RetryPart, retry, ledger), clock, describe }
}

class CommandRetry implements RetryPart {
  readonly judgesResults: boolean
  readonly budget: RetryPart['budget']

  constructor(
    private readonly part: RetryPart,
    private readonly retry: Retry,
    private readonly ledger: RetryLedger,
  ) {
    this.judgesResults = part.judgesResults
    this.budget = part.budget
  }

  called(now: number): void {
    this.part.called(now)
  }

  wants(outcome: Outcome<unknown>, attempt: number): boolean {
    return this.part.wants(outcome, attempt)
  }

  delayMs(failed: FailedAttempt, now: number): number | undefined {
    const delayMs = this.part.delayMs(failed, now)
    if (delayMs === undefined) return undefined
    const { counts, events } = this.ledger
    counts.attempts++
    events?.emit('retry', { attempt: failed.attempt + 1, delayMs, outcome: failed.outcome, at: now })
    return delayMs
  }

  ended(recovered: boolean, gaveUp: boolean): void {
    const { retry, ledger } = this
    const before = retry.counts
    this.part.ended(recovered, gaveUp)
    const after = retry.counts
    for (const how of ['success', 'failure', 'exhausted'] as const)
      ledger.counts[how] += after[how] - before[how]
  }
}
