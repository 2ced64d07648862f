// Who takes part: strategies that are known elsewhere, and ours without and with the ejection that is on by default.

import type { BalancerOptions } from '@breakwater/discovery-client'

export interface Contestant {
  readonly name: string
  /** Known from elsewhere: ours is measured against the best of them. */
  readonly isKnown: boolean
  readonly options: Omit<BalancerOptions, 'source' | 'service' | 'clock' | 'random'>
}

export const OURS = 'adaptive'
const PLAIN = 'adaptive, no ejection'

const off = { ejection: false } as const

export const CONTESTANTS: readonly Contestant[] = [
  { name: 'random', isKnown: true, options: { strategy: 'random', ...off } },
  { name: 'roundRobin', isKnown: true, options: { strategy: 'roundRobin', ...off } },
  { name: 'weightedResponseTime', isKnown: true, options: { strategy: 'weightedResponseTime', ...off } },
  { name: 'leastRequest', isKnown: true, options: { strategy: 'leastRequest', ...off } },
  // A failure counts as five seconds, as in Linkerd.
  { name: 'peakEwma', isKnown: true, options: { strategy: 'peakEwma', failurePenaltyMs: 5_000, ...off } },
  { name: PLAIN, isKnown: false, options: { strategy: 'adaptive', ...off } },
  { name: OURS, isKnown: false, options: { strategy: 'adaptive' } },
]

/** The contestant of a name; throws a `RangeError` for others. */
export function contestantOf(name: string): Contestant {
  const found = CONTESTANTS.find((contestant) => contestant.name === name)
  if (found === undefined) throw new RangeError(`no contestant ${name}`)
  return found
}
