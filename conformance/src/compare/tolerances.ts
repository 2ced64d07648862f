// What may vary between two recordings of Hystrix itself, and so between a recording and us. Everything else is compared exactly.
// The source of each is section 9 of the specification that came with the recordings; nothing is added to it.

/** Real time against simulated time, in milliseconds. -1 ("never measured") is exact. */
export const MS_WITHIN = 40

/** Members that hold milliseconds. */
export const MS_FIELDS: readonly string[] = ['doneAt', 'latency', 'p50', 'p100', 'mean', 'totalP50']

/** Members that depend on how threads met. */
export const FREE_FIELDS: readonly string[] = ['maxConcurrent', 'line', 'version']

/** The hook whose place is free in a call that timed out: the interrupted worker races with the timer. */
export const RACING_HOOK = 'onExecutionError'

/** Numbers that stand on the edge of a bucket and take either value when recorded again: they may differ by one call. */
export interface Edge {
  readonly scenario: string
  /** When the probe looked. */
  readonly at: readonly number[]
  readonly fields: 'health' | 'rolling'
}

export const EDGES: readonly Edge[] = [
  { scenario: 'S19', at: [1_300], fields: 'health' },
  { scenario: 'S20', at: [1_900], fields: 'health' },
  { scenario: 'S23', at: [560], fields: 'health' },
  { scenario: 'S24', at: [420], fields: 'health' },
  { scenario: 'S46', at: [1_300], fields: 'health' },
  { scenario: 'S41', at: [60, 250, 900], fields: 'rolling' },
]
