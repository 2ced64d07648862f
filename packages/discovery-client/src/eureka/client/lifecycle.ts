/**
 * The life of a client: what begins when, what ends when. Fetching and registering begin together, so that neither waits
 * for a server that hangs on the other.
 */
import { outsideOfCalls, systemClock } from '@breakwater/kernel'
import type { Clock, Emitter } from '@breakwater/kernel'
import type { InstanceInfo } from '../core/model/instance-info.js'
import type { ResolvedEurekaOptions } from '../core/options/client-options.js'
import { instanceInfoOf } from '../core/options/resolve-instance.js'
import type { EurekaTransport } from '../transport/eureka-transport.js'
import { stoppedError } from '../../transport/registry-errors.js'
import { buildTransport } from './build-transport.js'
import type { EurekaEvents } from './events.js'
import { InstanceLists } from './instance-lists.js'
import { registerInstrument } from './instrument.js'
import { localAddress } from './local-address.js'
import { OwnInstance } from './own-instance.js'
import { Readiness } from './readiness.js'
import { RegistryFetcher } from './registry-fetcher.js'
import { RegistryPoll } from './registry-poll.js'
import { within } from './within.js'

export class Lifecycle {
  readonly clock: Clock
  readonly transport: EurekaTransport
  readonly fetcher: RegistryFetcher
  readonly lists: InstanceLists
  readonly poll: RegistryPoll
  /** Only with something to register. */
  readonly own: OwnInstance | undefined
  private readonly readiness: Readiness = new Readiness()
  private isAwaited = false
  private readonly options: ResolvedEurekaOptions
  private readonly unregister: () => void
  private started: Promise<void> | undefined
  private stopped: Promise<void> | undefined
  /** Ends the waiting for the start, which a callback of the user may hold up for ever. */
  private abandonStart: (() => void) | undefined

  constructor(options: ResolvedEurekaOptions, events: Emitter<EurekaEvents>) {
    this.options = options
    this.clock = options.clock ?? systemClock
    const local = localAddress()
    const { instance } = options
    const info = instance === undefined ? undefined : instanceInfoOf(instance, local)
    const onServerListError = (error: Error): void => {
      events.emit('error', { operation: 'resolve', error })
    }
    const ipAddr = info?.ipAddr ?? local.ipAddr
    this.transport = buildTransport(options, {
      clock: this.clock,
      instance: info,
      ipAddr,
      localVip: (vip) => this.localVip(vip),
      onServerListError,
    })
    this.fetcher = fetcherOf(options, this.clock, this.transport)
    const { useIp, preferSecure } = options
    this.lists = new InstanceLists({ useIp, preferSecure }, () => ({
      registry: this.poll.registry,
      updatedAt: this.fetcher.updatedAt,
    }))
    const own = options.registerWithEureka ? info : undefined
    this.poll = new RegistryPoll({
      clock: this.clock,
      random: options.random,
      intervalMs: options.registryFetchIntervalMs,
      backOffBound: options.cacheRefreshExponentialBackOffBound,
      region: options.region,
      fetcher: this.fetcher,
      lists: this.lists,
      events,
      own,
      onOwn: (known) => this.own?.seen(known),
      backup: options.backupRegistry,
    })
    this.own = own === undefined ? undefined : ownInstanceOf(options, this, { info: own, events })
    events.on('registry', () => {
      this.settle()
    })
    events.on('registered', () => {
      this.settle()
    })
    this.unregister = registerInstrument(options, this)
  }

  /** Whether the client has all that it is to have. */
  get isReady(): boolean {
    const hasRegistry = !this.options.fetchRegistry || this.fetcher.updatedAt !== undefined
    return hasRegistry && (this.own === undefined || this.own.registration.counts.registrations > 0)
  }

  /** Resolves as soon as it is. Who asks for it is taken to wait. */
  get ready(): Promise<void> {
    this.isAwaited = true
    this.holdProcess()
    return this.readiness.promise
  }

  get isStopped(): boolean {
    return this.stopped !== undefined
  }

  start(): Promise<void> {
    this.started ??= outsideOfCalls(() => this.startOnce())
    this.holdProcess()
    if (!this.isStopped) return this.started
    // What it had begun is over: nobody is to take himself for registered.
    return this.started.then(() => {
      throw stoppedError()
    })
  }

