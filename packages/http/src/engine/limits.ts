/** What an attempt may take, of what its service says and its request. */
import type { Clock } from '@breakwater/kernel'
import type { ExchangeLimits } from '../wire/exchange.js'
import type { CallSettings, ResolvedService } from './settings.js'

/** Of all requests that say nothing else. */
export function limitsOf(options: ResolvedService, clock: Clock): ExchangeLimits {
  const { timeoutMs, attemptTimeoutMs, bodyTimeoutMs, bodyIdleTimeoutMs, maxBodyBytes, endsWith } = options
  // While the whole time runs, which is the request's affair, nobody needs to watch for pauses longer than that.
  const isBounded = endsWith === 'body' && timeoutMs <= (bodyIdleTimeoutMs ?? Infinity)
  return Object.freeze({
    clock,
    headTimeoutMs: attemptTimeoutMs,
    bodyTimeoutMs,
    bodyIdleTimeoutMs: isBounded ? undefined : bodyIdleTimeoutMs,
    maxBodyBytes,
    deadlineCoversBody: false,
  })
}

/** Of a request with settings of its own; undefined when these say nothing about it. */
export function ownLimits(
  options: ResolvedService,
  { attemptTimeoutMs, timeoutMs }: CallSettings,
  clock: Clock,
): ExchangeLimits | undefined {
  if (attemptTimeoutMs === undefined && timeoutMs === undefined) return undefined
  const attemptMs = attemptTimeoutMs === false ? undefined : (attemptTimeoutMs ?? options.attemptTimeoutMs)
  const wholeMs = timeoutMs === false ? Infinity : (timeoutMs ?? options.timeoutMs)
  return limitsOf({ ...options, timeoutMs: wholeMs, attemptTimeoutMs: attemptMs }, clock)
}
