// Palantir's scenarios for Dialogue, after `simulation/src/test/java/…/SimulationTest.java`: the same servers, rates and times.
// What it published stands beside (`simulation/src/test/resources/report.md`, in which each strategy has a row).

import {
  always,
  between,
  dialogueRetries,
  flaking,
  loaded,
  rateLimited,
  row,
  steady,
} from './dialogue-row.ts'
import type { Phases } from './dialogue-row.ts'
import type { Scenario } from './scenario.ts'

/** What Dialogue reports of a scenario. */
interface Published {
  /** Answers with status 200, in percent of calls. */
  readonly successPercent: number
  readonly meanMs?: number
}

/** A scenario, and what Dialogue's round robin got in it (the first number), its round robin without limits, and its pinning. */
export interface DialogueScenario {
  readonly scenario: Scenario
  readonly roundRobin: Published
  readonly unlimited: Published
  readonly pinned: Published
}

const SECOND = 1_000
const NEVER = 86_400 * SECOND

/** A failure lowers the limit of its server, as Dialogue's does, and who finds all of them full waits. */
const WAITING: Partial<Scenario> = {
  limit: { initial: 4, backoffRatio: 0.5, queue: { limit: 1_000 } },
  judgements: { failure: { outcome: 'failure', origin: 'gateway' } },
}

export const DIALOGUE: readonly DialogueScenario[] = [
  {
    scenario: row({
      id: 'simplest',
      title: 'three of 600, 800 and 1 000 ms',
      perSecond: 11,
      durationMs: 1_200 * SECOND,
      servers: [600, 800, 1_000].map((ms) => always(steady(ms))),
    }),
    roundRobin: { successPercent: 100, meanMs: 785.8 },
    unlimited: { successPercent: 100, meanMs: 785.8 },
    pinned: { successPercent: 100, meanMs: 834.5 },
  },
  {
    scenario: row({
      id: 'uncommon-flakes',
      title: 'both fail one call in a hundred, all at once',
      perSecond: 1_000,
      durationMs: 10 * SECOND,
      servers: () => [flaking(), flaking()],
    }),
    roundRobin: { successPercent: 99, meanMs: 0.001 },
    unlimited: { successPercent: 99, meanMs: 0.001 },
    pinned: { successPercent: 99, meanMs: 0.001 },
  },
  {
    scenario: row({
      id: 'fast-503',
      title: 'one of 2 refuses at once from 3 s to 60 s',
      perSecond: 500,
      durationMs: 90 * SECOND,
      servers: [
        always(steady(120)),
        between(3 * SECOND, 60 * SECOND, steady(0.000_01, 'refusal'), steady(120)),
      ],
      more: { retries: dialogueRetries },
    }),
    roundRobin: { successPercent: 100, meanMs: 120.08 },
    unlimited: { successPercent: 100, meanMs: 120.11 },
    pinned: { successPercent: 100, meanMs: 120.01 },
  },
  {
    scenario: row({
      id: 'slow-503',
      title: 'one of 2 refuses after a second or more, from 3 s to 10 s',
      perSecond: 200,
      durationMs: 15 * SECOND,
      servers: [always(loaded(60)), between(3 * SECOND, 10 * SECOND, loaded(SECOND, 'refusal'), loaded(60))],
      more: { retries: dialogueRetries },
    }),
    roundRobin: { successPercent: 100, meanMs: 88.8 },
    unlimited: { successPercent: 100, meanMs: 88.8 },
    pinned: { successPercent: 100, meanMs: 135.3 },
  },
  ...fast400s(),
  {
    scenario: row({
      id: 'short-outage',
      title: 'one of 2 fails at once from 30 s to 50 s, one client',
      perSecond: 20,
      durationMs: 80 * SECOND,
      servers: [
        always(steady(2 * SECOND)),
        between(30 * SECOND, 50 * SECOND, steady(0.000_01, 'failure'), steady(2 * SECOND)),
      ],
      more: { clients: 1 },
    }),
    roundRobin: { successPercent: 99.8, meanMs: 5_255 },
    unlimited: { successPercent: 99.6, meanMs: 1_992 },
    pinned: { successPercent: 99.8, meanMs: 18_248 },
  },
  {
    scenario: row({
      id: 'drastic-slowdown',
      title: 'one of 2 takes 10 s or more from 3 s to 10 s',
      perSecond: 200,
      durationMs: 20 * SECOND,
      servers: [always(loaded(60)), between(3 * SECOND, 10 * SECOND, loaded(10 * SECOND), loaded(60))],
    }),
    roundRobin: { successPercent: 100, meanMs: 252 },
    unlimited: { successPercent: 100, meanMs: 252 },
    pinned: { successPercent: 100, meanMs: 3_121 },
  },
  ...all500s(),
  {
    scenario: row({
      id: 'black-hole',
      title: 'one of 2 never answers from 3 s on, no timeout',
      perSecond: 200,
      durationMs: 10 * SECOND,
      servers: [always(steady(600)), between(3 * SECOND, NEVER, steady(NEVER), steady(600))],
      more: { drainMs: 20 * SECOND },
    }),
    roundRobin: { successPercent: 91.5, meanMs: 600 },
    unlimited: { successPercent: 91.4, meanMs: 600 },
    pinned: { successPercent: 59.2, meanMs: 601 },
  },
  {
    scenario: row({
      id: 'one-endpoint-dies',
      title: 'of two operations another one fails on each of 2 from 3 s on',
      perSecond: 250,
      durationMs: 10 * SECOND,
      servers: [0, 1].map(
        (broken): Phases =>
          (now, endpoint) =>
            steady(600, now >= 3 * SECOND && endpoint === broken ? 'failure' : 'ok'),
      ),
      more: { endpoints: 2 },
    }),
    roundRobin: { successPercent: 64.6, meanMs: 4_495 },
    unlimited: { successPercent: 65.1, meanMs: 600 },
    pinned: { successPercent: 63.9, meanMs: 9_217 },
  },
  {
    scenario: row({
      id: 'live-reload',
      title: 'one works, one is broken, one more works from 5 s on',
      perSecond: 250,
      durationMs: 10 * SECOND,
      servers: [always(loaded(600)), always(loaded(600, 'failure')), always(loaded(600))],
      joinsAtMs: 5 * SECOND,
    }),
    roundRobin: { successPercent: 94.1, meanMs: 5_510 },
    unlimited: { successPercent: 86.9, meanMs: 2_802 },
    pinned: { successPercent: 94.3, meanMs: 7_192 },
  },
  {
    scenario: row({
      id: 'big-spike',
      title: '1 000 calls in 33 ms, 2 servers that refuse above 100 at once, one client',
      perSecond: 30_000,
      durationMs: 33.4,
      servers: Array.from({ length: 2 }, () =>
        always({ durationMs: () => 150, answer: (inFlight) => (inFlight > 100 ? 'throttled' : 'ok') }),
      ),
      more: { clients: 1, retries: dialogueRetries },
    }),
    roundRobin: { successPercent: 100, meanMs: 1_580 },
    unlimited: { successPercent: 99.9, meanMs: 1_001 },
    pinned: { successPercent: 100, meanMs: 2_668 },
  },
  {
    scenario: row({
      id: 'rate-limits',
      title: '4 servers that refuse above a rate each, called at just that rate, 2 clients',
      perSecond: 0.1,
      durationMs: 25_000 * 60 * SECOND,
      servers: () => Array.from({ length: 4 }, () => rateLimited(0.1 / 4)),
      more: { clients: 2, retries: dialogueRetries },
    }),
    roundRobin: { successPercent: 100, meanMs: 293 },
    unlimited: { successPercent: 100, meanMs: 217 },
    pinned: { successPercent: 100, meanMs: 1_062_307 },
  },
]

