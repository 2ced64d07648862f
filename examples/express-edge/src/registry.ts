// The registry of a run: an embedded Eureka of our own, or a running server that was given; and what its lists say.

import { setTimeout as sleep } from 'node:timers/promises'
import { EurekaClient } from '@breakwater/discovery-client'
import { EmbeddedEureka } from '@breakwater/testing'
import { freePort } from './free-port.ts'
import { allUpSince, withPicture } from './pictures.ts'
import type { Picture, Statuses } from './pictures.ts'

const POLL_EVERY_MS = 250
/** A server that is away for so long has been missed by everybody. */
const AWAY_MS = 1_000

/** An instance of the demo, as it is registered. */
export interface Registrant {
  readonly app: string
  readonly id: string
}

export class DemoRegistry {
  readonly url: string
  private readonly registrants: readonly Registrant[]
  private own: EmbeddedEureka | undefined
  private readonly asker: EurekaClient
  private seen: readonly Picture[] = []
  private polling: Promise<void> | undefined
  private readonly ended = new AbortController()

  private constructor(url: string, own: EmbeddedEureka | undefined, registrants: readonly Registrant[]) {
    this.url = url
    this.own = own
    this.registrants = registrants
    this.asker = new EurekaClient({ serviceUrls: [url], fetchRegistry: false })
  }

  /** With a URL it is that server; without one it is our own, on loopback. */
  static async open(url: string | undefined, registrants: readonly Registrant[]): Promise<DemoRegistry> {
    if (url !== undefined) return new DemoRegistry(url, undefined, registrants)
    // Not one that the system picks: it has to be had again after a restart.
    const own = await EmbeddedEureka.start({ port: await freePort() })
    return new DemoRegistry(own.url, own, registrants)
  }

  get isOurs(): boolean {
    return this.own !== undefined
  }

  /** What the lists said so far. */
  get pictures(): readonly Picture[] {
    return this.seen
  }

  /** What they say now. */
  get statuses(): Statuses | undefined {
    return this.seen.at(-1)?.statuses
  }

  /** Asks for the lists from now on, until it is closed. */
  watch(): void {
    this.polling ??= this.poll()
  }

  /** Resolves when the lists show everybody up; rejects when that takes too long. */
  async allUp(limitMs: number, signal: AbortSignal): Promise<void> {
    const ids = this.registrants.map(({ id }) => id)
    const until = Date.now() + limitMs
    while (allUpSince(this.seen, ids, 0) === undefined) {
      if (Date.now() > until) throw new Error(`the registry does not show ${ids.join(', ')} as up`)
      await sleep(POLL_EVERY_MS, undefined, { signal })
    }
  }

  /** Our own goes away for a second and comes back empty. Resolves with the time of that. */
  async restart(signal: AbortSignal): Promise<number> {
    const { own } = this
    if (own === undefined) throw new Error('the registry is not ours')
    await own.stop()
    await sleep(AWAY_MS, undefined, { signal })
    this.own = await EmbeddedEureka.start({ port: Number(new URL(this.url).port) })
    return Date.now()
  }

  /** Who is registered, in whatever status, asked past all caches. */
  async leftBehind(): Promise<readonly string[]> {
    const found = await Promise.all(
      this.registrants.map(({ app, id }) => this.asker.api.instance({ app, instanceId: id })),
    )
    return this.registrants.map(({ id }) => id).filter((_, index) => found[index] !== undefined)
  }

  async close(): Promise<void> {
    this.ended.abort()
    await this.polling
    await this.asker.stop()
    await this.own?.stop()
  }

  private async poll(): Promise<void> {
    const { signal } = this.ended
    while (!signal.aborted) {
      const statuses = await this.ask()
      this.seen = withPicture(this.seen, { at: Date.now(), statuses })
      // Rejects only when it is over.
      await sleep(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** `undefined` when it cannot be asked. */
  private async ask(): Promise<Statuses | undefined> {
    const apps = [...new Set(this.registrants.map(({ app }) => app))]
    try {
      const lists = await Promise.all(apps.map((app) => this.asker.api.application(app)))
      return Object.fromEntries(lists.flat().map(({ instanceId, status }) => [instanceId, status]))
    } catch {
      return undefined
    }
  }
}
