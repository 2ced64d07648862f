/**
 * Highest random weight (Thaler and Ravishankar 1998): each host gets a number for the key, the best takes it. The most even
 * and the least disturbed by changes of all hashing strategies, with exact weights, and no table to build; but O(n) a pick, for
 * there is no way around asking every host.
 */
import { areEqual, drawIndex, weightsOf } from '../draw.js'
import { hashPair, hashText } from '../hash.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

const HASHES = 2 ** 32

export class RendezvousPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  private readonly hashes: Uint32Array
  private readonly weights: readonly number[]
  private readonly isEven: boolean

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
    this.hashes = Uint32Array.from(hosts, ({ id }) => hashText(id))
    this.weights = weightsOf(hosts)
    this.isEven = areEqual(this.weights)
  }

  pick(question: Question): Host | undefined {
    const key = question.key === undefined ? drawIndex(HASHES, question) : hashText(question.key)
    let best: Host | undefined
    let least = Infinity
    for (let index = 0; index < this.hosts.length; index++) {
      const host = this.hosts[index] as Host
      if (question.isExcluded(host)) continue
      const cost = this.costOf(index, key)
      if (best === undefined || cost < least) {
        best = host
        least = cost
      }
    }
    return best
  }

  /** Exponentially distributed with the weight as its rate: the least of such numbers falls to each in proportion. */
  private costOf(index: number, key: number): number {
    const hash = hashPair(this.hashes[index] as number, key)
    // The logarithm keeps the order, so equal weights can do without.
    if (this.isEven) return HASHES - hash
    return -Math.log((hash + 0.5) / HASHES) / (this.weights[index] as number)
  }
}
