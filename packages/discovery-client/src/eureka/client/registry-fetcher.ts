/**
 * Keeps the local registry: fetches it whole or what changed, and lets nothing in that is damaged, overtaken, or
 * suspiciously small. Readers see the last good registries until better ones are whole.
 */
import type { MonotonicMs } from '@breakwater/kernel'
import {
  afterDeltaApplied,
  beginFetch,
  FIRST_FETCH,
  finishFetch,
  forceFull,
  isCurrent,
} from '../core/lifecycle/fetch-plan.js'
import type { FetchKind, FetchOptions, FetchState, FetchTicket } from '../core/lifecycle/fetch-plan.js'
import type { RegistryDiff } from '../core/registry/diff.js'
import { judgeShrink } from '../core/registry/shrink-guard.js'
import type { ShrinkGuardOptions, Suspicion } from '../core/registry/shrink-guard.js'
import { readApplications } from '../core/wire/read-applications.js'
import type { ReadApplications } from '../core/wire/read-applications.js'
import type { ReadLimits } from '../core/wire/read-parts.js'
import { deltaRequest, fullRequest, vipRequest } from '../core/wire/requests.js'
import type { EurekaTransport } from '../transport/eureka-transport.js'
import { isRegistryFault, registryError } from '../../transport/registry-errors.js'
import { breathe } from './breathe.js'
import { FetchCounts } from './fetch-counts.js'
import { HeldServices } from './held-services.js'
import type { HeldInstances } from './held-services.js'
import { differencesOf, emptyRegistries, proposeDelta, proposeFull, sizeOfAll } from './known-regions.js'
import type { Proposal, Registries, RegionsOptions } from './known-regions.js'

export interface FetcherOptions extends RegionsOptions {
  readonly transport: Pick<EurekaTransport, 'send' | 'signal'>
  readonly fetch: FetchOptions
  readonly limits: ReadLimits
  readonly shrinkGuard: ShrinkGuardOptions | false
}

/** What a fetch led to. */
export interface FetchResult {
  readonly kind: FetchKind | 'backup'
  readonly changed: boolean
  /** Entries of the answer that could not be used. */
  readonly dropped: number
  /** What was put off by the shrink guard: without services the whole answer, else what those lost. */
  readonly held: HeldInstances | undefined
  /** What the delta before this full answer had missed; with `logDeltaDiff`. */
  readonly diff?: DeltaDiff | undefined
}

/** What a delta led to, beside the full answer that was fetched after it. */
export interface DeltaDiff extends RegistryDiff {
  /** Our fingerprint after the delta. */
  readonly hash: string
  /** That of the server; `undefined` when it sent none. */
  readonly serverHash: string | undefined
}

/** What a delta led to that is not used, but compared. */
type Compared = Pick<Proposal, 'registries' | 'hash'> & { readonly serverHash: string | undefined }

export class RegistryFetcher {
  readonly counts: FetchCounts = new FetchCounts()
  private readonly options: FetcherOptions
  private current: Registries
  private state: FetchState = FIRST_FETCH
  private suspicion: Suspicion | undefined
  private readonly services: HeldServices
  private compared: Compared | undefined
  private goodAt: MonotonicMs | undefined

  constructor(options: FetcherOptions) {
    this.options = options
    this.current = emptyRegistries(options)
    this.services = new HeldServices(options)
  }

  /** The registries in use, by region. */
  get registries(): Registries {
    return this.current
  }

  /** When a server last confirmed or changed what is known; `undefined` before the first time. */
  get updatedAt(): MonotonicMs | undefined {
    return this.goodAt
  }

  /** Fetches once: what changed if possible, else everything. Rejects with `RegistryError`, and changes nothing then. */
  async fetch(): Promise<FetchResult> {
    const { clock, fetch: plan } = this.options
    const hasApplications = [...this.current.values()].some(({ apps }) => apps.size > 0)
    const { state, ticket } = beginFetch(this.state, { hasApplications }, plan)
    this.state = state
    this.compared = undefined
    const startedAt = clock.now()
    let kind = ticket.kind
    try {
      const result = kind === 'delta' ? await this.fetchDelta(ticket) : undefined
      if (result === undefined && kind === 'delta') kind = 'full'
      const ended = result ?? (await this.fetchWhole(ticket, kind === 'vip' ? 'vip' : 'full'))
      this.counts.ended(kind, 'success', clock.now() - startedAt)
      return ended
    } catch (error) {
      if (!isRegistryFault(error, 'STOPPED')) this.counts.ended(kind, 'failure', clock.now() - startedAt)
      throw error
    }
  }

