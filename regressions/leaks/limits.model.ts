/** Rate limiters, adaptive limiters and hedges, and how their calls go, for the tests for leaks. For tests only. */
import { AdaptiveLimiter, Hedge, RateLimiter } from '@breakwater/breaker'
import type { LimitAlgorithm } from '@breakwater/breaker'
import type { SimClock } from '@breakwater/testing'
import { failing, hanging, times } from '../calls.model.js'
import { GROUP, WAIT_MS, WAYS } from './loads.model.js'
import type { Manner, Target } from './loads.model.js'

/** A policy, and how each group of its calls goes. */
interface Scene {
  readonly target: Target
  readonly manner: () => Manner
}

type MakeScene = (clock: SimClock) => Scene

const FEW = 5
const HEDGE_MS = 5
const NO_TOKEN_FOR_DAYS = { rate: 1, perMs: 2 ** 31 - 1 }
const ENOUGH_TOKENS = { rate: 1_000_000 }

/** Takes all that can be had, so that nobody else gets any. */
function spent(limiter: RateLimiter): RateLimiter {
  while (limiter.tryAcquire() === undefined);
  return limiter
}

const aGroupGoesIn = (clock: SimClock) => (): Manner => ({
  work: () => Promise.resolve('up'),
  ends: ['success'],
  // A token each millisecond, and one for who came first.
  meanwhile: () => clock.advance(GROUP),
})

const RATE_SCENES: Readonly<Record<string, MakeScene>> = {
  'goes in': (clock) => ({
    target: new RateLimiter({ ...ENOUGH_TOKENS, clock }),
    manner: WAYS.success.bind(null, clock),
  }),
  'is refused': (clock) => ({
    target: spent(new RateLimiter({ ...NO_TOKEN_FOR_DAYS, clock })),
    manner: WAYS.rejection.bind(null, clock),
  }),
  'waits for its turn': (clock) => ({
    target: new RateLimiter({ rate: 1_000, burst: 1, queue: { limit: GROUP }, clock }),
    manner: aGroupGoesIn(clock),
  }),
  'would wait too long': (clock) => ({
    target: spent(
      new RateLimiter({ ...NO_TOKEN_FOR_DAYS, queue: { limit: GROUP, maxWaitMs: WAIT_MS }, clock }),
    ),
    manner: WAYS.rejection.bind(null, clock),
  }),
  'is aborted while it waits': (clock) => ({
    target: spent(new RateLimiter({ ...NO_TOKEN_FOR_DAYS, queue: { limit: GROUP }, clock })),
    manner: WAYS['caller’s abort'].bind(null, clock),
  }),
  'is sent away by an update': (clock) => {
    const target = spent(new RateLimiter({ rate: 1, queue: { limit: GROUP, maxWaitMs: 3_600_000 }, clock }))
    const update = (): void => {
      target.update({ perMs: 2 ** 31 - 1 })
      target.update({ perMs: 1_000 })
    }
    return { target, manner: () => ({ work: hanging, ends: ['rejected'], meanwhile: update }) }
  },
}

const adaptive =
  (algorithm: LimitAlgorithm, way: keyof typeof WAYS, waits: boolean): MakeScene =>
  (clock) => {
    const isFull = way === 'rejection'
    const target = new AdaptiveLimiter({
      algorithm,
      min: waits || isFull ? FEW : GROUP,
      max: waits || isFull ? FEW : 2 * GROUP,
      queue: { limit: waits ? GROUP : 0, maxWaitMs: WAIT_MS },
      partitions: { by: ({ attempt }) => String(attempt), percents: { 1: 50 } },
      releaseOnTimeout: true,
      ...(algorithm === 'aimd' ? {} : { windowMs: 1, minSamples: 1 }),
      clock,
    })
    if (isFull) for (const work of times(FEW, hanging)) void target.execute(work)
    return {
      target,
      manner: () => {
        clock.stall(1)
        return WAYS[way](clock)
      },
    }
  }

const ADAPTIVE_SCENES: Readonly<Record<string, MakeScene>> = {
  'answered, by gradient2': adaptive('gradient2', 'success', false),
  'answered, by vegas': adaptive('vegas', 'success', false),
  'answered, by aimd': adaptive('aimd', 'success', false),
  'failed, by gradient2': adaptive('gradient2', 'failure', false),
  'failed, by aimd': adaptive('aimd', 'failure', false),
  refused: adaptive('gradient2', 'rejection', false),
  queued: adaptive('gradient2', 'queue wait', true),
  'queued too long': adaptive('vegas', 'queue wait that is too long', true),
  'aborted while it ran or waited': adaptive('gradient2', 'caller’s abort', true),
}

const hedge = (clock: SimClock): Hedge =>
  new Hedge({ delayMs: HEDGE_MS, maxHedges: 2, maxExtraPercent: 1_000, clock })

const hedged =
  (manner: (clock: SimClock) => Manner): MakeScene =>
  (clock) => ({ target: hedge(clock), manner: () => manner(clock) })

const HEDGE_SCENES: Readonly<Record<string, MakeScene>> = {
  'never needed another attempt': hedged(WAYS.success),
  'was answered by its second attempt': hedged((clock) => ({
    work: ({ attempt, signal }) => (signal.aborted || attempt === 1 ? hanging() : 'up'),
    ends: ['success'],
    meanwhile: () => clock.advance(HEDGE_MS),
  })),
  'was answered by its first attempt after all': hedged((clock) => {
    const answers: ((value: string) => void)[] = []
    const answerAll = async (): Promise<void> => {
      await clock.advance(HEDGE_MS)
      for (const answer of answers) answer('up')
      await clock.flush()
    }
    const work: Manner['work'] = ({ attempt }) =>
      attempt === 1 ? new Promise((resolve) => answers.push(resolve)) : hanging()
    return { work, ends: ['success'], meanwhile: answerAll }
  }),
  'failed in all of its attempts': hedged(() => ({ work: failing, ends: ['failure'] })),
  'was aborted between its attempts': hedged(WAYS['caller’s abort']),
  'was aborted with two attempts': hedged((clock) => {
    const manner = WAYS['caller’s abort'](clock)
    const abortLate = async (): Promise<void> => {
      await clock.advance(HEDGE_MS)
      await manner.meanwhile?.()
    }
    return { ...manner, meanwhile: abortLate }
  }),
}

const rows = (what: string, scenes: Readonly<Record<string, MakeScene>>): [string, MakeScene][] =>
  Object.entries(scenes).map(([way, make]) => [`${what} that ${way}`, make])

/** All of them, by what is expected. */
export const LIMIT_SCENES: readonly [string, MakeScene][] = [
  ...rows('a rate limiter keeps nothing of a call', RATE_SCENES),
  ...rows('an adaptive limiter keeps nothing of a call', ADAPTIVE_SCENES),
  ...rows('a hedge keeps nothing of a call', HEDGE_SCENES),
]