  stop(): Promise<void> {
    this.stopped ??= this.end()
    return this.stopped
  }

  private startOnce(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.abandonStart = (): void => reject(stoppedError())
      this.begin().then(resolve, reject)
    })
  }

  private async begin(): Promise<void> {
    if (this.isStopped) throw stoppedError()
    try {
      await this.beginBoth()
    } catch (error) {
      this.abandonStart = undefined
      await this.stop()
      throw error
    }
    if (this.isStopped) throw stoppedError()
    this.settle()
  }

  private async beginBoth(): Promise<void> {
    const { fetchRegistry, enforceFetchRegistryAtInit, enforceRegistrationAtInit } = this.options
    const fetched = fetchRegistry ? this.poll.start() : Promise.resolve()
    if (enforceFetchRegistryAtInit) {
      await fetched
      if (fetchRegistry && !this.poll.isLoaded) throw this.poll.error ?? stoppedError()
    }
    await this.register()
    await fetched
    const { own } = this
    if (enforceRegistrationAtInit && own?.registration.counts.registrations === 0)
      throw own.error ?? stoppedError()
  }

  private async register(): Promise<void> {
    if (this.own === undefined || this.isStopped) return
    await this.options.preRegistrationHandler?.()
    // The handler may have taken its time.
    if (!this.isStopped) await this.own.start()
  }

  private async end(): Promise<void> {
    const { stopTimeoutMs, unregisterOnShutdown } = this.options
    this.transport.leave()
    const polling = this.poll.stop()
    const leaving = this.own?.stop(unregisterOnShutdown) ?? Promise.resolve()
    await within(leaving, stopTimeoutMs, this.clock)
    await this.transport.close()
    // Both end by themselves now, unless a callback of the user never does.
    void Promise.allSettled([polling, leaving])
    this.lists.clear()
    this.unregister()
    this.readiness.breakWith(stoppedError())
    this.abandonStart?.()
  }

  private localVip(vip: string): readonly InstanceInfo[] {
    const { updatedAt } = this.fetcher
    const maxAgeMs = this.options.applicationsResolverDataStalenessThresholdMs
    if (updatedAt === undefined || this.clock.now() - updatedAt > maxAgeMs) return []
    return this.poll.registry.vip(vip)
  }

  private settle(): void {
    if (this.isReady) this.readiness.keep()
  }

  // Of a client that was not started nothing can be expected.
  private holdProcess(): void {
    if (this.isAwaited && this.started !== undefined && !this.isStopped) this.readiness.hold(this.clock)
  }
}

const DEFAULT_RENEWAL_MS = 30_000

function fetcherOf(
  options: ResolvedEurekaOptions,
  clock: Clock,
  transport: EurekaTransport,
): RegistryFetcher {
  const { disableDelta, logDeltaDiff, registryRefreshSingleVipAddress: singleVip, limits } = options
  return new RegistryFetcher({
    clock,
    transport,
    limits,
    random: options.random,
    shrinkGuard: options.shrinkGuard,
    fetch: { disableDelta, logDeltaDiff, singleVip },
    registry: { filterOnlyUp: options.filterOnlyUpInstances, maxInstances: limits.maxInstances },
    regions: {
      region: options.region,
      remoteRegions: options.fetchRegistryForRemoteRegions,
      zonesOfRegions: options.availabilityZones,
    },
  })
}

function ownInstanceOf(
  options: ResolvedEurekaOptions,
  { clock, transport }: Pick<Lifecycle, 'clock' | 'transport'>,
  { info, events }: { readonly info: InstanceInfo; readonly events: Emitter<EurekaEvents> },
): OwnInstance {
  return new OwnInstance({
    clock,
    random: options.random,
    transport,
    info,
    events,
    renewalIntervalMs: info.leaseInfo?.renewalIntervalMs ?? DEFAULT_RENEWAL_MS,
    backOffBound: options.heartbeatExponentialBackOffBound,
    replicationIntervalMs: options.instanceInfoReplicationIntervalMs,
    stopTimeoutMs: options.stopTimeoutMs,
    onDemand: options.onDemandUpdateStatusChange,
    healthCheck: options.healthCheckHandler,
  })
}
