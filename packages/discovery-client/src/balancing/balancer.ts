/**
 * The shell of a balancer: watches a source, hands out picks, and tells what has changed.
 */
import { BulkheadFullError, Emitter, ENDED_AS, NoInstancesError } from '@breakwater/kernel'
import type { BulkheadFullReason, Call, CallOptions, Listener, Runner } from '@breakwater/kernel'
import type { Instance, Snapshot } from '../instance.js'
import { asOfNow, beginAll, followSource } from '../sources/watching.js'
import { announcer } from './announcer.js'
import type { BalancerEvents } from './balancer-events.js'
import { resolveBalancerOptions } from './balancer-options.js'
import type { BalancerOptions, ResolvedBalancer } from './balancer-options.js'
import { snapshotOf } from './balancer-snapshot.js'
import type { BalancerSnapshot } from './balancer-snapshot.js'
import { Chooser } from './chooser.js'
import { bareRunner, runOn } from './execute.js'
import { Fleet } from './fleet.js'
import { registerInstrument } from './instrument.js'
import { REPORTED_AS, watchNeighbours } from './neighbours.js'
import { PickRecord } from './pick.js'
import type { Pick, PickSetting } from './pick.js'
import { checkPickOptions } from './pick-options.js'
import type { PickOptions } from './pick-options.js'
import { WaitingLine } from './waiting-line.js'
import type { WaitingRules } from './waiting-line.js'

/** Chooses instances of one service. */
export interface Balancer {
  /**
   * Chooses an instance. Whoever picks says at the end how the call went (`pick.done`), or it counts as in flight for ever.
   *
   * @throws NoInstancesError when the source has none that is up.
   * @throws BulkheadFullError when all have as many calls in flight as the option `limit` lets them have.
   * @throws InvalidOptionsError
   */
  pick(options?: PickOptions): Pick
  /**
   * Picks an instance, runs the work with it, and tells the instance's statistics how it ended. A call that is aborted or out of time
   * before it starts picks nobody. Rejects with what the work rejects with, or as `pick` throws; where `limit.queue` lets calls wait, only
   * when as many wait as may, or one has waited for too long.
   */
  execute<R>(
    work: (instance: Instance, call: Call) => R | PromiseLike<R>,
    options?: PickOptions & CallOptions,
  ): Promise<R>
  snapshot(): BalancerSnapshot
  /**
   * Hears what happens to instances; returns the function that ends it. `added`, `removed` and `drained` are told as soon as the source
   * has a new list, and their listeners may pick. What was there before is in `snapshot()`.
   */
  on<E extends keyof BalancerEvents>(event: E, listener: Listener<BalancerEvents[E]>): () => void
  /** Stops to watch the source, and to tell anybody. Picks go on from the last list. */
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
/** Who listens for these must hear of a change of the list though nobody picks. */
const LIST_EVENTS = ['added', 'removed', 'drained'] as const

class SourceBalancer implements Balancer {
  private readonly options: ResolvedBalancer
  private readonly events: Emitter<BalancerEvents>
  private readonly fleet: Fleet
  private readonly chooser: Chooser
  private readonly setting: PickSetting
  private readonly runner: Runner
  private readonly line: WaitingLine | undefined
  private readonly unwatch: () => void
  private readonly unregister: () => void
  private latest: Snapshot | undefined
  private isDisposed = false

  constructor(options: ResolvedBalancer) {
    const { clock, service, failurePenaltyMs: penaltyMs } = options
    this.options = options
    this.events = new Emitter<BalancerEvents>(`balancer of ${service}`)
    this.fleet = new Fleet(options, announcer(service, this.events, options.leakAlarmMs), clock.now())
    this.chooser = new Chooser(options, this.fleet)
    this.line = options.limit?.queue === undefined ? undefined : this.makeLine(options.limit.queue)
    this.setting = { clock, chooser: this.chooser, penaltyMs, line: this.line }
    this.runner = bareRunner(service, clock)
    this.unwatch = this.watch()
    this.unregister = registerInstrument(options, () => this.snapshot())
  }

