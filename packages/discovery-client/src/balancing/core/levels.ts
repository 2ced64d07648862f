/**
 * Levels of priority, and how the load moves from one to the next when hosts of it are out of service. As in Envoy: a level of which a share
 * s is in service takes up to 1.4 · s of the load, so it spills when it has less than 71 % of its hosts; each next level takes what is left.
 */
import type { Host } from './host.js'

/** Hosts of one priority. */
interface Level {
  readonly priority: number
  readonly hosts: readonly Host[]
}

/** How the load is divided among levels. */
interface LevelLoads {
  /** The share of each level; they sum up to 1. */
  readonly shares: readonly number[]
  /** All levels together cannot take the load as it is meant to be, so each of them may panic. */
  readonly isShort: boolean
}

/** Sorted, lowest number first; those without a number come last. */
export function levelsOf(hosts: readonly Host[], priorityOf: (host: Host) => number | undefined): Level[] {
  const groups = Map.groupBy(hosts, (host) => priorityOf(host) ?? Infinity)
  return [...groups]
    .map(([priority, members]) => ({ priority, hosts: members }))
    .sort((one, other) => one.priority - other.priority)
}

/** `levels` are not empty. */
export function loadsOf(levels: readonly Level[], overprovisioning: number): LevelLoads {
  const healths = levels.map(({ hosts }) => {
    const usable = hosts.filter(({ health }) => health.isUsable).length
    return Math.min(1, (overprovisioning * usable) / hosts.length)
  })
  const total = Math.min(
    1,
    healths.reduce((sum, health) => sum + health, 0),
  )
  // Nobody is in service: the first level panics.
  if (total === 0) return { shares: levels.map((_, index) => (index === 0 ? 1 : 0)), isShort: true }
  let left = 1
  const shares = healths.map((health) => {
    const share = Math.min(left, health / total)
    left -= share
    return share
  })
  return { shares, isShort: total < 1 }
}
