/**
 * Zone-aware routing as in Envoy: calls stay in their own zone as far as its hosts have room for all the clients there, and the rest goes
 * to the zones that have more hosts than clients, in proportion to what they have to spare. So each host gets the same load though most calls
 * stay near.
 */

/** How a client of one zone divides its calls: the share of each zone, its own first. */
export interface ZoneShares {
  readonly zones: readonly string[]
  /** They sum up to 1. */
  readonly shares: readonly number[]
}

/** `undefined` where nothing can be told: no hosts or no known clients in the own zone. */
export function zoneShares(
  own: string,
  hosts: ReadonlyMap<string, number>,
  clients: ReadonlyMap<string, number>,
): ZoneShares | undefined {
  const hostShare = shareIn(hosts)
  const clientShare = shareIn(clients)
  const [supply, demand] = [hostShare(own), clientShare(own)]
  if (supply === 0 || demand === 0) return undefined
  if (supply >= demand) return { zones: [own], shares: [1] }
  // What the own zone lacks, others have to spare.
  const spare = [...hosts.keys()]
    .map((zone) => ({ zone, room: hostShare(zone) - clientShare(zone) }))
    .filter(({ room }) => room > 0)
  const room = spare.reduce((sum, other) => sum + other.room, 0)
  const stays = supply / demand
  return {
    zones: [own, ...spare.map(({ zone }) => zone)],
    shares: [stays, ...spare.map((other) => (1 - stays) * (other.room / room))],
  }
}

function shareIn(counts: ReadonlyMap<string, number>): (zone: string) => number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return (zone) => (total === 0 ? 0 : (counts.get(zone) ?? 0) / total)
}
