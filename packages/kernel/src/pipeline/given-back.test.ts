import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { RateLimitedError } from '../errors.js'
import { buildRunner } from './pipeline.js'
import { ADMITTED, GATE_ASK, WAITING } from './stage.js'
import type {
  BreakerPart,
  FallbackPart,
  LimitPart,
  MeterPart,
  RatePart,
  SlotSeeker,
  Stage,
  TurnSeeker,
} from './stage.js'

const describeIt = (): { kind: string } => ({ kind: 'part' })

/** A rate limit that never has a token at once, and then answers as it is told. */
function rateOf(enter: (seeker: TurnSeeker) => ReturnType<RatePart['enter']>) {
  const clock = new SimClock({ startMs: 1_000 })
  const part = { tryTake: () => false, enter: vi.fn(enter), leave: vi.fn() } satisfies RatePart
  const stage: Stage = { slot: 'rate', part, clock, describe: describeIt }
  return { part, runner: buildRunner([stage], undefined) }
}

/** A limit that is full at first, and then answers as it is told. */
function limitOf(enter: (seeker: SlotSeeker) => ReturnType<LimitPart['enter']>) {
  const part = {
    tryTake: () => false,
    enter: vi.fn(enter),
    maxWaitMs: Infinity,
    waitedTooLong: () => new RateLimitedError('late'),
    leave: vi.fn(),
    release: vi.fn(),
    tellsHoldersApart: false,
    sampler: null,
    releaseOnTimeout: false,
  } satisfies LimitPart
  const stage: Stage = { slot: 'limit', part, describe: describeIt }
  return { part, runner: buildRunner([stage], undefined) }
}

describe.each([
  ['a rate limit', rateOf],
  ['a limit', limitOf],
])('%s', (_, partOf) => {
  it('that has room after all lets the work begin at once', async () => {
    const { part, runner } = partOf(() => ADMITTED)
    const work = vi.fn(() => 'ran')

    const answer = runner.execute(work, undefined)

    expect(work).toHaveBeenCalledOnce()
    expect(await answer).toBe('ran')
    expect(part.leave).not.toHaveBeenCalled()
    if ('release' in part) expect(part.release).toHaveBeenCalledOnce()
  })

  it.each([
    ['admits', ADMITTED, { gaveBack: 1, left: 0 }],
    ['lets wait', WAITING, { gaveBack: 0, left: 1 }],
    ['refuses', new RateLimitedError('closed'), { gaveBack: 0, left: 0 }],
  ] as const)(
    'that %s a call which was aborted meanwhile gets back what it gave',
    async (__, answer, { gaveBack, left }) => {
      const controller = new AbortController()
      const { part, runner } = partOf(() => {
        controller.abort('mine')
        return answer
      })
      const work = vi.fn()

      const outcome = await runner.outcome(work, { signal: controller.signal })

      expect(outcome).toEqual({ kind: 'cancelled', error: 'mine' })
      expect(work).not.toHaveBeenCalled()
      if (!('release' in part)) expect(part.leave).toHaveBeenCalledTimes(left)
      else {
        expect(part.release).toHaveBeenCalledTimes(gaveBack)
        // The abort itself has left the queue once.
        expect(part.leave).toHaveBeenCalledTimes(1 + left)
      }
    },
  )
})

describe('a rate limit', () => {
  it('hears how long a call can wait', async () => {
    const left: number[] = []
    const { runner } = rateOf(({ leftMs }) => {
      left.push(leftMs)
      return new RateLimitedError('closed')
    })

    await runner.outcome(vi.fn(), { budgetMs: 250 })
    await runner.outcome(vi.fn(), undefined)

    expect(left).toEqual([250, Infinity])
  })

  it('that sends away who waits is not left by them again', async () => {
    const seekers: TurnSeeker[] = []
    const { part, runner } = rateOf((seeker) => {
      seekers.push(seeker)
      return WAITING
    })
    const error = new RateLimitedError('late')
    const outcome = runner.outcome(vi.fn(), undefined)

    seekers[0]?.refused(error)

    expect(await outcome).toEqual({ kind: 'rejected', error })
    expect(part.leave).not.toHaveBeenCalled()
  })
})

describe('a breaker', () => {
  it('that admits a call which was aborted meanwhile is told so', async () => {
    const controller = new AbortController()
    const exit = vi.fn<BreakerPart['exit']>(() => 'cancelled')
    const part: BreakerPart = {
      gate: GATE_ASK,
      generation: 1,
      refuse: () => undefined,
      enter: () => {
        controller.abort('mine')
        return undefined
      },
      advance: () => undefined,
      succeeded: () => undefined,
      failed: () => 'failure',
      exit,
      late: () => undefined,
    }
    const work = vi.fn()
    const runner = buildRunner([{ slot: 'breaker', part, describe: describeIt }], undefined)

    const outcome = await runner.outcome(work, { signal: controller.signal })

    expect(outcome).toEqual({ kind: 'cancelled', error: 'mine' })
    expect(work).not.toHaveBeenCalled()
    expect(exit).toHaveBeenCalledOnce()
    expect(exit.mock.calls[0]?.[1]).toEqual({ kind: 'cancelled', error: 'mine' })
  })
})

describe('a meter', () => {
  it.each([
    ['at once', () => 1],
    ['later', () => Promise.resolve(1)],
  ])('hears of a fallback that answers %s', async (_, answer) => {
    const answered = vi.fn()
    const meter: MeterPart = {
      started: () => undefined,
      kindOf: () => 'failure',
      ended: () => undefined,
      succeeded: () => undefined,
      answered,
      threw: () => undefined,
    }
    const fallback: FallbackPart = { applies: () => true, answer }
    const runner = buildRunner(
      [
        { slot: 'meter', part: meter, describe: describeIt },
        { slot: 'fallback', part: fallback, describe: describeIt },
      ],
      undefined,
    )

    expect(await runner.execute(() => Promise.reject(new Error('boom')), undefined)).toBe(1)
    expect(answered.mock.calls).toEqual([['success']])
  })
})
