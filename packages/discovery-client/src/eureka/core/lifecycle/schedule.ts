/**
 * When to ask again. Java waits exactly its interval after every run, so a fleet that started together stays together, and
 * doubles the wait only after a timeout. Here every period is spread by a tenth either way, and after failed
 * registrations and fetches the waits grow from a quarter of the interval to the whole: freshness comes back soon, and no herd forms.
 */
import type { Random } from '@breakwater/kernel'

/** Share of the interval by which a healthy period may differ (E8). */
const SPREAD = 0.1
const FIRST_RETRY_SHARE = 1 / 4

/** The time from one periodic request to the next: within a tenth of `intervalMs`, evenly spread. */
export function periodMs(intervalMs: number, random: Random): number {
  return intervalMs * (1 - SPREAD + 2 * SPREAD * random.next())
}

/**
 * The wait after the `failures`-th failure in a row (1 = the first): it doubles from a quarter of the interval up to the interval,
 * and half of it is by chance.
 */
export function retryDelayMs(intervalMs: number, failures: number, random: Random): number {
  const wholeMs = intervalMs * Math.min(1, FIRST_RETRY_SHARE * 2 ** Math.max(0, failures - 1))
  return wholeMs / 2 + (wholeMs / 2) * random.next()
}

/** How a registration failed. */
export interface RegistrationFailure {
  /** By a 400: sending the same again cannot help. */
  readonly isRefused: boolean
  /** For so long the server wants to be left alone. */
  readonly retryAfterMs?: number | undefined
}

interface RegistrationWaits {
  readonly renewalIntervalMs: number
  /** So many intervals are the longest wait. */
  readonly backOffBound: number
}

/** The wait after the `failures`-th failure in a row; after a refusal the longest, spread like a period. */
export function registrationDelayMs(
  { isRefused, retryAfterMs = 0 }: RegistrationFailure,
  failures: number,
  { renewalIntervalMs, backOffBound }: RegistrationWaits,
  random: Random,
): number {
  const longestMs = renewalIntervalMs * backOffBound
  if (isRefused) return periodMs(longestMs, random)
  return Math.max(retryDelayMs(renewalIntervalMs, failures, random), Math.min(retryAfterMs, longestMs))
}
