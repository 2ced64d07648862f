/**
 * The rate limit of a command: how many of its calls begin in a time, whatever their attempts.
 */
import { RateLimiter } from '@breakwater/breaker'
import { fillsSlot } from '@breakwater/kernel'
import type { ResolvedCommand } from './command-options.js'

/** The options of a rate limiter that can be changed while it works. */
export const RATE_KEYS = ['rate', 'perMs', 'burst', 'warmUp', 'queue'] as const

export function makeRate({ rate, name, clock }: ResolvedCommand): RateLimiter | undefined {
  return rate === undefined || fillsSlot(rate, 'rate') ? rate : new RateLimiter({ name, clock, ...rate })
}
