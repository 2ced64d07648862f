/**
 * What a command of the preset `hystrix` is before its first call: its options, its place among the others of its
 * name and pool, and what it shows of itself. The same for commands that answer once and for streams.
 */
import type { Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import { callOptionsError, DeadlineExceededError, invalidArgument } from '@breakwater/kernel'
import type { CallOptions, PolicyDescription } from '@breakwater/kernel'
import type { CommandSnapshot } from '../command-shape.js'
import { budgetOf } from '../request-budget.js'
import type { CommandKey } from './command-key.js'
import { timeoutOf } from './breaker-options.js'
import type { EventCounts } from './core/events.js'
import { lineOf } from './core/line.js'
import type { CommandPropertyValues } from './core/property-table.js'
import type { LatencySummary } from './core/streams.js'
import type { ExecutionPlan } from './execution-plan.js'
import { PluginChain } from './hooks.js'
import type { HystrixTuning } from './hystrix-options.js'
import { resolveTuning } from './read-options.js'
import type { ResolvedHystrix } from './read-options.js'
import { registryOf } from './registry.js'
import type { HystrixRegistry } from './registry.js'
import type { ThreadPool, ThreadPoolSnapshot } from './thread-pool.js'

/** What a caller may say about one call. `budgetMs` ends the run as its timeout does; a fallback has no limit of time, as in Hystrix. */
export interface HystrixCallOptions extends CallOptions {
  /** This call answers so many requests of a collapser: it notes the event `COLLAPSED`. */
  readonly collapsed?: number | undefined
}

/** How the calls of a command went, as of the last health bucket that is over. Its circuit breaker judges by it, but for one that is shared. */
export interface HystrixHealth {
  readonly isOpen: boolean
  readonly total: number
  readonly errors: number
  /** Truncated to a whole number. */
  readonly errorPercentage: number
}

/** The numbers of a command, as Hystrix shows them: of its rolling windows, without the bucket that is still open. */
export interface HystrixMetrics {
  readonly health: HystrixHealth
  /** Runs under way, with those whose fallback runs. */
  readonly concurrent: number
  /** The most runs under way at the start of one. */
  readonly maxConcurrent: number
  /** Events of the window; those that did not happen are absent. */
  readonly rolling: EventCounts
  /** Events of all time. */
  readonly cumulative: EventCounts
  /** Of the runs, with their wait for a thread. */
  readonly latency: LatencySummary
  /** Of whole executions. */
  readonly totalLatency: LatencySummary
  readonly pool: ThreadPoolSnapshot
  readonly properties: CommandPropertyValues
}

export class HystrixHome {
  readonly key: CommandKey
  private readonly registry: HystrixRegistry
  /** The pools that it has used so far, by key. */
  private readonly pools = new Map<string, ThreadPool>()
  /** What an execution is to know about which nothing was said. */
  private usual: ExecutionPlan
  private isThere = true

  constructor(readonly resolved: ResolvedHystrix) {
    const { name, group, properties, threadPool, runtime, clock, random, ignore, breaker, plugin } = resolved
    const line = lineOf(resolved.compat)
    this.registry = registryOf(runtime)
    const { key, pool } = this.registry.use(
      {
        key: name,
        group,
        pool: resolved.pool,
        line,
        given: properties,
        breaker,
        runtime,
        clock,
        random,
        ignore,
      },
      { key: resolved.poolNow, given: threadPool, runtime, clock, line },
    )
    this.key = key
    this.pools.set(pool.key, pool)
    const { registry } = this
    const { fallback, notWrapped, unrecoverable } = resolved
    this.usual = {
      ...{ key, pool, fallback, ignore, isNotWrapped: notWrapped, isUnrecoverable: unrecoverable },
      plugins: new PluginChain(() => registry.plugins, plugin),
      ...{ budgetMs: Infinity, collapsed: 0 },
    }
  }

  get breaker(): CircuitBreaker {
    return this.key.breaker
  }

  /** The pool of the next execution: a property of the command may name another one at any time. */
  get pool(): ThreadPool {
    return this.usualNow().pool
  }

  get bulkhead(): Bulkhead {
    const { bulkhead } = this.key
    const isBySemaphore = this.key.properties['execution.isolation.strategy'] === 'SEMAPHORE'
    return isBySemaphore && bulkhead !== undefined ? bulkhead : this.pool.bulkhead
  }

  get isIdle(): boolean {
    // Late work holds its thread. A pool that others use goes on with it, and only one that goes forgets it.
    const pools = [...this.pools.values()].filter(({ users }) => users === 1)
    return this.key.isIdle && pools.every(({ bulkhead }) => bulkhead.snapshot().running === 0)
  }

  /** The plan of one execution. */
  plan(options: HystrixCallOptions | undefined): ExecutionPlan {
    const budgetMs = budgetOf(options)
    const collapsed = options?.collapsed ?? 0
    const usual = this.usualNow()
    return budgetMs === Infinity && collapsed === 0 ? usual : { ...usual, budgetMs, collapsed }
  }

  /** Why a call with so much time cannot even begin, as an error; undefined when it can. */
  refusal(
    options: HystrixCallOptions | undefined,
    budgetMs: number,
  ): { readonly error: unknown } | undefined {
    const problem = options === undefined ? undefined : faultOf(options)
    if (problem !== undefined) return { error: problem }
    if (options?.signal?.aborted === true) return this.counted('cancelled', options.signal.reason)
    if (budgetMs > 0) return undefined
    return this.counted(
      'timeout',
      new DeadlineExceededError(`${this.resolved.name}: no time is left for the call`),
    )
  }

  metrics(): HystrixMetrics {
    const { key, pool } = this
    const now = this.now()
    const { streams, properties } = key
    return {
      health: this.health(),
      concurrent: key.concurrent,
      maxConcurrent: streams.maxConcurrent(now),
      rolling: streams.rolling(now),
      cumulative: streams.cumulative(now),
      latency: streams.latency(now),
      totalLatency: streams.totalLatency(now),
      pool: pool.snapshot(now),
      properties,
    }
  }

  health(): HystrixHealth {
    const { key } = this
    const { health, state } = key.breaker.snapshot()
    // A breaker has one of the two, or it is shared.
    const { total, errors, percent } = key.health?.read(this.now()) ?? health ?? NO_HEALTH
    return { isOpen: health?.isOpen ?? OPEN.includes(state), total, errors, errorPercentage: percent }
  }

  percentile(p: number): number | undefined {
    return this.key.meter.latency.percentile(p, this.now())
  }

  snapshot(): CommandSnapshot {
    const { key, resolved } = this
    return {
      ...key.reading(),
      name: resolved.name,
      group: resolved.group,
      attemptTimeoutMs: timeoutOf(key.properties),
      latency: key.meter.recentLatency(this.now()),
      breaker: key.breaker.snapshot(),
      bulkhead: this.bulkhead.snapshot(),
    }
  }

  describe(): PolicyDescription[] {
    const { resolved, key, pool } = this
    return [
      { kind: 'hystrix', name: resolved.name, options: key.properties },
      key.breaker.stage.describe(),
      { kind: 'thread-pool', name: pool.key, options: pool.properties },
    ]
  }

  update(tuning: HystrixTuning): void {
    const before = { ...this.resolved, properties: this.key.given, threadPool: this.pool.given }
    const { properties, threadPool } = resolveTuning(tuning, before, this.key.line)
    // Both have it before anybody hears of it, who may update them too; and it may be another pool from now on.
    const changes = [this.key.take(properties), this.pool.take(threadPool)]
    for (const apply of changes) apply()
  }

  dispose(): void {
    if (!this.isThere) return
    this.isThere = false
    this.registry.leave(this.key, this.pools.values())
  }

  private usualNow(): ExecutionPlan {
    const { key, resolved, usual } = this
    const wanted = key.properties.threadPoolKeyOverride ?? resolved.pool
    if (wanted !== usual.pool.key) this.usual = { ...usual, pool: this.poolOf(wanted) }
    return this.usual
  }

  // Those it has used stay its own, as long as it is there: executions may still be in them.
  private poolOf(key: string): ThreadPool {
    const known = this.pools.get(key)
    if (known !== undefined || !this.isThere) return known ?? this.usual.pool
    const { runtime, clock, threadPool: given } = this.resolved
    const pool = this.registry.usePool({ key, given, runtime, clock, line: this.key.line })
    this.pools.set(key, pool)
    return pool
  }

  /** Counts a call that ends before it began. */
  counted(kind: 'cancelled' | 'timeout' | 'failure', error: unknown): { readonly error: unknown } {
    const { meter } = this.key
    meter.started()
    meter.ended({ kind, error }, undefined, undefined)
    if (kind !== 'cancelled') meter.threw()
    return { error }
  }

  private now(): number {
    return this.key.definition.clock.now()
  }
}

const NO_HEALTH = { total: 0, errors: 0, percent: 0 }
const OPEN: readonly string[] = ['open', 'half-open', 'forced-open']

function faultOf(given: HystrixCallOptions): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return callOptionsError(given)
  const { collapsed = 0, ...options } = given
  if (Number.isSafeInteger(collapsed) && collapsed >= 0) return callOptionsError(options)
  return invalidArgument('a call', {
    path: 'collapsed',
    received: collapsed,
    expected: 'a number of requests',
  })
}