  pick(options?: PickOptions): Pick {
    return this.choose(options)
  }

  execute<R>(
    work: (instance: Instance, call: Call) => R | PromiseLike<R>,
    options?: PickOptions & CallOptions,
  ): Promise<R> {
    const { classify } = this.options
    const { runner, line } = this
    return runOn({ work, options, classify, runner, line, choose: (given) => this.choose(given) })
  }

  snapshot(): BalancerSnapshot {
    const now = this.options.clock.now()
    this.fleet.catchUp(now)
    const { service } = this.options
    return { ...snapshotOf(service, this.list, this.chooser, now), waiting: this.line?.size ?? 0 }
  }

  on<E extends keyof BalancerEvents>(event: E, listener: Listener<BalancerEvents[E]>): () => void {
    // Changes are told from here on.
    this.fleet.catchUp(this.options.clock.now())
    return this.events.on(event, listener)
  }

  dispose(): void {
    this.isDisposed = true
    this.unwatch()
    this.unregister()
    this.events.clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** The list in use, as old as it is. */
  private get list(): Snapshot | undefined {
    const { latest, options } = this
    // A source may begin to follow a service that it is asked about.
    if (latest === undefined || this.isDisposed) return latest
    return asOfNow({ ...options, where: REPORTED_AS }, latest)
  }

  private choose(options: PickOptions | undefined): PickRecord {
    const pick = this.tryToChoose(options)
    if (pick !== undefined) return pick
    throw this.full('concurrency')
  }

  /** `undefined` while all are full. */
  private tryToChoose(options: PickOptions | undefined): PickRecord | undefined {
    if (options !== undefined) checkPickOptions(options)
    const now = this.options.clock.now()
    const excluded = options?.exclude === undefined ? NOBODY : [...options.exclude]
    const host = this.chooser.choose(now, options?.key, options?.call, excluded)
    if (host !== undefined) return new PickRecord(this.setting, host, excluded)
    if (this.chooser.isFull) return undefined
    throw this.nobody()
  }

  private makeLine(rules: WaitingRules): WaitingLine {
    const { fleet } = this
    return new WaitingLine(rules, {
      clock: this.options.clock,
      get dueAt() {
        return fleet.nextAt
      },
      choose: (options) => this.tryToChoose(options),
      refusal: (reason) => this.full(reason),
    })
  }

  private watch(): () => void {
    const { source, service, clock } = this.options
    const follow = (): (() => void) =>
      followSource({ source, service, where: REPORTED_AS }, (snapshot) => {
        this.latest = snapshot
        this.fleet.take(snapshot.instances)
        this.line?.serve()
        if (LIST_EVENTS.some((event) => this.events.hasListeners(event))) this.fleet.catchUp(clock.now())
      })
    return beginAll([follow, () => watchNeighbours(this.options, this.fleet, () => this.line?.serve())])
  }

  private nobody(): NoInstancesError {
    const { service } = this.options
    this.fleet.calls.refused++
    const known = this.latest?.instances.length
    const detail =
      known === undefined ? 'the source does not know it yet' : `${String(known)} known, none chosen`
    return new NoInstancesError(`${service}: no instance to call (${detail})`)
  }

  private full(reason: BulkheadFullReason): BulkheadFullError {
    const { calls, plan } = this.fleet
    calls.full++
    const count = plan?.usable.length ?? 0
    const problem = `all ${String(count)} instances have as many calls as they may have, ${String(calls.inFlight)} together`
    const waited = this.line === undefined ? '' : `; ${String(this.line.size)} wait`
    const error = new BulkheadFullError(`${this.options.service}: ${problem}${waited}`, { reason })
    // To a command around us it is what a full bulkhead says: nothing about the service, and there may be a fallback.
    return Object.defineProperty(error, ENDED_AS, { value: 'rejected' })
  }
}