/** Bad requests are the caller's fault, unless he says otherwise: once as by default, once judged as failures. */
function fast400s(): DialogueScenario[] {
  const published = {
    roundRobin: { successPercent: 93.6, meanMs: 113.6 },
    unlimited: { successPercent: 93.6, meanMs: 113.6 },
    pinned: { successPercent: 82.2, meanMs: 102.2 },
  }
  return [false, true].map((isBadRequestHeld) => ({
    scenario: row({
      id: isBadRequestHeld ? 'fast-400-held' : 'fast-400',
      title: `one of 2 answers 400 at once from 3 s to 30 s${isBadRequestHeld ? ', which classify calls failures' : ''}`,
      perSecond: 100,
      durationMs: 60 * SECOND,
      servers: [always(steady(120)), between(3 * SECOND, 30 * SECOND, steady(20, 'badRequest'), steady(120))],
      more: isBadRequestHeld ? { judgements: { badRequest: { outcome: 'failure' } } } : {},
    }),
    ...published,
  }))
}

/** Where all fail only waiting helps: once nobody waits, as by default, once a failure is judged as one for too many calls, and the others wait. */
function all500s(): DialogueScenario[] {
  const published = {
    roundRobin: { successPercent: 73.7, meanMs: 3_275 },
    unlimited: { successPercent: 50, meanMs: 600 },
    pinned: { successPercent: 79.3, meanMs: 6_155 },
  }
  return [false, true].map((isLimited) => ({
    scenario: row({
      id: isLimited ? 'all-500-limited' : 'all-500',
      title: `both fail up to 10 s${isLimited ? ', which lowers the `limit` of calls in flight' : ''}`,
      perSecond: 100,
      durationMs: 20 * SECOND,
      servers: Array.from({ length: 2 }, () => between(0, 10 * SECOND, steady(600, 'failure'), steady(600))),
      more: isLimited ? WAITING : {},
    }),
    ...published,
  }))
}
