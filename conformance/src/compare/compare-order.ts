// Compares two lists of things that happened. What happened at one instant, give or take the tolerance, may stand in any order; what was
// clearly earlier must come earlier, and nothing may be missing or too much.

import type { FieldDifference } from './compare-fields.ts'

/** Our list: `texts[i]` happened at `at[i]`. */
export interface Happened {
  readonly texts: readonly string[]
  readonly at: readonly number[]
}

/** When the recorded things happened is not known. Where a text comes more often on one side, its place is not judged. */
export function compareOrder(recorded: readonly string[], ours: Happened, within: number): FieldDifference[] {
  const times = new Map<string, number[]>()
  for (const [place, text] of ours.texts.entries())
    times.set(text, [...(times.get(text) ?? []), ours.at[place] ?? 0])
  const counts = [...new Set([...recorded, ...ours.texts])].flatMap((text) => {
    const [a, b] = [recorded.filter((one) => one === text).length, times.get(text)?.length ?? 0]
    return a === b ? [] : [{ path: `.count(${text})`, text, recorded: a, ours: b }]
  })
  for (const { text } of counts) times.delete(text)
  return [...counts.map(({ text: _, ...difference }) => difference), ...outOfOrder(recorded, times, within)]
}

/** The k-th of one text in the recording is our k-th of that text; then our times must not go back by more than the tolerance. */
function outOfOrder(
  recorded: readonly string[],
  times: ReadonlyMap<string, readonly number[]>,
  within: number,
): FieldDifference[] {
  const seen = new Map<string, number>()
  const found: FieldDifference[] = []
  let latest = { text: '', at: -Infinity }
  for (const [place, text] of recorded.entries()) {
    const nth = seen.get(text) ?? 0
    seen.set(text, nth + 1)
    const at = times.get(text)?.[nth]
    if (at === undefined) continue
    if (at + within < latest.at) found.push(difference(place, { text, at }, latest))
    if (at > latest.at) latest = { text, at }
  }
  return found
}

interface Event {
  readonly text: string
  readonly at: number
}

function difference(place: number, event: Event, before: Event): FieldDifference {
  return {
    path: `[${place}]`,
    recorded: `${event.text} after ${before.text}`,
    ours: `${event.text} at ${event.at}, ${before.text} at ${before.at}`,
  }
}
