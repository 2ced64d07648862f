/**
 * The few hosts out of many that one client uses, so that not each of a thousand clients keeps connections to each of a thousand hosts.
 *
 * A client that knows nothing of its peers has a number for each host, and takes the lowest ones (rendezvous hashing, as in gRPC's A68): a host that
 * comes or goes moves at most one entry, but by chance some hosts have more clients than others. Clients that know their place among their peers
 * divide a ring of all hosts evenly (deterministic aperture, as in Finagle): no host has two clients more than another, and a change moves at
 * most two entries. Neither depends on the order of the list.
 */
import { hashPair, hashText } from './hash.js'
import type { Host } from './host.js'

export interface Subset {
  readonly size: number
  /** The hash of the client's name. */
  readonly client: number
}

/** The place of one client among all: from 0 to `count` − 1. */
export interface Seat {
  readonly index: number
  readonly count: number
}

/** In the order of the list. O(n log n). */
export function subsetOf(
  hosts: readonly Host[],
  { size, client }: Subset,
  seat: Seat | undefined,
): readonly Host[] {
  if (hosts.length <= size) return hosts
  const ordered = inOrder(hosts, ({ id }) =>
    seat === undefined ? hashPair(hashText(id), client) : hashText(id),
  )
  const start = seat === undefined ? 0 : Math.floor((seat.index * hosts.length) / seat.count)
  const chosen = new Set([...ordered.slice(start), ...ordered].slice(0, size))
  return hosts.filter((host) => chosen.has(host))
}

/** By number; equal numbers are in the order of ids, not of the list. */
function inOrder(hosts: readonly Host[], numberOf: (host: Host) => number): readonly Host[] {
  return hosts
    .map((host) => ({ host, number: numberOf(host) }))
    .sort((one, other) => one.number - other.number || (one.host.id < other.host.id ? -1 : 1))
    .map(({ host }) => host)
}
