// What `adaptive` with its default ejection has to reach. Data; `judge.ts` holds results against it.

import type { Metrics } from './metrics.ts'

/** A number of certain rows with a limit. `rows` are ids, or their beginnings with a star. */
export interface Limit {
  readonly what: string
  readonly rows: readonly string[]
  readonly metric: keyof Metrics
  readonly atMost?: number
  readonly atLeast?: number
  /** Why nothing can meet it, where that can be shown. It is missed all the same. */
  readonly reason?: string | undefined
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

const EACH_SEES_ONE =
  'each of 400 clients has to see one failure to know, which is 0.48 % of the 84 000 calls of that time; a retry elsewhere leaves none'
const NOT_OURS = '4xx never count against an instance, so it keeps a fair share, which comes to 77.5 %'
const NO_WAITING =
  'its limiter lets calls wait for better times, 3.3 s on average; what is sent while both fail, fails'
const BLIND = 'whoever does not know operations gets 65.0 on average, whatever he chooses; σ of a run is 0.8'
const ASKS_AGAIN =
  'each client asks a server that refuses again after some 12 s, or it would not have its share back within 20; strict rotation has 159.9'
const FOR_DAYS = 'its limiter lets calls wait, for 86 hours on average'
const SENDS_ALL = 'whoever sends more than the servers can take loses nearly all of it, whatever he chooses'

export const LIMITS: readonly Limit[] = [
  { what: 'Buoyant: calls under a second', rows: ['buoyant'], metric: 'underSecondPercent', atLeast: 99.9 },
  {
    what: 'a failing host: errors',
    rows: ['fast-fail 4', 'fast-fail 20'],
    metric: 'errorPercent',
    atMost: 0.1,
  },
  {
    what: 'a failing host: errors',
    rows: ['fast-fail 400'],
    metric: 'errorPercent',
    atMost: 0.1,
    reason: EACH_SEES_ONE,
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
  ...dialogueMeans(),
  ...dialogueErrors(),
]

export const BESIDE_BEST: readonly BesideBest[] = [
  { metric: 'p99', factor: 1.1, more: 0 },
  { metric: 'p999', factor: 1.1, more: 0 },
  { metric: 'errorPercent', factor: 1.1, more: 0.05 },
]

/** What is published of a scenario, and why it cannot be met. */
type Published = readonly [id: string, value: number, reason?: string]

/** The mean of the better of its two round robins, where all of their calls succeed: a failure in the mean would make it better. */
function dialogueMeans(): Limit[] {
  const means: readonly Published[] = [
    ['simplest', 785.8],
    ['fast-503', 120.11, ASKS_AGAIN],
    ['slow-503', 88.8],
    ['drastic-slowdown', 252],
    ['big-spike', 1_580],
    ['rate-limits', 325_210],
    ['overload-limited', 179_458],
  ]
  return means.map(([id, atMost, reason]) =>
    ofDialogue(id, { what: 'mean', metric: 'meanMs', atMost, reason }),
  )
}

/**
 * Successes, again of the better of its two round robins. Where its limiter decides, what it has without is a target as well; and where chance does,
 * a point less.
 */
function dialogueErrors(): Limit[] {
  const successes: readonly Published[] = [
    ['simplest', 100],
    ['uncommon-flakes', 99],
    ['fast-503', 100],
    ['slow-503', 100],
    ['fast-400', 93.6, NOT_OURS],
    ['fast-400-held', 93.6],
    ['short-outage', 99.6],
    ['drastic-slowdown', 100],
    ['all-500', 74, NO_WAITING],
    ['all-500-limited', 74],
    ['all-500', 50],
    ['black-hole', 91.5],
    ['one-endpoint-dies', 66.4, BLIND],
    ['one-endpoint-dies', 64.1],
    ['one-endpoint-dies-apart', 66.4],
    ['live-reload', 92.9],
    ['big-spike', 100],
    ['rate-limits', 99.8, FOR_DAYS],
    ['rate-limits', 99],
    ['overload', 100, SENDS_ALL],
    ['overload', 3.6, SENDS_ALL],
    ['overload-limited', 100],
  ]
  return successes.map(([id, percent, reason]) => {
    const what = `successes of ${String(percent)} %, so errors`
    return ofDialogue(id, { what, metric: 'errorPercent', atMost: 100 - percent, reason })
  })
}

function ofDialogue(id: string, limit: Omit<Limit, 'rows'>): Limit {
  return { ...limit, what: `Dialogue, ${id}: ${limit.what}`, rows: [`dialogue ${id}`] }
}
