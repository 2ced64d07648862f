/**
 * The shell of a balancer: watches a source, makes a picker of each new list when somebody next asks, hands out picks and hears how
 * their calls ended.
 */
import { NoInstancesError, reportInternalError } from '@breakwater/kernel'
import type { Call, CallOptions, MonotonicMs, Runner } from '@breakwater/kernel'
import type { Instance, InstanceStatus, Snapshot } from '../instance.js'
import { resolveBalancerOptions } from './balancer-options.js'
import type { BalancerOptions, ResolvedBalancer } from './balancer-options.js'
import { Chooser } from './chooser.js'
import { bareRunner, runOn } from './execute.js'
import { PickRecord } from './pick.js'
import type { Pick, PickSetting } from './pick.js'
import { checkPickOptions } from './pick-options.js'
import type { PickOptions } from './pick-options.js'

/** An instance as the balancer sees it now. */
export interface BalancedInstance {
  readonly id: string
  readonly zone: string | undefined
  readonly status: InstanceStatus
  readonly weight: number
  readonly inFlight: number
  /** The number that decides, of strategies that have one; lower is better. */
  readonly score: number | undefined
  /** Expected latency, in milliseconds; absent before the first answer. */
  readonly latencyMs: number | undefined
  /** Left alone by the strategies `zoneAvoidance`, `bestAvailable` and `primaryBackup` after failures in a row. */
  readonly resting: boolean
  readonly picks: number
  readonly successes: number
  readonly failures: number
  readonly timeouts: number
  /** Ended without a verdict: cancelled, ignored, rejected on our side. */
  readonly neutral: number
}

/** A balancer at one moment. */
export interface BalancerSnapshot {
  readonly service: string
  readonly strategy: string
  /** Of the source's list; absent while it knows nothing. */
  readonly version: number | undefined
  /** When the source last heard of the list. */
  readonly updatedAt: MonotonicMs | undefined
  /** How often a picker was made. */
  readonly rebuilds: number
  readonly instances: readonly BalancedInstance[]
}

/** Chooses instances of one service. */
export interface Balancer {
  /**
   * Chooses an instance. Whoever picks says at the end how the call went (`pick.done`), or it counts as in flight for ever.
   *
   * @throws NoInstancesError when the source has none that is up.
   * @throws InvalidOptionsError
   */
  pick(options?: PickOptions): Pick
  /**
   * Picks an instance, runs the work with it, and tells the instance's statistics how it ended. A call that is aborted or out of time
   * before it starts picks nobody. Rejects with what the work rejects with, or as `pick` throws.
   */
  execute<R>(
    work: (instance: Instance, call: Call) => R | PromiseLike<R>,
    options?: PickOptions & CallOptions,
  ): Promise<R>
  snapshot(): BalancerSnapshot
  /** Stops to watch the source. Picks go on from the last list. */
  dispose(): void
  [Symbol.dispose](): void
}

/**
 * A balancer for one service of a source.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { createBalancer, StaticSource } from '@breakwater/discovery-client'
 *
 * const source = new StaticSource({ users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] })
 * using users = createBalancer({ source, service: 'users' })
 * const answer = await users.execute(async ({ host, port }) => `asked ${host}, port ${port > 9000}`)
 * console.log(answer) // asked 127.0.0.1, port true
 * ```
 */
export function createBalancer(options: BalancerOptions): Balancer {
  return new SourceBalancer(resolveBalancerOptions(options))
}

const NOBODY: readonly string[] = Object.freeze([])

class SourceBalancer implements Balancer {
  private readonly options: ResolvedBalancer
  private readonly chooser: Chooser
  private readonly setting: PickSetting
  private readonly runner: Runner
  private readonly unwatch: () => void
  private latest: Snapshot | undefined
  private isStale = false

  constructor(options: ResolvedBalancer) {
    this.options = options
    this.chooser = new Chooser(options)
    this.setting = {
      clock: options.clock,
      strategy: this.chooser.name,
      penaltyMs: options.failurePenaltyMs,
    }
    this.runner = bareRunner(options.service, options.clock)
    this.unwatch = options.source.watch(options.service, (snapshot) => {
      this.latest = snapshot
      this.isStale = true
    })
  }

  pick(options?: PickOptions): Pick {
    return this.choose(options)
  }

  execute<R>(
    work: (instance: Instance, call: Call) => R | PromiseLike<R>,
    options?: PickOptions & CallOptions,
  ): Promise<R> {
    const { classify } = this.options
    const { runner } = this
    return runOn({ work, options, classify, runner, choose: (pickOptions) => this.choose(pickOptions) })
  }

  snapshot(): BalancerSnapshot {
    const now = this.options.clock.now()
    this.renew(now)
    const { service } = this.options
    return {
      service,
      strategy: this.chooser.name,
      version: this.latest?.version,
      updatedAt: this.latest?.updatedAt,
      rebuilds: this.chooser.rebuilds,
      instances: this.chooser.describe(now),
    }
  }

  dispose(): void {
    this.unwatch()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private choose(options: PickOptions | undefined): PickRecord {
    if (options !== undefined) checkPickOptions(options)
    const now = this.options.clock.now()
    if (this.isStale) this.renew(now)
    const excluded = options?.exclude === undefined ? NOBODY : [...options.exclude]
    const host = this.chooser.choose(now, options?.key, options?.call, excluded)
    if (host === undefined) throw this.nobody()
    return new PickRecord(this.setting, host, this.chooser, excluded)
  }

  // A list that nobody asks about costs nothing, however often it changes.
  private renew(now: number): void {
    if (!this.isStale || this.latest === undefined) return
    this.isStale = false
    const { duplicates, badWeights } = this.chooser.renew(this.latest.instances, now)
    if (duplicates + badWeights === 0) return
    const problem = `${this.options.service}: ${String(duplicates)} duplicate ids and ${String(badWeights)} bad weights in the list`
    reportInternalError(new RangeError(problem), 'instances of a balancer')
  }

  private nobody(): NoInstancesError {
    const { service } = this.options
    const known = this.latest?.instances.length
    const detail =
      known === undefined ? 'the source does not know it yet' : `${String(known)} known, none chosen`
    return new NoInstancesError(`${service}: no instance to call (${detail})`)
  }
}
