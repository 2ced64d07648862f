/**
 * Runs a retry over work that fails as it is told.
 */
import type { Outcome } from '@breakwater/kernel'
import { seededRandom, SimClock } from '@breakwater/testing'
import { constant } from '../backoff/backoff.js'
import { Retry } from './retry.js'
import type { RetryOptions } from './retry-options.js'

export interface Run {
  readonly outcome: Outcome<unknown>
  /** When each attempt began. */
  readonly attempts: readonly number[]
  readonly endedAt: number
  readonly retry: Retry
}

/** Runs work that fails with the given errors, one for each attempt, and answers after that. */
export async function run(options: RetryOptions, ...errors: unknown[]): Promise<Run> {
  const clock = new SimClock()
  const attempts: number[] = []
  const retry = new Retry({ backoff: constant({ ms: 10 }), random: seededRandom(1), ...options, clock })
  let endedAt = -1
  const pending = retry.outcome(() => {
    attempts.push(clock.now())
    if (attempts.length <= errors.length) throw errors[attempts.length - 1]
    return `attempt ${attempts.length}`
  })
  void pending.then(() => (endedAt = clock.now()))
  await clock.advance(1_000_000)
  return { outcome: await pending, attempts, endedAt, retry }
}

export const down = (text = 'down'): Error => new Error(text)
export const asking = (retryAfterMs: unknown): Error => Object.assign(new Error('busy'), { retryAfterMs })
