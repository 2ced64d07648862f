/**
 * Calls with retries, and the times at which their attempts began.
 */
import type { CallOptions, Policy } from '@breakwater/kernel'
import type { SimClock } from '@breakwater/testing'
import { constant } from '../backoff/backoff.js'
import { Retry } from './retry.js'
import type { RetryOptions } from './retry-options.js'

export const down = (): never => {
  throw new Error('down')
}
export const never = (): Promise<never> => new Promise(() => undefined)

/** When each attempt began, and how and when the call ended. */
export async function watch(
  clock: SimClock,
  policy: Policy,
  work: () => unknown = down,
  options?: CallOptions,
): Promise<{ attempts: number[]; end: string; at: number }> {
  const began = clock.now()
  const attempts: number[] = []
  let ended: { end: string; at: number } | undefined
  const outcome = policy.outcome(() => {
    attempts.push(clock.now() - began)
    return work()
  }, options)
  void outcome.then(({ kind }) => (ended = { end: kind, at: clock.now() - began }))
  await clock.advance(100_000)
  if (ended === undefined) throw new Error('the call never ended')
  return { attempts, ...ended }
}

export const every = (ms: number, clock: SimClock, options: RetryOptions = {}): Retry =>
  new Retry({ maxRetries: 9, backoff: constant({ ms }), clock, ...options })
