// Palantir's scenarios for Dialogue, after `simulation/src/test/java/…/SimulationTest.java`: the same servers, rates and times.
// What it published stands beside (`simulation/src/test/resources/report.md`, in which each strategy has a row; the report that has a `load_sweep`
// too, since earlier ones are of other algorithms).

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
import type { DialogueScenario } from './dialogue-row.ts'
import { all500s, fast400s, oneEndpointDies, overloads } from './dialogue-pairs.ts'

const SECOND = 1_000
const NEVER = 86_400 * SECOND

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
    roundRobin: { successPercent: 100, meanMs: 120.11 },
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
    roundRobin: { successPercent: 99.4, meanMs: 4_351 },
    unlimited: { successPercent: 99.6, meanMs: 1_992.5 },
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
  ...overloads(),
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
  ...oneEndpointDies(),
  {
    scenario: row({
      id: 'live-reload',
      title: 'one works, one is broken, one more works from 5 s on',
      perSecond: 250,
      durationMs: 10 * SECOND,
      servers: [always(loaded(600)), always(loaded(600, 'failure')), always(loaded(600))],
      joinsAtMs: 5 * SECOND,
    }),
    roundRobin: { successPercent: 92.9, meanMs: 5_351 },
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
    unlimited: { successPercent: 99.9, meanMs: 1_221 },
    pinned: { successPercent: 100, meanMs: 2_668 },
  },
  {
    scenario: row({
      id: 'rate-limits',
      title:
        '4 servers that answer after 200 s and refuse above a rate each, called at just that rate, 2 clients',
      perSecond: 0.1,
      durationMs: 25_000 * 60 * SECOND,
      servers: () => Array.from({ length: 4 }, () => rateLimited(0.1 / 4, steady(200 * SECOND))),
      more: { clients: 2, retries: dialogueRetries, drainMs: 3_600 * SECOND },
    }),
    roundRobin: { successPercent: 99.8, meanMs: 309_970_565 },
    unlimited: { successPercent: 99, meanMs: 325_210 },
    pinned: { successPercent: 100, meanMs: 3_721_970 },
  },
]
