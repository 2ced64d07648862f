/**
 * Consistent hashing on a ring (Karger 1997; gRPC A42): a key belongs to the host with the next point clockwise. When a
 * host comes or goes, only the keys of its own arcs move. An excluded host's keys go on to the next one. A call without a key is
 * sent anywhere.
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
/** A point is one number, hash × this + host: numbers sort without a comparison function. */
const HOSTS = 2 ** 20
const HASHES = 2 ** 32

export class RingHashPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  private readonly points: Float64Array

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
    const weights = weightsOf(hosts)
    const mean = weights.reduce((sum, weight) => sum + weight / weights.length, 0)
    const each = Math.min(POINTS, MAX_POINTS / hosts.length)
    const points: number[] = []
    hosts.forEach(({ id }, index) => {
      const weight = weights[index] as number
      const count = weight === 0 ? 0 : Math.max(1, Math.round((each * weight) / mean))
      const hash = hashText(id)
      for (let point = 0; point < count; point++) points.push(hashPair(hash, point) * HOSTS + index)
    })
    this.points = Float64Array.from(points).sort()
  }

  pick(question: Question): Host | undefined {
    const { key } = question
    const { length } = this.points
    const start = this.indexOf(key === undefined ? drawIndex(HASHES, question) : hashText(key))
    for (let step = 0; step < length; step++) {
      const host = this.hosts[(this.points[(start + step) % length] as number) % HOSTS] as Host
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
}
