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
/** A point is one number, hash × this + host: numbers sort without a comparison function. A power of two, so both come out exactly. */
const HOSTS = 2 ** 20
const HASHES = 2 ** 32
const GONE = -1

export class RingHashPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  /** How many points each host has. */
  private readonly counts: Uint32Array
  private readonly points: Float64Array

  constructor(hosts: readonly Host[], previous?: Picker) {
    this.hosts = hosts
    this.counts = countsOf(hosts)
    const before = previous instanceof RingHashPicker ? previous : undefined
    const places = before === undefined ? new Int32Array() : this.placesOf(before)
    const stays = new Set(places)
    const fresh = this.pointsOf((index) => !stays.has(index))
    this.points = before === undefined ? fresh : merged(before.points, places, fresh)
  }

  pick(question: Question): Host | undefined {
    const { key } = question
    const { points } = this
    const start = this.indexOf(key === undefined ? drawIndex(HASHES, question) : hashText(key))
    for (let step = 0, at = start; step < points.length; step++, at++) {
      if (at >= points.length) at -= points.length
      const host = this.hosts[hostIn(points[at] as number)] as Host
      if (!question.isExcluded(host)) return host
    }
    // Those that are left have no points, because they weigh nothing.
    return this.hosts.find((host) => !question.isExcluded(host))
  }

  /** The first point at or after the hash. O(log points). */
  private indexOf(hash: number): number {
    const wanted = hash * HOSTS
    let low = 0
    let high = this.points.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.points[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Where the hosts of another ring are in this one, if they have the same points. */
  private placesOf({ hosts, counts }: RingHashPicker): Int32Array {
    const known = new Map(this.hosts.map(({ id }, index) => [id, index]))
    return Int32Array.from(hosts, ({ id }, before) => {
      const index = known.get(id) ?? GONE
      return index !== GONE && this.counts[index] === counts[before] ? index : GONE
    })
  }

  private pointsOf(isWanted: (index: number) => boolean): Float64Array {
    const wanted = this.counts.map((count, index) => (isWanted(index) ? count : 0))
    const points = new Float64Array(wanted.reduce((sum, count) => sum + count, 0))
    let filled = 0
    this.hosts.forEach(({ id }, index) => {
      const count = wanted[index] as number
      const hash = count === 0 ? 0 : hashText(id)
      for (let point = 0; point < count; point++) points[filled++] = hashPair(hash, point) * HOSTS + index
    })
    return points.sort()
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

function hostIn(point: number): number {
  return point - Math.floor(point / HOSTS) * HOSTS
}

/** The points of those that stay, at their new places, and the fresh ones: the same as if all were sorted anew. */
function merged(before: Float64Array, places: Int32Array, fresh: Float64Array): Float64Array {
  const points = new Float64Array(before.length + fresh.length)
  let filled = 0
  let next = 0
  for (const old of before) {
    const place = places[hostIn(old)] as number
    if (place === GONE) continue
    const point = Math.floor(old / HOSTS) * HOSTS + place
    while (next < fresh.length && (fresh[next] as number) < point) points[filled++] = fresh[next++] as number
    // Hosts may have changed their order; where their hashes are equal, so do their points.
    let at = filled++
    for (; at > 0 && (points[at - 1] as number) > point; at--) points[at] = points[at - 1] as number
    points[at] = point
  }
  while (next < fresh.length) points[filled++] = fresh[next++] as number
  return points.slice(0, filled)
}
