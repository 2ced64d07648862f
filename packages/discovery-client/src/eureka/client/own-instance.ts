/** Our own instance in all that concerns the registry: its registration, its status, its health, its metadata. */
import type { Clock, Emitter, Random, RegistryError, ScheduleOptions } from '@breakwater/kernel'
import type { InstanceStatus } from '../../instance.js'
import { PeriodicTask } from '../../periodic-task.js'
import { statusAfterCheck } from '../core/lifecycle/health.js'
import type { HealthResult } from '../core/lifecycle/health.js'
import { periodMs } from '../core/lifecycle/schedule.js'
import { onDemandLimit } from '../core/lifecycle/token-bucket.js'
import type { InstanceInfo } from '../core/model/instance-info.js'
import type { HealthCheckHandler } from '../core/options/client-options.js'
import { scheduleAfterPoll } from '../../transport/schedule-after-poll.js'
import type { EurekaTransport } from '../transport/eureka-transport.js'
import type { EurekaEvents } from './events.js'
import { LocalInstance } from './local-instance.js'
import type { MetadataChange } from './local-instance.js'
import { Registration } from './registration.js'
import type { RegistrationEnd } from './registration.js'
import { StatusOverride } from './status-override.js'

export interface OwnInstanceOptions {
  readonly clock: Clock
  readonly random: Random
  readonly transport: EurekaTransport
  readonly info: InstanceInfo
  readonly events: Emitter<EurekaEvents>
  readonly renewalIntervalMs: number
  readonly backOffBound: number
  readonly replicationIntervalMs: number
  readonly stopTimeoutMs: number
  /** Whether changes are sent at once, or with the next replication. */
  readonly onDemand: boolean
  readonly healthCheck: HealthCheckHandler | undefined
}

export class OwnInstance {
  readonly registration: Registration
  private readonly options: OwnInstanceOptions
  private readonly local: LocalInstance
  private readonly override: StatusOverride
  private readonly replication: PeriodicTask
  private hasPostponed = false
  /** Then only a hand brings it back, and its health is not asked for. */
  private isOutByHand = false
  private isStopped = false
  private hasOutdone = false
  /** Ends the wait for the health check that is under way. */
  private endCheck: () => void = () => undefined
  private lastError: Error | undefined

  constructor(options: OwnInstanceOptions) {
    const { clock, random, transport, info, renewalIntervalMs, backOffBound, replicationIntervalMs } = options
    this.options = options
    this.local = new LocalInstance(info)
    const lease = { renewalIntervalMs, backOffBound, onDemand: onDemandLimit(replicationIntervalMs) }
    const { local: instance } = this
    const onEnd = (ended: RegistrationEnd): void => {
      this.ended(ended)
    }
    const cancelWithinMs = options.stopTimeoutMs
    this.registration = new Registration({ clock, random, transport, instance, lease, onEnd, cancelWithinMs })
    this.override = new StatusOverride({
      transport,
      instance,
      registration: this.registration,
      onError: (error) => {
        options.events.emit('error', { operation: 'set-status', error })
      },
    })
    this.replication = new PeriodicTask('EurekaClient: replication', clock, () => this.replicate())
  }

  get info(): InstanceInfo {
    return this.local.info
  }

  /** What the last registration failed with; `undefined` after a good one. */
  get error(): Error | undefined {
    return this.lastError
  }

  /** Asks for the health, registers, and goes on with both. Resolves when the first registration has ended, however. */
  async start(): Promise<void> {
    const { healthCheck, replicationIntervalMs, random } = this.options
    if (healthCheck !== undefined) {
      // Whoever started the client waits for it.
      const status = await this.check(healthCheck, {})
      // Nothing is to be sent before the registration, which brings it along.
      if (!this.isOutByHand && !this.isStopped) await this.override.set(status, { changed: () => undefined })
    }
    // Asked last: a stop before this line ends nothing of what begins behind it.
    if (this.isStopped) return
    this.replication.start(periodMs(replicationIntervalMs, random))
    await this.registration.start()
  }

