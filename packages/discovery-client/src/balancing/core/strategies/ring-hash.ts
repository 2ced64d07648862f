/**
 * Consistent hashing on a ring (Karger 1997; gRPC A42): a key belongs to the host with the next point clockwise. When a
 * host comes or goes, only the keys of its own arcs move. An excluded host's keys go on to the next one. A call without a key is
 * sent anywhere.
 *
 * Points are sorted once. The ring of the list before hands over those of the hosts that stay, so a change costs one walk along the ring.
 */
import { drawIndex, weightsOf } from '../draw.js'
import { hashPair, hashText } from '../hash.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** Points of a host of the mean weight; shares then differ by about a tenth. */
const POINTS = 160
/** Larger lists get fewer points each: a rebuild must not hold the loop. */
const MAX_POINTS = 65_536
/** While points are sorted each is one number, hash × this + host: numbers sort without a comparison function. A power of two, so both come out exactly. */
const HOSTS = 2 ** 20
const HASHES = 2 ** 32
const GONE = -1

/** Points in their order around the ring. In two columns, because a walk along it for each new list has no time for divisions. */
interface Ring {
  readonly hashes: Uint32Array
  /** Index of the host. */
  readonly owners: Uint32Array
}

export class RingHashPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  /** How many points each host has. */
  private readonly counts: Uint32Array
  private readonly ring: Ring

  constructor(hosts: readonly Host[], previous?: Picker) {
    this.hosts = hosts
    this.counts = countsOf(hosts)
    const before = previous instanceof RingHashPicker ? previous : undefined
    const places = before === undefined ? new Int32Array() : this.placesOf(before)
    const stays = new Set(places)
    const fresh = this.ringOf([...hosts.keys()].filter((index) => !stays.has(index)))
    this.ring = before === undefined ? fresh : merged(before.ring, places, fresh, sumOf(this.counts))
  }

  pick(question: Question): Host | undefined {
    const { key } = question
    const { owners } = this.ring
    const start = this.indexOf(key === undefined ? drawIndex(HASHES, question) : hashText(key))
    for (let step = 0, at = start; step < owners.length; step++, at++) {
      if (at >= owners.length) at -= owners.length
      const host = this.hosts[owners[at] as number] as Host
      if (!question.isExcluded(host)) return host
    }
    // Those that are left have no points, because they weigh nothing.
    return this.hosts.find((host) => !question.isExcluded(host))
  }

  /** The first point at or after the hash. O(log points). */
  private indexOf(hash: number): number {
    const { hashes } = this.ring
    let low = 0
    let high = hashes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((hashes[middle] as number) < hash) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Where the hosts of another ring are in this one, if they have the same points. */
  private placesOf({ hosts, counts }: RingHashPicker): Int32Array {
    const known = new Map(this.hosts.map(({ id }, index) => [id, index]))
    return Int32Array.from(hosts, ({ id }, before) => {
      const index = known.get(id) ?? GONE
      return this.counts[index] === counts[before] ? index : GONE
    })
  }

  /** The points of some hosts. */
  private ringOf(indices: readonly number[]): Ring {
    const counts = Uint32Array.from(indices, (index) => this.counts[index] as number)
    const points = new Float64Array(sumOf(counts))
    let filled = 0
    indices.forEach((index, place) => {
      const hash = hashText((this.hosts[index] as Host).id)
      const count = counts[place] as number
      for (let point = 0; point < count; point++) points[filled++] = hashPair(hash, point) * HOSTS + index
    })
    points.sort()
    return {
      hashes: Uint32Array.from(points, (point) => point / HOSTS),
      owners: Uint32Array.from(points, (point) => point % HOSTS),
    }
  }
}

function countsOf(hosts: readonly Host[]): Uint32Array {
  const weights = weightsOf(hosts)
  const mean = weights.reduce((sum, weight) => sum + weight / weights.length, 0)
  const each = Math.min(POINTS, MAX_POINTS / hosts.length)
  return Uint32Array.from(weights, (weight) =>
    weight === 0 ? 0 : Math.max(1, Math.round((each * weight) / mean)),
  )
}

function sumOf(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The points of those that stay, at their new places, and the fresh ones: the same as if all were sorted anew. */
function merged(before: Ring, places: Int32Array, fresh: Ring, count: number): Ring {
  const hashes = new Uint32Array(count)
  const owners = new Uint32Array(count)
  let filled = 0
  let next = 0
  for (let old = 0; old < before.hashes.length; old++) {
    const owner = places[before.owners[old] as number] as number
    if (owner === GONE) continue
    const hash = before.hashes[old] as number
    for (; next < fresh.hashes.length && (fresh.hashes[next] as number) <= hash; filled++, next++) {
      hashes[filled] = fresh.hashes[next] as number
      owners[filled] = fresh.owners[next] as number
    }
    hashes[filled] = hash
    // Among points with the same hash the order of the hosts decides, and may have changed.
    let at = filled++
    for (; at > 0 && hashes[at - 1] === hash && (owners[at - 1] as number) > owner; at--)
      owners[at] = owners[at - 1] as number
    owners[at] = owner
  }
  hashes.set(fresh.hashes.subarray(next), filled)
  owners.set(fresh.owners.subarray(next), filled)
  return { hashes, owners }
}
