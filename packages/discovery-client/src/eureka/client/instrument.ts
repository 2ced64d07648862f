/** The face that a named client shows to exporters. */
import { defaultRuntime } from '@breakwater/kernel'
import type { Instrument, RegistryReading } from '@breakwater/kernel'
import type { ResolvedEurekaOptions } from '../core/options/client-options.js'
import { countsOfAll } from '../core/registry/regions.js'
import type { Lifecycle } from './lifecycle.js'

/** Registers the instrument of a client that has a name; the returned function removes it. */
export function registerInstrument({ name, runtime }: ResolvedEurekaOptions, life: Lifecycle): () => void {
  if (name === undefined) return () => {}
  const instrument: Instrument = { kind: 'registry', name, read: () => reading(life) }
  return (runtime ?? defaultRuntime()).register(instrument)
}

function reading({ clock, fetcher, poll, own, transport }: Lifecycle): RegistryReading {
  const { counts } = fetcher
  const { requests, quarantined, servers, serverListAgeMs } = transport.read()
  // Stamps are of monotonic time inside; exporters show those of the wall clock.
  const epochOf = (at: number | undefined): number | undefined =>
    at === undefined ? undefined : clock.epochNow() - (clock.now() - at)
  const registrations = own?.registration.counts.registrations ?? 0
  return {
    fetches: counts.read(),
    fetchLatency: counts.latency,
    lastFetchAt: epochOf(fetcher.updatedAt),
    lastHeartbeatAt: epochOf(own?.registration.goodAt),
    heartbeats: own?.registration.counts.heartbeats ?? NO_HEARTBEATS,
    reregistrations: Math.max(0, registrations - 1),
    mismatches: counts.mismatches,
    droppedEntries: counts.dropped,
    heldRegistries: counts.held,
    instances: countsOfAll(fetcher.registries.values()),
    ownStatus: own === undefined ? undefined : poll.ownStatus,
    quarantinedServers: quarantined,
    servers,
    serverListAgeMs,
    requests,
  }
}

const NO_HEARTBEATS = Object.freeze({ success: 0, unknown: 0, failure: 0 })
