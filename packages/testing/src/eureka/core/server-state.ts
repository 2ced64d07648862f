/**
 * One server without its network: the registry, the pages made of it, and what happens at fixed intervals. Every method
 * takes the time of the server and first catches up with what came due, so that a server nobody talks to costs nothing.
 */
import type { Random } from '@breakwater/kernel'
import { Agenda } from './agenda.js'
import type { InstanceInfo } from './instance-info.js'
import { isExpired } from './lease.js'
import type { Lease } from './lease.js'
import { Registry } from './registry.js'
import type { InstanceKey } from './registry.js'
import { ResponseCache } from './response-cache.js'
import type { Page, PageKey } from './response-cache.js'
import { evictionLimit, SelfPreservation } from './self-preservation.js'
import type { ServerSettings } from './server-settings.js'
import { hashOf, wireApplication, wireApplications } from './wire.js'
import type { WireObject } from './wire.js'

const MINUTE_MS = 60_000
/** What the last page said of the version, which clients must not take for a cursor. */
const FULL_VERSION = '1'
const VIP_VERSION = '-1'

/** Turns what is on a page into text. `root` is `application` or `applications`. */
export type Render = (root: string, content: WireObject, key: PageKey) => string

export interface ServerStateOptions {
  readonly startedAt: number
  readonly settings: ServerSettings
  readonly random: Random
  readonly render: Render
}

export class ServerState {
  readonly registry: Registry
  settings: ServerSettings
  private readonly startedAt: number
  private readonly random: Random
  private readonly render: Render
  private readonly preservation: SelfPreservation
  private readonly cache: ResponseCache
  private readonly agenda: Agenda
  private deltas = 0

  constructor({ startedAt, settings, random, render }: ServerStateOptions) {
    this.startedAt = startedAt
    this.settings = settings
    this.random = random
    this.render = render
    this.preservation = new SelfPreservation(settings.expectedClients)
    this.cache = new ResponseCache({
      expiryMs: settings.responseCacheExpiryMs,
      hasCopies: settings.responseCacheUpdateIntervalMs > 0,
    })
    this.registry = new Registry({
      changed: (info) => {
        this.cache.invalidate(info.app, info.texts.vipAddress, info.texts.secureVipAddress)
      },
      joined: () => {
        this.preservation.expect(1)
      },
      left: () => {
        this.preservation.expect(-1)
      },
      renewed: () => {
        this.preservation.renewed()
      },
    })
    this.agenda = new Agenda(startedAt, this.rounds(settings))
  }

  catchUp(now: number): void {
    this.agenda.catchUp(now)
  }

  /** Whether lists are answered: not for a while after a start that brought no instances. */
  isOpen(now: number): boolean {
    const { expectedClients, waitTimeWhenSyncEmptyMs } = this.settings
    return expectedClients > 0 || now - this.startedAt >= waitTimeWhenSyncEmptyMs
  }

  page(key: PageKey, now: number): Page {
    return this.cache.get(key, now, this.load)
  }

  /** The lease behind `GET apps/{app}/{id}`: not there from the moment it expires, evicted or not. */
  findInstance(key: InstanceKey, now: number): Lease | undefined {
    const lease = this.registry.lease(key)
    if (lease === undefined || (this.mayExpire() && isExpired(lease, now))) return undefined
    return lease
  }

  /** The first instance with this id, whatever its application. */
  findById(id: string, now: number): Lease | undefined {
    const key = this.registry.keyOfId(id)
    return key === undefined ? undefined : this.findInstance(key, now)
  }

  mayExpire(): boolean {
    return this.preservation.mayExpire(this.settings)
  }

  /** What the server thinks of its clients. */
  get renewals(): { readonly lastMinute: number; readonly threshold: number } {
    const { preservation, settings } = this
    return { lastMinute: preservation.renewsLastMinute, threshold: preservation.threshold(settings) }
  }

  /** One run of the evictor; forced, it takes every expired lease, whatever self-preservation says. */
  evict(now: number, isForced = false): readonly InstanceInfo[] {
    if (!isForced && !this.mayExpire()) return []
    const registered = this.registry.all()
    const expired = registered.filter((lease) => isExpired(lease, now))
    const limit = isForced ? expired.length : evictionLimit(registered.length, this.settings)
    const victims = this.sample(expired, limit)
    for (const { info } of victims) this.registry.cancel(info, now)
    return victims.map(({ info }) => info)
  }

  private rounds(settings: ServerSettings): { everyMs: number; run: (at: number) => void }[] {
    const rounds = [
      { everyMs: settings.evictionIntervalMs, run: (at: number) => void this.evict(at) },
      {
        everyMs: settings.deltaPurgeIntervalMs,
        run: (at: number) => {
          this.registry.changes.purge(at, this.settings.deltaRetentionMs)
        },
      },
      {
        everyMs: MINUTE_MS,
        run: () => {
          this.preservation.turnMinute()
        },
      },
      {
        everyMs: settings.thresholdUpdateIntervalMs,
        run: () => {
          this.preservation.recount(this.registry.all().length, this.settings)
        },
      },
      {
        everyMs: settings.responseCacheUpdateIntervalMs,
        run: (at: number) => {
          this.cache.copy(at, this.load)
        },
      },
    ]
    return rounds.filter(({ everyMs }) => everyMs > 0)
  }

  /** Draws `count` of them without returning any, as the evictor does, lest whole applications vanish first. */
  private sample(leases: readonly Lease[], count: number): Lease[] {
    const left = [...leases]
    const drawn: Lease[] = []
    while (left.length > 0 && drawn.length < count) {
      drawn.push(...left.splice(Math.floor(this.random.next() * left.length), 1))
    }
    return drawn
  }

  private readonly load = (key: PageKey): Page => {
    if (key.entity !== 'app') return { body: this.render('applications', this.list(key), key) }
    const instances = this.registry.app(key.name)
    const isGone = instances.length === 0
    const content = isGone ? undefined : wireApplication(key.name, instances, key.accept)
    return { body: content && this.render('application', content, key) }
  }

  private list({ entity, name, accept }: PageKey): WireObject {
    const all = this.registry.all()
    if (entity === 'apps') return wireApplications({ version: FULL_VERSION, hash: hashOf(all) }, all, accept)
    if (entity === 'delta') {
      const head = { version: String(++this.deltas), hash: hashOf(all) }
      return wireApplications(head, this.registry.changes.latest(), accept)
    }
    const field = entity === 'vip' ? 'vipAddress' : 'secureVipAddress'
    const listed = all.filter(({ info }) => info.texts[field]?.split(',').includes(name) === true)
    return wireApplications({ version: VIP_VERSION, hash: hashOf(listed) }, listed, accept)
  }
}