  /** Takes a list from elsewhere, in the form of a server's answer, while no server has been heard. */
  async useBackup(json: unknown): Promise<FetchResult> {
    const { transport } = this.options
    const read = await this.read(json, transport.signal)
    const { registries } = await proposeFull(this.current, read, this.options, transport.signal)
    // Without a time: its age is not known, and the next fetch asks for everything.
    this.current = registries
    return { kind: 'backup', changed: true, dropped: droppedOf(read), held: undefined }
  }

  /** `undefined` when everything is to be fetched instead. */
  private async fetchDelta(ticket: FetchTicket): Promise<FetchResult | undefined> {
    const { transport, fetch: plan, regions } = this.options
    const request = deltaRequest(regions.remoteRegions)
    const { verdict, value: read } = await transport.send('query', request, (json, signal) =>
      this.read(json, signal),
    )
    if (verdict !== 'success' || read === undefined) {
      this.state = forceFull(this.state)
      return undefined
    }
    const proposal = await proposeDelta(this.current, read, this.options, transport.signal)
    if (!proposal.isConsistent) this.counts.mismatches++
    if (afterDeltaApplied(proposal, plan) === 'full-now') {
      if (plan.logDeltaDiff) this.compared = { ...proposal, serverHash: read.appsHashCode }
      this.state = forceFull(this.state)
      return undefined
    }
    return this.take(ticket, 'delta', proposal, read)
  }

  private async fetchWhole(ticket: FetchTicket, kind: 'full' | 'vip'): Promise<FetchResult> {
    const { transport, fetch: plan, regions } = this.options
    const request =
      kind === 'vip' && plan.singleVip !== undefined
        ? vipRequest(plan.singleVip, { regions: regions.remoteRegions })
        : fullRequest(regions.remoteRegions)
    const { value: read } = await transport.send('query', request, (json, signal) => this.read(json, signal))
    if (read === undefined) throw registryError('BODY', 'the server has no list of instances')
    const proposal = await proposeFull(this.current, read, this.options, transport.signal)
    const diff = await this.diffTo(proposal)
    return { ...(await this.take(ticket, kind, proposal, read)), diff }
  }

  private async diffTo({ registries }: Proposal): Promise<DeltaDiff | undefined> {
    const { compared } = this
    if (compared === undefined) return undefined
    const { clock, transport } = this.options
    const diff = await breathe(differencesOf(compared.registries, registries), clock, transport.signal)
    return { ...diff, hash: compared.hash, serverHash: compared.serverHash }
  }

  private async take(
    ticket: FetchTicket,
    kind: FetchKind,
    proposal: Proposal,
    read: ReadApplications,
  ): Promise<FetchResult> {
    const { clock, shrinkGuard, transport } = this.options
    // A backup is no word of a server: the first that a server says counts, however little.
    const isFirst = this.goodAt === undefined
    const before = isFirst ? proposal.registries : this.current
    const judged = await this.services.judge(before, proposal.registries, transport.signal)
    // From here on no wait between the judgement and the change.
    transport.signal.throwIfAborted()
    const dropped = droppedOf(read)
    this.counts.dropped += dropped
    if (!isCurrent(this.state, ticket)) return { kind, changed: false, dropped, held: undefined }
    const size = { before: sizeOfAll(before), after: sizeOfAll(proposal.registries) }
    const verdict = judgeShrink(this.suspicion, size, clock.now(), shrinkGuard)
    this.suspicion = verdict.suspicion
    // Who believes a much smaller whole believes its parts.
    const { registries, held } = this.services.take(
      verdict.kind === 'apply' && verdict.isConfirmed ? proposal.registries : judged,
    )
    if (verdict.kind === 'hold') {
      this.counts.held++
      this.state = forceFull(this.state)
      return { kind, changed: false, dropped, held: { ...size, services: [] } }
    }
    if (held !== undefined) this.counts.held++
    this.state = finishFetch(this.state, ticket, held !== undefined)
    const changed = [...registries].some(([region, registry]) => this.current.get(region) !== registry)
    this.current = registries
    this.goodAt = clock.now()
    return { kind, changed, dropped, held }
  }

  private async read(json: unknown, signal: AbortSignal): Promise<ReadApplications> {
    const { limits, clock } = this.options
    const read = await breathe(readApplications(json, limits), clock, signal)
    if (read.kind === 'applications') return read
    if (read.reason === 'not-applications') throw registryError('BODY', 'the answer is no list of instances')
    throw registryError('TOO_LARGE', `the registry has more than ${String(limits.maxInstances)} instances`)
  }
}

function droppedOf({ dropped }: ReadApplications): number {
  let sum = 0
  for (const count of dropped.values()) sum += count
  return sum
}
