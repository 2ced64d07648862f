/** What an attempt may take, of what is said about its request. */
import type { Clock } from '@breakwater/kernel'
import type { ExchangeLimits } from '../wire/exchange.js'
import type { ResolvedRequest } from './request-options.js'

export function limitsOf(options: ResolvedRequest, clock: Clock): ExchangeLimits {
  const { timeoutMs, attemptTimeoutMs, bodyTimeoutMs, bodyIdleTimeoutMs, maxBodyBytes, endsWith } = options
  // While the whole time runs, which is the request's affair, nobody needs to watch for pauses longer than that.
  const isBounded = endsWith === 'body' && timeoutMs <= (bodyIdleTimeoutMs ?? Infinity)
  return Object.freeze({
    clock,
    headTimeoutMs: attemptTimeoutMs,
    bodyTimeoutMs,
    bodyIdleTimeoutMs: isBounded ? undefined : bodyIdleTimeoutMs,
    maxBodyBytes,
    deadlineCoversBody: endsWith === 'body',
  })
}
