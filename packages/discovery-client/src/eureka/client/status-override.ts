/**
 * Statuses that a registration cannot set. A server keeps an instance `OUT_OF_SERVICE` or `UP` whatever is registered over
 * it (Netflix/eureka#1398), so going out of service and coming back are operations of their own. One that no server took
 * is tried again with the next sign of life from a server; the last wish wins.
 */
import type { RegistryError } from '@breakwater/kernel'
import { isBreakwaterError } from '@breakwater/kernel'
import type { InstanceStatus } from '../../instance.js'
import { isRegistryFault } from '../../transport/registry-errors.js'
import { routeOfStatus } from '../core/lifecycle/health.js'
import { removeStatusRequest, setStatusRequest } from '../core/wire/requests.js'
import type { Answer } from '../transport/attempt.js'
import type { EurekaTransport } from '../transport/eureka-transport.js'
import type { LocalInstance } from './local-instance.js'
import type { Registration } from './registration.js'

export interface StatusOverrideOptions {
  readonly transport: EurekaTransport
  readonly instance: LocalInstance
  readonly registration: Registration
  readonly onError: (error: RegistryError) => void
}

/** What servers are to be told. */
interface Wish {
  readonly status: InstanceStatus
  readonly route: 'override' | 'remove-override'
  /** How often the server that was told did not know the instance. */
  readonly missed?: number
}

/** A server that still does not know the instance, though heartbeats are answered, has no such operation. */
const MAX_MISSED = 10

export class StatusOverride {
  private readonly options: StatusOverrideOptions
  private wanted: Wish | undefined
  private sending: Promise<void> | undefined
  /** Whether a server may have an override of ours, or be told of one. */
  private mayBeSet = false

  constructor(options: StatusOverrideOptions) {
    this.options = options
    // A server may still hold a lease of an earlier life, which a registration would leave as it is.
    if (options.instance.status !== 'OUT_OF_SERVICE') return
    this.mayBeSet = true
    this.wanted = { status: 'OUT_OF_SERVICE', route: 'override' }
  }

  /**
   * Changes the status, and resolves when a server was told or could not be told for now. `replicator` hears of a change
   * that is registered.
   */
  async set(status: InstanceStatus, replicator: { changed(): void }): Promise<void> {
    const { instance } = this.options
    const route = routeOfStatus(status, this.mayBeSet)
    const changed = instance.setStatus(status, status === 'OUT_OF_SERVICE' ? status : 'UNKNOWN')
    if (route === 'register') {
      if (changed) replicator.changed()
      return
    }
    this.mayBeSet = true
    if (!changed && this.wanted === undefined) return
    this.wanted = { status, route }
    await this.retry()
  }

  /** Sends what is still wanted, if anything, to servers that know the instance. */
  async retry(): Promise<void> {
    if (this.wanted === undefined || this.options.registration.counts.registrations === 0) return
    this.sending ??= this.send().finally(() => {
      this.sending = undefined
    })
    await this.sending
  }

  private async send(): Promise<void> {
    const { transport, instance, registration, onError } = this.options
    while (this.wanted !== undefined) {
      // A registration in the air may carry the override that is to be removed, and bring it back.
      await registration.settled()
      // Nothing follows the cancellation.
      if (registration.isOver) return
      const wanted = this.wanted
      const { app, instanceId } = instance.info
      const change = { app, instanceId, status: wanted.status, lastDirtyTimestamp: registration.stamp }
      let answer: Answer<never>
      try {
        const request = wanted.route === 'override' ? setStatusRequest(change) : removeStatusRequest(change)
        answer = await transport.send<never>('registration', request)
      } catch (error) {
        const isOurs = isBreakwaterError(error) && !isRegistryFault(error, 'STOPPED')
        if (isOurs) onError(error as RegistryError)
        // Another wish that came meanwhile may be told; the same one waits for the next sign of life.
        if (this.wanted === wanted) return
        continue
      }
      if (this.wanted === wanted && this.misses(wanted, answer)) return
      if (this.wanted === wanted) {
        this.wanted = undefined
        this.mayBeSet = wanted.route === 'override'
      }
      // Also tells a server that did not know the instance, and brings the override along.
      registration.changed()
    }
  }

  /**
   * A server that does not know the instance removes nothing, at its peers neither. It is told of it, and asked again with the next sign of life:
   * by then it knows the instance from us or from a peer.
   */
  private misses(wanted: Wish, { verdict }: Answer<never>): boolean {
    const { missed = 0 } = wanted
    if (wanted.route === 'override' || verdict !== 'absent' || missed === MAX_MISSED) return false
    this.wanted = { ...wanted, missed: missed + 1 }
    if (missed === 0) this.options.registration.changed()
    return true
  }
}
