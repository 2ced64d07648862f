/**
 * The option that divides a limit among kinds of calls, and its check.
 */
import { isPlainObject } from '@breakwater/kernel'
import type { Call, OptionReader } from '@breakwater/kernel'

/** Shares of a limit that kinds of calls are sure of when it is used up; as long as it is not, everybody may use it. */
export interface Partitions {
  /** Which kind a call is of. Whom it throws at, or who is of no kind in `percents`, is sure of one slot only. */
  readonly by: (call: Call) => string
  /** Percent of the limit by kind, together at most 100; each is at least one slot. */
  readonly percents: Readonly<Record<string, number>>
}

type Percents = Partitions['percents']

const EXPECTED = 'percents by name, each from 0, together at most 100'

export function readPartitions(read: OptionReader<keyof Partitions>): Partitions {
  const by = read.fn<Partitions['by']>('by')
  if (!read.has('by')) read.issue('by', undefined, 'a function')
  const percents = read.custom<Percents, Percents>('percents', {}, arePercents)
  if (!read.has('percents')) read.issue('percents', undefined, EXPECTED)
  return Object.freeze({ by: by ?? (() => ''), percents: Object.freeze({ ...percents }) })
}

function arePercents(value: unknown): string | undefined {
  if (!isPlainObject(value)) return EXPECTED
  let sum = 0
  for (const percent of Object.values(value)) {
    if (typeof percent !== 'number' || !(percent >= 0)) return EXPECTED
    sum += percent
  }
  return sum <= 100 ? undefined : EXPECTED
}
