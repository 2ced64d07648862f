/**
 * Registries of several regions. A server asked for `?regions=` merges them into one answer; each instance is told apart by its
 * Amazon availability zone (AbstractAzToRegionMapper), and everybody else is at home.
 */
import type { InstanceInfo } from '../model/instance-info.js'
import type { ReadApplications } from '../wire/read-applications.js'
import type { ReadEntry } from '../wire/read-instance.js'
import { addCounts, appsHash, NO_COUNTS } from './apps-hash.js'
import type { StatusCounts } from './apps-hash.js'
import type { Registry } from './registry.js'

/** What is known of regions and their zones. */
export interface RegionMap {
  /** Our own. */
  readonly region: string
  /** Those we also fetch. */
  readonly remoteRegions: readonly string[]
  readonly zonesOfRegions: ReadonlyMap<string, readonly string[]>
}

/** The remote region of an instance, or `undefined` for our own. */
export function remoteRegionOf(info: InstanceInfo, map: RegionMap): string | undefined {
  const { dataCenterInfo } = info
  const zone = dataCenterInfo.name === 'Amazon' ? dataCenterInfo.metadata['availability-zone'] : undefined
  if (zone === undefined) return undefined
  // Java has a list of zones of its own between the two, in which every zone is its region and a letter as well.
  const region = configuredRegion(zone, map) ?? zone.slice(0, -1)
  return map.remoteRegions.includes(region) && region !== map.region ? region : undefined
}

/** One answer as one for each region; ours is under `map.region` and always there. Deltas and full answers alike. */
export function splitByRegion(read: ReadApplications, map: RegionMap): ReadonlyMap<string, ReadApplications> {
  const entries = new Map<string, ReadEntry[]>([map.region, ...map.remoteRegions].map((name) => [name, []]))
  for (const entry of read.entries) {
    const region = entry.kind === 'instance' ? remoteRegionOf(entry.info, map) : undefined
    entries.get(region ?? map.region)?.push(entry)
  }
  return new Map(Array.from(entries, ([region, list]) => [region, { ...read, entries: list }]))
}

/** The hash over the registries of all regions, which is what the server's speaks of. */
export function hashOfAll(registries: Iterable<Registry>): string {
  return appsHash(countsOfAll(registries))
}

/** How many instances of all regions are in each status. */
export function countsOfAll(registries: Iterable<Registry>): StatusCounts {
  let counts = NO_COUNTS
  for (const { data } of registries) counts = addCounts(counts, data.counts)
  return counts
}

function configuredRegion(zone: string, { zonesOfRegions }: RegionMap): string | undefined {
  for (const [region, zones] of zonesOfRegions) if (zones.includes(zone)) return region
  return undefined
}
