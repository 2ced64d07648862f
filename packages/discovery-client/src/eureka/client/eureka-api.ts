/**
 * Single operations on the registry, for tools and operators: each asks a server now, and answers what it said. The client
 * itself needs none of them to keep its registration and its registry.
 */
import type { Clock } from '@breakwater/kernel'
import type { InstanceStatus } from '../../instance.js'
import { isInstanceStatus } from '../core/model/instance-info.js'
import type { InstanceInfo } from '../core/model/instance-info.js'
import type { Steps } from '../core/steps.js'
import {
  readApplicationAnswer,
  readApplications,
  readInstanceAnswer,
} from '../core/wire/read-applications.js'
import type { ReadApplications, UnusableAnswer } from '../core/wire/read-applications.js'
import type { ReadLimits } from '../core/wire/read-parts.js'
import {
  applicationRequest,
  asgRequest,
  cancelRequest,
  fullRequest,
  instanceRequest,
  metadataRequest,
  overridesRequest,
  removeStatusRequest,
  serverStatusRequest,
  setStatusRequest,
  vipRequest,
} from '../core/wire/requests.js'
import type { EurekaRequest, InstanceKey } from '../core/wire/requests.js'
import type { ReadAnswer } from '../transport/attempt.js'
import type { EurekaTransport } from '../transport/eureka-transport.js'
import { registryError } from '../../transport/registry-errors.js'
import { breathe } from './breathe.js'

export interface EurekaApiOptions {
  readonly clock: Clock
  readonly transport: EurekaTransport
  readonly limits: ReadLimits
}

/**
 * Operations of the Eureka protocol on any instance. All reject with `RegistryError`; those that change an instance answer
 * whether a server knew it.
 *
 * @example
 * ```ts
 * import { EurekaClient } from '@breakwater/discovery-client'
 *
 * async function drain(client: EurekaClient, app: string, instanceId: string): Promise<boolean> {
 *   return client.api.setStatus({ app, instanceId }, 'OUT_OF_SERVICE')
 * }
 * ```
 */
export class EurekaApi {
  /** Leads to keys and credentials: out of reach, so that nobody prints them. */
  readonly #options: EurekaApiOptions

  constructor(options: EurekaApiOptions) {
    this.#options = options
  }

  /** Every instance of every application. */
  async all(regions: readonly string[] = []): Promise<readonly InstanceInfo[]> {
    return this.list(fullRequest(regions), readApplications)
  }

  /** The instances of an application; none when there is no such application. */
  async application(app: string): Promise<readonly InstanceInfo[]> {
    return this.list(applicationRequest(app), readApplicationAnswer)
  }

  /** The instances with a VIP, which servers compare to the letter. */
  async vip(
    vip: string,
    options: { readonly secure?: boolean; readonly regions?: readonly string[] } = {},
  ): Promise<readonly InstanceInfo[]> {
    return this.list(vipRequest(vip, options), readApplications)
  }

  /** One instance, by application and id or by id alone. Servers answer this one afresh, from no cache. */
  async instance(key: InstanceKey | { readonly instanceId: string }): Promise<InstanceInfo | undefined> {
    const read: ReadAnswer<InstanceInfo> = (json) => {
      const info = readInstanceAnswer(json, this.#options.limits)
      if (info === undefined) throw registryError('BODY', 'the answer is no instance')
      return info
    }
    const { value } = await this.#options.transport.send('query', instanceRequest(key), read)
    return value
  }

  /** Overrides the status of an instance, until the override is removed or the instance cancelled. */
  async setStatus(key: InstanceKey, status: InstanceStatus): Promise<boolean> {
    return this.change(setStatusRequest({ ...key, status, lastDirtyTimestamp: this.stamp() }))
  }

  /** Removes the override. `status` is in force from then on; without it the instance has to register again first. */
  async removeStatus(key: InstanceKey, status?: InstanceStatus): Promise<boolean> {
    const change = { ...key, lastDirtyTimestamp: this.stamp(), ...(status === undefined ? {} : { status }) }
    return this.change(removeStatusRequest(change))
  }

  /** Adds metadata to the server's copy of an instance, which loses it with the instance's next registration. */
  async addMetadata(key: InstanceKey, metadata: Readonly<Record<string, string>>): Promise<boolean> {
    return this.change(metadataRequest(key, metadata))
  }

  /** Takes an instance out of the registry. It comes back with its next heartbeat if it lives. */
  async cancel(key: InstanceKey): Promise<boolean> {
    return this.change(cancelRequest(key))
  }

  /** Servers take whole milliseconds only. */
  private stamp(): number {
    return Math.floor(this.#options.clock.epochNow())
  }

  /**
   * What a server says about itself: replicas, memory, uptime. Servers that expect no replica by name (the default) break
   * this answer off; then it rejects.
   */
  async serverStatus(): Promise<unknown> {
    const { value } = await this.#options.transport.send<unknown>(
      'query',
      serverStatusRequest(),
      (json) => json,
    )
    return value
  }

  /** Every override, by instance id. Netflix's server only: `undefined` elsewhere. */
  async overrides(): Promise<ReadonlyMap<string, InstanceStatus> | undefined> {
    const read: ReadAnswer<ReadonlyMap<string, InstanceStatus>> = (json) => {
      const entries = Object.entries(Object(json) as Record<string, unknown>)
      return new Map(entries.flatMap(([id, status]) => (isInstanceStatus(status) ? [[id, status]] : [])))
    }
    const { value } = await this.#options.transport.send('query', overridesRequest(), read)
    return value
  }

  /** Takes an auto-scaling group in or out of service. Servers outside Amazon refuse. */
  async setAutoScalingGroup(name: string, status: 'ENABLED' | 'DISABLED'): Promise<boolean> {
    return this.change(asgRequest(name, status))
  }

  private async change(request: EurekaRequest): Promise<boolean> {
    const { verdict, status } = await this.#options.transport.send<never>('registration', request)
    return verdict === 'success' && status < 300
  }

  private async list(
    request: EurekaRequest,
    stepsOf: (json: unknown, limits: ReadLimits) => Steps<ReadApplications | UnusableAnswer>,
  ): Promise<readonly InstanceInfo[]> {
    const { transport, clock, limits } = this.#options
    const read: ReadAnswer<ReadApplications> = async (json, signal) => {
      const answer = await breathe(stepsOf(json, limits), clock, signal)
      if (answer.kind === 'unusable') throw registryError('BODY', 'the answer is no list of instances')
      return answer
    }
    const { value } = await transport.send('query', request, read)
    return (value?.entries ?? []).flatMap((entry) => (entry.kind === 'instance' ? [entry.info] : []))
  }
}
