/**
 * The options of a retry, their defaults and their check.
 */
import { readOptions, systemRandom } from '@breakwater/kernel'
import type { Clock, OutcomeKind, Random } from '@breakwater/kernel'
import { decorrelated, isBackoff } from '../backoff/backoff.js'
import type { Backoff } from '../backoff/backoff.js'
import { MAX_NAME_LENGTH } from '../common-options.js'
import { RetryBudget } from './retry-budget.js'

/** Whether an error is worth another attempt; `attempt` is the one that failed, 1 = the first. */
export type RetryIf = (
  error: unknown,
  failed: { readonly kind: OutcomeKind; readonly attempt: number },
) => boolean

export interface RetryOptions {
  /** Further attempts after the first, 0 to 1000. Default 2. */
  readonly maxRetries?: number | undefined
  /** The wait before each. Default `decorrelated({ baseMs: 100, maxMs: 2_000 })`. */
  readonly backoff?: Backoff | undefined
  /** Limits all retries that share it. Default: none. */
  readonly budget?: RetryBudget | undefined
  /** Default: failures and timeouts that are no rejection of ours. Never asked about cancelled and ignored calls. A throw means no. */
  readonly retryIf?: RetryIf | undefined
  /** Whether an answer is worth another attempt, such as a response with status 503. Default: none is. */
  readonly retryOnResult?: ((value: unknown, attempt: number) => boolean) | undefined
  /** Wait at least as long as `error.retryAfterMs` says. Default `true`. */
  readonly retryAfter?: boolean | undefined
  /** An error that asks for a longer wait than this is not retried. Default 30 000 ms. */
  readonly maxRetryAfterMs?: number | undefined
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** Options as they are in force. */
export interface ResolvedRetry {
  readonly maxRetries: number
  readonly backoff: Backoff
  readonly budget: RetryBudget | undefined
  readonly retryIf: RetryIf | undefined
  readonly retryOnResult: ((value: unknown, attempt: number) => boolean) | undefined
  readonly retryAfter: boolean
  readonly maxRetryAfterMs: number
  readonly name: string | undefined
  readonly clock: Clock | undefined
  readonly random: Random
}

const KEYS = [
  'maxRetries',
  'backoff',
  'budget',
  'retryIf',
  'retryOnResult',
  'retryAfter',
  'maxRetryAfterMs',
  'name',
  'clock',
  'random',
] as const
const DEFAULT_BACKOFF: Backoff = decorrelated({ baseMs: 100, maxMs: 2_000 })
const MAX_RETRIES = 1_000

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveRetryOptions(options: RetryOptions | undefined): ResolvedRetry {
  const read = readOptions('Retry', options, KEYS)
  const resolved: ResolvedRetry = {
    maxRetries: read.integer('maxRetries', 2, { min: 0, max: MAX_RETRIES }),
    backoff: read.custom<Backoff, Backoff>('backoff', DEFAULT_BACKOFF, (value) =>
      isBackoff(value) ? undefined : 'a back-off: constant(), linear(), exponential() or decorrelated()',
    ),
    budget: read.instance('budget', undefined, RetryBudget),
    retryIf: read.fn<RetryIf>('retryIf'),
    retryOnResult: read.fn<(value: unknown, attempt: number) => boolean>('retryOnResult'),
    retryAfter: read.boolean('retryAfter', true),
    maxRetryAfterMs: read.durationMs('maxRetryAfterMs', 30_000),
    name: read.string('name', undefined, { maxLength: MAX_NAME_LENGTH }),
    clock: read.clock('clock', undefined),
    random: read.random('random', systemRandom),
  }
  read.finish()
  return Object.freeze(resolved)
}
