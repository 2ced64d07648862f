// What Dialogue's scenarios are made of.

import { fixed } from '../core/distributions.ts'
import { ElasticServer, linear } from '../core/server.ts'
import type { Answer, Handling } from '../core/server.ts'
import type { Cast, Retries, Scenario, Stage } from './scenario.ts'

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
const CLIENTS = 10

export const steady = (ms: number, answer: Answer = 'ok'): Handling => ({
  durationMs: () => ms,
  answer: () => answer,
})
export const loaded = (ms: number, answer: Answer = 'ok'): Handling => ({
  durationMs: linear(ms, 60),
  answer: () => answer,
})

/** How calls are handled, by time and operation. */
export type Phases = (now: number, endpoint: number) => Handling

export const always =
  (handling: Handling): Phases =>
  () =>
    handling

/** Something else from a time up to another. */
export const between =
  (from: number, until: number, other: Handling, usually: Handling): Phases =>
  (now) =>
    now >= from && now < until ? other : usually

/** Answers after a microsecond, every hundredth time with a failure. */
export function flaking(): Phases {
  let calls = 0
  return () => steady(0.001, ++calls % 100 === 0 ? 'failure' : 'ok')
}

/** Dialogue tries again what was refused (429 and 503), four times, after a random part of a quarter of a second, then of a half, and so on. */
export const dialogueRetries: Retries = {
  attempts: 5,
  isRetried: (answer) => answer === 'refusal' || answer === 'throttled',
  backoffMs: (attempt, random) => random.next() * 250 * 2 ** (attempt - 1),
}

export interface Row {
  readonly id: string
  readonly title: string
  readonly perSecond: number
  readonly durationMs: number
  /** A function where they count calls: each run begins anew. */
  readonly servers: readonly Phases[] | (() => readonly Phases[])
  /** Servers that are in the list from a time on. */
  readonly joinsAtMs?: number
  readonly more?: Partial<Scenario>
}

export function row({ id, title, perSecond, durationMs, servers, joinsAtMs, more }: Row): Scenario {
  return {
    id: `dialogue ${id}`,
    title,
    clients: CLIENTS,
    durationMs,
    drainMs: 600 * SECOND,
    fromMs: 0,
    demand: fixed(1),
    isEven: true,
    perSecond: () => perSecond,
    cast: (queue): Cast => {
      const all = typeof servers === 'function' ? servers() : servers
      const members = all.map((_, server) => ({ server }))
      return {
        servers: all.map((phases) => new ElasticServer(queue, phases)),
        members: joinsAtMs === undefined ? members : members.slice(0, -1),
        play: ({ queue: time, publish }: Stage) => {
          if (joinsAtMs !== undefined)
            time.at(joinsAtMs, () => {
              publish(members)
            })
        },
      }
    },
    ...more,
  }
}

/** Admits while its mean rate of a minute is below a limit, as a meter of Codahale's metrics counts it: in steps of 5 s. */
export function rateLimited(perSecond: number, admitted: Handling): Phases {
  const stepMs = 5 * SECOND
  const keeps = Math.exp(-stepMs / (60 * SECOND))
  let [rate, counted, step] = [0, 0, 0]
  return (now) => {
    const steps = Math.floor(now / stepMs) - step
    step += steps
    if (steps > 0) {
      const recent = (counted * SECOND) / stepMs
      rate = (recent + (rate - recent) * keeps) * keeps ** (steps - 1)
      counted = 0
    }
    if (rate >= perSecond) return { ...admitted, answer: () => 'throttled' }
    counted++
    return admitted
  }
}
