/** Everything that can happen in what order, and how many microtasks apart. For tests only. */

/** Each way to merge the steps of several actors that keeps every actor's own order. */
export function merges<S>(actors: readonly (readonly S[])[]): readonly (readonly S[])[] {
  const waiting = actors.filter((steps) => steps.length > 0)
  if (waiting.length === 0) return [[]]
  return waiting.flatMap((steps) => {
    const rest = waiting.map((others) => (others === steps ? steps.slice(1) : others))
    return merges(rest).map((merged) => [steps[0] as S, ...merged])
  })
}

/** Each list of `count` gaps out of these. */
export function gapLists(count: number, gaps: readonly number[]): readonly (readonly number[])[] {
  if (count === 0) return [[]]
  return gapLists(count - 1, gaps).flatMap((list) => gaps.map((gap) => [...list, gap]))
}

/** Each order in which `late` may follow `after` in the list: at once, or behind any of the steps before `until`. */
export function delayed<S>(steps: readonly S[], after: S, late: S, until?: S): readonly (readonly S[])[] {
  const first = steps.indexOf(after) + 1
  const last = until === undefined ? -1 : steps.indexOf(until, first)
  const places = (last === -1 ? steps.length : last) - first + 1
  return Array.from({ length: places }, (_, behind) => [
    ...steps.slice(0, first + behind),
    late,
    ...steps.slice(first + behind),
  ])
}

/** Each of some with each of others. */
export function pairs<A, B>(some: readonly A[], others: readonly B[]): readonly (readonly [A, B])[] {
  return some.flatMap((one) => others.map((other) => [one, other] as const))
}
