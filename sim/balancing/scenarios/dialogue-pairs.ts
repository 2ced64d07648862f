// Those of Dialogue's scenarios that are played twice: as by default, and as Dialogue knows more or does more.

import { linear } from '../core/server.ts'
import { always, between, dialogueRetries, row, steady } from './dialogue-row.ts'
import type { DialogueScenario, Phases } from './dialogue-row.ts'
import type { Scenario } from './scenario.ts'

const SECOND = 1_000

/** A failure lowers the limit of its server, as Dialogue's does, and who finds all of them full waits. */
const WAITING: Partial<Scenario> = {
  limit: { initial: 4, backoffRatio: 0.5, queue: { limit: 1_000 } },
  judgements: { failure: { outcome: 'failure', origin: 'gateway' } },
}

/** Bad requests are the caller's fault, unless he says otherwise: once as by default, once judged as failures. */
export function fast400s(): DialogueScenario[] {
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
export function all500s(): DialogueScenario[] {
  const published = {
    roundRobin: { successPercent: 74, meanMs: 3_335 },
    unlimited: { successPercent: 50, meanMs: 600 },
    pinned: { successPercent: 73.9, meanMs: 4_237 },
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

/** An operation each is broken: once with one balancer for all, which cannot know it, once with one for each operation. */
export function oneEndpointDies(): DialogueScenario[] {
  const published = {
    roundRobin: { successPercent: 66.4, meanMs: 1_964 },
    unlimited: { successPercent: 65.1, meanMs: 600 },
    pinned: { successPercent: 66, meanMs: 2_067 },
  }
  return [false, true].map((isApart) => ({
    scenario: row({
      id: isApart ? 'one-endpoint-dies-apart' : 'one-endpoint-dies',
      title: `of two operations another one fails on each of 2 from 3 s on${isApart ? ', each has its own balancer' : ''}`,
      perSecond: 250,
      durationMs: 10 * SECOND,
      servers: [0, 1].map(
        (broken): Phases =>
          (now, endpoint) =>
            steady(600, now >= 3 * SECOND && endpoint === broken ? 'failure' : 'ok'),
      ),
      more: { endpoints: 2, isApart },
    }),
    ...published,
  }))
}

/** More calls than the servers can take, which fail what is over 40 at once: once all are sent, once the others wait. */
export function overloads(): DialogueScenario[] {
  const published = {
    roundRobin: { successPercent: 100, meanMs: 179_458 },
    unlimited: { successPercent: 3.6, meanMs: 21_552 },
    pinned: { successPercent: 100, meanMs: 155_965 },
  }
  return [false, true].map((isLimited) => ({
    scenario: row({
      id: isLimited ? 'overload-limited' : 'overload',
      title: `three of 600, 800 and 1 000 ms that slow down above 30 calls at once and fail above 40${isLimited ? ', which lowers the `limit` of calls in flight' : ''}`,
      perSecond: 500,
      durationMs: 20 * SECOND,
      servers: [600, 800, 1_000].map((ms) =>
        always({ durationMs: linear(ms, 30), answer: (inFlight) => (inFlight > 40 ? 'failure' : 'ok') }),
      ),
      more: { retries: { ...dialogueRetries, isRetried: () => true }, ...(isLimited ? WAITING : {}) },
    }),
    ...published,
  }))
}
