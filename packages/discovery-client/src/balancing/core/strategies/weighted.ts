/**
 * Shares in proportion to weights, evenly interleaved: the static stride of gRPC. Each host is visited in every
 * generation and accepted when its running sum passes a multiple of the scale. Schemes by greatest common divisors
 * (undici, elastic-transport) send the heavy host bursts instead (nodejs/undici#1065).
 *
 * O(1) amortised where weights are alike. Where one weighs far more than the mean, almost every visit would be in vain:
 * such lists are drawn by chance from an alias table, which is O(1) always.
 */
import { AliasTable } from '../alias-table.js'
import { allowedOf, drawIndex, DRAWS, weightsOf } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** Weights are scaled so that the largest is this: 1 in 65 535 is the least share beside it. */
const SCALE = 65_535
/** Below this share of accepted visits, chance is cheaper. */
const LEAST_ACCEPTED = 1 / 16
/** Starts the hosts at different points of their strides; odd, near the golden section of the scale. */
const SPREAD = 40_503
const NOWHERE = -1

export class WeightedPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  private readonly strides: Uint16Array
  private readonly weights: readonly number[]
  private readonly sum: number
  private readonly isByChance: boolean
  /** Made when chance is asked for the first time. */
  private table: AliasTable | undefined = undefined
  private index = NOWHERE
  private generation = 0

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
    const weights = weightsOf(hosts)
    this.weights = weights
    const largest = weights.reduce((most, weight) => Math.max(most, weight), 0)
    const strideOf = (weight: number): number =>
      weight === 0 ? 0 : Math.max(1, Math.round((weight / largest) * SCALE))
    this.strides = Uint16Array.from(weights, strideOf)
    this.sum = this.strides.reduce((sum, stride) => sum + stride, 0)
    this.isByChance = this.sum < LEAST_ACCEPTED * SCALE * hosts.length
  }

  pick(question: Question): Host | undefined {
    const host = this.isByChance ? this.draw(question) : this.next(question)
    return question.isExcluded(host) ? this.another(question) : host
  }

  /** Whose turn it is, wanted or not. */
  private next(question: Question): Host {
    if (this.index === NOWHERE) this.start(question)
    for (;;) {
      const index = this.index
      const isAccepted = this.accepts(index)
      this.step()
      if (isAccepted) return this.hosts[index] as Host
    }
  }

  /** Whether the visit of this generation is one of its turns. */
  private accepts(index: number): boolean {
    const stride = this.strides[index] as number
    return (stride * this.generation + index * SPREAD) % SCALE >= SCALE - stride
  }

  private draw({ random }: Question): Host {
    this.table ??= new AliasTable(this.weights)
    return this.hosts[this.table.draw(random.next(), random.next())] as Host
  }

  /** The turn of an excluded one goes to any other by its weight: the next in the order would get twice its share. */
  private another(question: Question): Host | undefined {
    for (let draw = 0; draw < DRAWS; draw++) {
      const host = this.draw(question)
      if (!question.isExcluded(host)) return host
    }
    const { random } = question
    const hosts = allowedOf(this.hosts, question)
    return hosts[new AliasTable(weightsOf(hosts)).draw(random.next(), random.next())]
  }

  /** At somebody's turn: from any visit on, the first turn would mostly be that of a host which stands behind light ones. */
  private start(question: Question): void {
    let left = drawIndex(this.sum, question)
    this.index = this.strides.findIndex((stride) => (left -= stride) < 0)
    this.generation = drawIndex(SCALE, question)
    // Turns are as many visits apart as the host is lighter than the heaviest one, and it is as seldom drawn.
    while (!this.accepts(this.index)) this.generation = (this.generation + 1) % SCALE
  }

  private step(): void {
    this.index++
    if (this.index < this.hosts.length) return
    this.index = 0
    // Sums repeat with this period.
    this.generation = (this.generation + 1) % SCALE
  }
}
