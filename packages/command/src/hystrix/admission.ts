/**
 * The first steps of an execution: circuit, semaphore, time, thread. They lead to the work, or to the cause for which
 * there will be none.
 */
import type { Permit } from '@breakwater/breaker'
import { ADMITTED, isBreakwaterError, timelineOf, WAITING } from '@breakwater/kernel'
import type { Cause } from './causes.js'
import { causeOf } from './causes.js'
import type { HystrixEvent } from './core/events.js'
import type { CommandPropertyValues } from './core/property-table.js'
import { timeoutOf } from './breaker-options.js'
import { HeldSlot } from './held-slot.js'
import type { ExecutionPlan } from './execution-plan.js'
import { Race } from './race.js'
import type { Ended, RaceOwner } from './race.js'
import { RunCall } from './run-call.js'
import { noPermits, noTime } from './shut-off.js'
import { WatchedExecution } from './watched-execution.js'

export abstract class AdmittedExecution extends WatchedExecution implements RaceOwner {
  readonly properties: CommandPropertyValues
  readonly call: RunCall
  readonly slot: HeldSlot
  isOver = false
  protected readonly calledAt: number
  protected readonly race: Race = new Race(this)
  protected permit: Permit | undefined = undefined
  /** The time that it has from its beginning on; `Infinity` without a limit. */
  protected budgetMs: number

  constructor(readonly plan: ExecutionPlan) {
    super()
    const { key } = plan
    this.budgetMs = plan.budgetMs
    this.properties = key.properties
    this.calledAt = this.now()
    this.call = new RunCall(this.key, key.definition.clock)
    this.slot = new HeldSlot(this.properties['execution.isolation.strategy'], key.line)
  }

  get key(): string {
    return this.plan.key.definition.key
  }

  /** Notes an event, until the end, and tells of it. */
  mark(event: HystrixEvent, times = 1): void {
    if (!this.isOver) this.record.add(event, this.now(), times)
    this.plan.plugins.mark(event, this.key)
  }

  abstract ranOut(): void
  abstract cameLate(failure: { readonly error: unknown } | undefined): void

  /** Steps 3 to 8: whether the work may begin now; otherwise why not, or later. */
  protected admit(): Cause | undefined | Promise<Cause | undefined> {
    const { plan } = this
    const { key } = plan
    key.meter.started()
    plan.plugins.begin('onStart', this)
    if (plan.collapsed > 0) this.mark('COLLAPSED', plan.collapsed)
    const permit = key.breaker.tryAcquire()
    if (isBreakwaterError(permit)) return this.stopped(causeOf('SHORT_CIRCUITED', permit))
    this.permit = permit
    const now = this.now()
    if (this.properties['execution.isolation.strategy'] === 'SEMAPHORE') return this.admitByPermit(now)
    plan.pool.resize()
    this.begin(now)
    const untimed = this.timeFault()
    if (untimed !== undefined) return untimed
    const { limit } = plan.pool
    const entered = plan.pool.refuses() ?? limit.enter(this.call, now)
    // Who hears that it waits may have made room for it.
    if (entered === ADMITTED || this.call.isGranted) this.slot.take(limit)
    else if (entered === WAITING) return this.awaitThread()
    else return this.stopped(causeOf('THREAD_POOL_REJECTED', entered))
    return undefined
  }

  /** How a wait ended. The caller may have left in the moment since, and has then left before the next step. */
  protected heard<T>(ended: Ended<T>): Ended<T> {
    return this.isOver ? { kind: 'cancelled' } : ended
  }

  protected now(): number {
    return this.plan.key.definition.clock.now()
  }

  /** An event that leaves the call without an answer of its own. */
  protected abstract stopped(cause: Cause): Cause
  protected abstract timedOut(): Cause

  private admitByPermit(now: number): Cause | undefined {
    const { limit, hasPermits } = this.plan.key
    const entered = hasPermits ? limit.enter(this.call, now) : noPermits(this.key)
    if (entered !== ADMITTED) return this.stopped(causeOf('SEMAPHORE_REJECTED', entered))
    this.slot.take(limit)
    this.begin(now)
    return this.timeFault()
  }

  /** Without any time a run fails before it begins. */
  private timeFault(): Cause | undefined {
    const timeoutMs = timeoutOf(this.properties) ?? Infinity
    return timeoutMs > 0 ? undefined : this.stopped(causeOf('FAILURE', noTime(this.key, timeoutMs)))
  }

  private begin(now: number): void {
    const { plan, record, properties } = this
    record.startedAt = now
    const timeoutMs = Math.min(timeoutOf(properties) ?? Infinity, this.budgetMs)
    if (timeoutMs === Infinity || timeoutMs <= 0) return
    this.call.deadline = now + timeoutMs
    timelineOf(plan.key.definition.clock).line(timeoutMs).join(this.race, now)
  }

  private async awaitThread(): Promise<Cause | undefined> {
    const { call, plan } = this
    const granted = new Promise<void>((resolve) => {
      const take = (): void => {
        this.slot.take(plan.pool.limit)
        resolve()
      }
      call.onGranted = take
    })
    const ended = this.heard(await this.race.waitFor(granted))
    return ended.kind === 'timeout' ? this.timedOut() : undefined
  }
}
