/**
 * Draws an index in proportion to its weight, in constant time: the alias method of Walker (1977) in the form of Vose
 * (1991). The unit square is cut into equal columns, each shared by two indices at most.
 */
export class AliasTable {
  private readonly own: Float64Array
  private readonly alias: Uint32Array

  /** Takes finite weights of at least 0, one of them above 0. O(n). */
  constructor(weights: readonly number[]) {
    const count = weights.length
    // Divided by the largest first: a sum of huge weights would overflow.
    const largest = weights.reduce((most, weight) => Math.max(most, weight), 0)
    const sum = weights.reduce((total, weight) => total + weight / largest, 0)
    this.own = Float64Array.from(weights, (weight) => (weight / largest / sum) * count)
    this.alias = Uint32Array.from(weights, (_, index) => index)
    this.share()
  }

  /** The index for two numbers in [0, 1). */
  draw(column: number, height: number): number {
    const index = Math.floor(column * this.own.length)
    return height < (this.own[index] as number) ? index : (this.alias[index] as number)
  }

  private share(): void {
    const { own, alias } = this
    const small: number[] = []
    const large: number[] = []
    own.forEach((share, index) => (share < 1 ? small : large).push(index))
    while (small.length > 0 && large.length > 0) {
      const less = small.pop() as number
      const more = large.pop() as number
      alias[less] = more
      own[more] = (own[more] as number) + (own[less] as number) - 1
      if (own[more] < 1) small.push(more)
      else large.push(more)
    }
    // What is left differs from 1 by rounding only, and is its own alias.
  }
}