  async stop(deregister: boolean): Promise<void> {
    this.isStopped = true
    this.endCheck()
    const replicated = this.replication.stop()
    await this.registration.stop(deregister)
    // A health check may take as long as it likes: its answer changes nothing any more.
    void replicated
  }

  /** Resolves when a server was told, where that takes an operation of its own; at once otherwise. */
  async setStatus(status: InstanceStatus): Promise<void> {
    this.isOutByHand = status === 'OUT_OF_SERVICE'
    await this.override.set(status, this.replicator)
  }

  updateMetadata(change: MetadataChange): void {
    if (this.local.setMetadata(change)) this.replicator.changed()
  }

  /**
   * What the registry has. A stamp above ours is of an earlier life under the same id, on a machine whose clock is ahead: whatever we say
   * is thrown away (Netflix/eureka#955), and calls go to the address of that life. Once is enough, and two who live under one id take no turns.
   */
  seen({ lastDirtyTimestamp: stamp = 0 }: InstanceInfo): void {
    const ours = this.registration.stamp || this.options.clock.epochNow()
    if (this.hasOutdone || stamp <= ours) return
    this.hasOutdone = true
    this.registration.changed(stamp)
  }

  /** Notes a change for the next replication. */
  changed(): void {
    this.hasPostponed = true
  }

  private get replicator(): { changed(): void } {
    return this.options.onDemand ? this.registration : this
  }

  private async replicate(): Promise<number> {
    const { healthCheck, replicationIntervalMs, random } = this.options
    if (healthCheck !== undefined && !this.isOutByHand) {
      const status = await this.check(healthCheck, { background: true })
      // A hand may have been faster.
      const isWanted = status !== this.local.status && !this.isOutByHand && !this.isStopped
      if (isWanted) await this.override.set(status, this.replicator)
    }
    if (this.hasPostponed) {
      this.hasPostponed = false
      this.registration.changed()
    }
    return periodMs(replicationIntervalMs, random)
  }

  /** A check that takes as long as an interval counts as failed: its answer would be about the past. */
  private async check(healthCheck: HealthCheckHandler, timer: ScheduleOptions): Promise<InstanceStatus> {
    const { clock, replicationIntervalMs } = this.options
    const current = this.local.status
    const tooLate = new Promise<HealthResult>((resolve) => {
      const end = (): void => {
        resolve({ kind: 'failed' })
      }
      const cancel = scheduleAfterPoll(clock, clock.now() + replicationIntervalMs, end, timer)
      this.endCheck = (): void => {
        cancel()
        end()
      }
    })
    const answer = (async (): Promise<HealthResult> => {
      try {
        return { kind: 'answered', status: await healthCheck(current) }
      } catch {
        return { kind: 'failed' }
      }
    })()
    const result = await Promise.race([answer, tooLate])
    this.endCheck()
    return statusAfterCheck(current, result)
  }

  private ended(ended: RegistrationEnd): void {
    const { events } = this.options
    const { instanceId } = this.local.info
    switch (ended.kind) {
      case 'registered':
        this.lastError = undefined
        events.emit('registered', { instanceId, again: ended.again })
        void this.override.retry()
        return
      case 'heartbeat':
        events.emit('heartbeat', { ok: ended.ok, status: ended.status })
        if (ended.ok) void this.override.retry()
        return
      case 'cancelled':
        events.emit('deregistered', { instanceId })
        return
      case 'failed':
        this.failed(ended.operation, ended.error)
    }
  }

  private failed(operation: string, error: RegistryError): void {
    const { events } = this.options
    if (operation === 'register') this.lastError = error
    if (operation === 'heartbeat') events.emit('heartbeat', { ok: false, status: error.answered, error })
    events.emit('error', { operation, error })
  }
}
