/** The option that limits the calls in flight to each instance: its shape, defaults and check. */
import { AIMD_RULES, AimdLimit } from '@breakwater/breaker'
import type { AimdRules } from '@breakwater/breaker'
import type { OptionReader } from '@breakwater/kernel'
import type { LimitRules } from './core/host-limits.js'
import type { WaitingRules } from './waiting-line.js'

/**
 * How many calls may be in flight to one instance. The limit of each is found out: it grows by one for each limit's worth of good answers while at
 * least half of it is used, and shrinks when the instance drops a call: a timeout, a failure that is `throttled` (429) or of a `gateway` (503),
 * or an answer that took too long. Aborted calls, losers of hedges, answers that are nobody's fault and other failures change nothing.
 *
 * After the AIMD limit of Netflix's concurrency-limits, one for each host as in Palantir's Dialogue.
 *
 * @example
 * ```ts
 * import { createBalancer, StaticSource } from '@breakwater/discovery-client'
 *
 * const source = new StaticSource({ users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] })
 * using users = createBalancer({ source, service: 'users', limit: { initial: 1 } })
 * const first = users.pick({ exclude: ['127.0.0.1:9002'] })
 * const second = users.pick()
 * console.log(second.instance.port, second.why.exclusions[0]?.reason) // 9002 full
 * try {
 *   users.pick()
 * } catch (error) {
 *   console.log((error as Error).name) // BulkheadFullError
 * }
 * first.done('success')
 * second.done('failure', undefined, 'throttled')
 * console.log(users.snapshot().instances.map(({ limit }) => limit)) // [ 2, 1 ]
 * ```
 */
export interface LimitOptions {
  /** The lowest limit of an instance, from 1. Default 1. */
  readonly min?: number | undefined
  /** The highest limit of an instance, to 1 000 000. Default 200, or `min` if that is more. */
  readonly max?: number | undefined
  /** The limit of an instance that is new, between `min` and `max`. Default 20, or what of it is possible. */
  readonly initial?: number | undefined
  /** What is left of a limit after a drop, from 0.01 to 0.99. Default 0.9. */
  readonly backoffRatio?: number | undefined
  /** Answers that take longer count as dropped, in milliseconds. Default 5 000. */
  readonly slowerThanMs?: number | undefined
  /** Where calls of `execute` wait while all instances are full; `pick` never waits. Default: nobody waits. */
  readonly queue?: LimitQueueOptions | undefined
}

/** Who waits for an instance that has room. */
export interface LimitQueueOptions {
  /** Calls that may wait, 0 to 1 000 000. Default 0. */
  readonly limit?: number | undefined
  /** How long one may wait, in milliseconds. Default: as long as its deadline allows. */
  readonly maxWaitMs?: number | undefined
  /** Who goes first: who waits longest, or who came last (for overload). Default `fifo`. */
  readonly order?: 'fifo' | 'lifo' | undefined
}

const MAX_LIMIT = 1_000_000
const INITIAL = 20
const KEYS = ['min', 'max', 'initial', 'backoffRatio', 'slowerThanMs', 'queue'] as const

/** Limits, and who may wait where all are met. */
export interface ResolvedLimit extends LimitRules {
  readonly queue: WaitingRules | undefined
}

export function readLimit(read: OptionReader<'limit'>): ResolvedLimit | undefined {
  if (!read.has('limit') || read.value('limit') === false) return undefined
  const limit = read.nested('limit', KEYS)
  const min = limit.integer('min', AIMD_RULES.min, { min: 1, max: MAX_LIMIT })
  const max = limit.integer('max', Math.max(min, AIMD_RULES.max), { min: 1, max: MAX_LIMIT })
  if (max < min) limit.issue('max', max, `at least min, ${String(min)}`)
  const initial = limit.integer('initial', undefined, { min, max: Math.max(min, max) })
  const first = initial ?? Math.min(max, Math.max(min, INITIAL))
  const rules: AimdRules = Object.freeze({
    min,
    max,
    backoffRatio: limit.number('backoffRatio', AIMD_RULES.backoffRatio, { min: 0.01, max: 0.99 }),
    slowerThanMs: limit.durationMs('slowerThanMs', AIMD_RULES.slowerThanMs, { min: 1 }),
  })
  const { slowerThanMs } = rules
  return { initial: first, slowerThanMs, begin: () => new AimdLimit(first, rules), queue: readQueue(limit) }
}

function readQueue(limit: OptionReader<'queue'>): WaitingRules | undefined {
  const read = limit.nested('queue', ['limit', 'maxWaitMs', 'order'])
  const queue: WaitingRules = {
    limit: read.integer('limit', 0, { min: 0, max: MAX_LIMIT }),
    maxWaitMs: read.durationMs('maxWaitMs', undefined) ?? Infinity,
    order: read.oneOf('order', 'fifo', ['fifo', 'lifo']),
  }
  return queue.limit === 0 ? undefined : queue
}
