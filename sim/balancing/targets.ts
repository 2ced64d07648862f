// What `adaptive` with its default ejection has to reach. Data; `judge.ts` holds results against it.

import type { Metrics } from './metrics.ts'

/** A number of certain rows with a limit. `rows` are ids, or their beginnings with a star. */
export interface Limit {
  readonly what: string
  readonly rows: readonly string[]
  readonly metric: keyof Metrics
  readonly atMost?: number
  readonly atLeast?: number
}

/** Beside the best of the known strategies, on every row of our fleets. */
export interface BesideBest {
  readonly metric: keyof Metrics
  /** So many times as much as the best, and so much more, at most. */
  readonly factor: number
  readonly more: number
}

/** Errors of a failing host that no client can spare itself: each has to see one, and 84 000 calls are made meanwhile. */
const floorPercent = (clients: number): number => (clients / 84_000) * 100

export const LIMITS: readonly Limit[] = [
  { what: 'Buoyant: calls under a second', rows: ['buoyant'], metric: 'underSecondPercent', atLeast: 99.9 },
  {
    what: 'a failing host: errors',
    rows: ['fast-fail 4', 'fast-fail 20'],
    metric: 'errorPercent',
    atMost: 0.1,
  },
  {
    what: 'a failing host, 400 clients: little more than one error each',
    rows: ['fast-fail 400'],
    metric: 'errorPercent',
    atMost: floorPercent(400) * 1.1,
  },
  {
    what: 'a failing host, one retry elsewhere: errors',
    rows: ['fast-fail-retried *'],
    metric: 'errorPercent',
    atMost: 0.1,
  },
  {
    what: 'retries: attempts per call',
    rows: ['fast-fail-retried *'],
    metric: 'attemptsPerCall',
    atMost: 1.2,
  },
  {
    what: 'a fair share again after',
    rows: [
      'slow-then-well *',
      'fast-fail *',
      'fast-fail-retried *',
      'black-hole *',
      'flapping *',
      'zone-loss *',
    ],
    metric: 'restoreMs',
    atMost: 20_000,
  },
  {
    what: 'Dialogue, drastic slowdown: mean',
    rows: ['dialogue drastic-slowdown'],
    metric: 'meanMs',
    atMost: 252,
  },
  { what: 'Dialogue, slow 503: mean', rows: ['dialogue slow-503'], metric: 'meanMs', atMost: 88.8 },
  ...dialogueErrors(),
]

export const BESIDE_BEST: readonly BesideBest[] = [
  { metric: 'p99', factor: 1.1, more: 0 },
  { metric: 'p999', factor: 1.1, more: 0 },
  { metric: 'errorPercent', factor: 1.1, more: 0.05 },
]

/**
 * Successes that Dialogue published, the better of its two round robins. Two rows are decided by what is no part of a balancer: while all nodes fail, its limiter lets calls
 * wait for better times, so those without it count; and chance is worth a point where half of all calls must fail.
 */
function dialogueErrors(): Limit[] {
  const successes: readonly (readonly [string, number])[] = [
    ['fast-503', 100],
    ['slow-503', 100],
    ['fast-400-held', 93.6],
    ['drastic-slowdown', 100],
    ['all-500', 50],
    ['black-hole', 91.5],
    ['one-endpoint-dies', 64.1],
    ['live-reload', 94.1],
    ['big-spike', 100],
    ['rate-limits', 100],
  ]
  return successes.map(([id, percent]) => ({
    what: `Dialogue, ${id}: successes of ${String(percent)} %, so errors`,
    rows: [`dialogue ${id}`],
    metric: 'errorPercent',
    atMost: 100 - percent,
  }))
}
