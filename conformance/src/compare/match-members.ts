// Which member of a `repeat` is which does not matter: threads start in any order. So the members of both traces are paired in the way that
// leaves the fewest of them different.

/** For each item of `left` the place of its partner in `right`, or -1. Equal items find each other whenever that is possible (augmenting paths). */
export function matchMembers<T>(
  left: readonly T[],
  right: readonly T[],
  equal: (a: T, b: T) => boolean,
): number[] {
  const partnerOfRight = new Array<number>(right.length).fill(-1)
  for (let at = 0; at < left.length; at++) place({ left, right, equal, partnerOfRight }, at, new Set())
  const partners = left.map((_, at) => partnerOfRight.indexOf(at))
  const free = right.map((_, at) => at).filter((at) => partnerOfRight[at] === -1)
  return partners.map((partner) => (partner === -1 ? (free.shift() ?? -1) : partner))
}

interface Matching<T> {
  readonly left: readonly T[]
  readonly right: readonly T[]
  readonly equal: (a: T, b: T) => boolean
  readonly partnerOfRight: number[]
}

function place<T>(matching: Matching<T>, at: number, tried: Set<number>): boolean {
  const { left, right, equal, partnerOfRight } = matching
  const item = left[at]
  for (const [to, candidate] of right.entries()) {
    if (item === undefined || tried.has(to) || !equal(item, candidate)) continue
    tried.add(to)
    const owner = partnerOfRight[to] ?? -1
    if (owner === -1 || place(matching, owner, tried)) {
      partnerOfRight[to] = at
      return true
    }
  }
  return false
}
