/**
 * The registries that a client holds: its own region's, and those of other regions it was told to fetch too. One answer
 * of a server speaks of all of them, and is applied to all or to none.
 */
import type { Clock, Random } from '@breakwater/kernel'
import { applyDelta, replaceRegistry } from '../core/registry/apply.js'
import { diffRegistries, MAX_DIFFERENCES } from '../core/registry/diff.js'
import type { InstanceDifference, RegistryDiff } from '../core/registry/diff.js'
import type { Rebuilt } from '../core/registry/rebuild.js'
import { hashOfAll, splitByRegion } from '../core/registry/regions.js'
import type { RegionMap } from '../core/registry/regions.js'
import { emptyRegistry } from '../core/registry/registry.js'
import type { Registry, RegistryOptions } from '../core/registry/registry.js'
import type { Steps } from '../core/steps.js'
import type { ReadApplications } from '../core/wire/read-applications.js'
import { breathe } from './breathe.js'

export interface RegionsOptions {
  readonly clock: Clock
  readonly random: Random
  readonly regions: RegionMap
  readonly registry: RegistryOptions
}

/** All registries of one moment, by region. */
export type Registries = ReadonlyMap<string, Registry>

/** What an answer would make of the registries. */
export interface Proposal {
  readonly registries: Registries
  /** Whether the result has the fingerprint that the server told; always so for a full answer, which is not checked. */
  readonly isConsistent: boolean
  /** Our fingerprint of the result. */
  readonly hash: string
}

export function emptyRegistries({ regions, registry }: RegionsOptions): Registries {
  const names = [regions.region, ...regions.remoteRegions]
  return new Map(names.map((name) => [name, emptyRegistry(registry)]))
}

/** The registries as a full answer has them. */
export function proposeFull(
  before: Registries,
  read: ReadApplications,
  options: RegionsOptions,
  signal: AbortSignal,
): Promise<Proposal> {
  const replace = (registry: Registry, part: ReadApplications): Promise<Rebuilt> =>
    breathe(replaceRegistry(registry, part, options.random), options.clock, signal)
  return propose(before, read, options, replace)
}

/** The registries with the changes of a delta. */
export async function proposeDelta(
  before: Registries,
  read: ReadApplications,
  options: RegionsOptions,
  signal: AbortSignal,
): Promise<Proposal> {
  let isTooLarge = false
  const apply = async (registry: Registry, part: ReadApplications): Promise<Rebuilt> => {
    const result = await breathe(applyDelta(registry, part, options.random), options.clock, signal)
    isTooLarge ||= result.isTooLarge
    return result
  }
  const proposal = await propose(before, read, options, apply)
  const hash = read.appsHashCode
  const isSame = hash === undefined || hash === proposal.hash
  return { ...proposal, isConsistent: isSame && !isTooLarge }
}

/** In what two states of all regions differ. */
export function* differencesOf(ours: Registries, server: Registries): Steps<RegistryDiff> {
  const differences: InstanceDifference[] = []
  let total = 0
  for (const [region, registry] of server) {
    const known = ours.get(region)
    if (known === undefined) continue
    const diff = yield* diffRegistries(known, registry)
    differences.push(...diff.differences)
    total += diff.total
  }
  return { differences: Object.freeze(differences.slice(0, MAX_DIFFERENCES)), total }
}

/** Instances of all regions. */
export function sizeOfAll(registries: Registries): number {
  let size = 0
  for (const registry of registries.values()) size += registry.size
  return size
}

async function propose(
  before: Registries,
  read: ReadApplications,
  options: RegionsOptions,
  make: (registry: Registry, part: ReadApplications) => Promise<Rebuilt>,
): Promise<Proposal> {
  const { regions, registry: registryOptions } = options
  const parts =
    regions.remoteRegions.length === 0 ? [[regions.region, read] as const] : splitByRegion(read, regions)
  const registries = new Map<string, Registry>()
  for (const [region, part] of parts) {
    const known = before.get(region) ?? emptyRegistry(registryOptions)
    const { registry } = await make(known, part)
    registries.set(region, registry)
  }
  return { registries, isConsistent: true, hash: hashOfAll(registries.values()) }
}
