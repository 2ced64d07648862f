import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { RateLimitedError } from '../errors.js'
import { buildRunner } from './pipeline.js'
import { ADMITTED, GATE_ASK, WAITING } from './stage.js'
import type { BreakerPart, FallbackPart, MeterPart, RatePart, Stage, TurnSeeker } from './stage.js'

const describeIt = (): { kind: string } => ({ kind: 'part' })

/** A rate limit that never has a token at once, and then answers as it is told. */
function rateOf(enter: (seeker: TurnSeeker) => ReturnType<RatePart['enter']>) {
  const clock = new SimClock({ startMs: 1_000 })
  const part = { tryTake: () => false, enter: vi.fn(enter), leave: vi.fn() } satisfies RatePart
  const stage: Stage = { slot: 'rate', part, clock, describe: describeIt }
  return { part, runner: buildRunner([stage], undefined) }
}

describe('a rate limit', () => {
  it('that has a token after all lets the work begin at once', async () => {
    const { part, runner } = rateOf(() => ADMITTED)
    const work = vi.fn(() => 'ran')

    const answer = runner.execute(work, undefined)

    expect(work).toHaveBeenCalledOnce()
    expect(await answer).toBe('ran')
    expect(part.leave).not.toHaveBeenCalled()
  })

  it.each([
    ['admits', ADMITTED, 0],
    ['lets wait', WAITING, 1],
    ['refuses', new RateLimitedError('closed'), 0],
  ] as const)(
    'that %s a call which was aborted meanwhile is left where that call waits',
    async (_, answer, leaves) => {
      const controller = new AbortController()
      const { part, runner } = rateOf(() => {
        controller.abort('mine')
        return answer
      })
      const work = vi.fn()

      const outcome = await runner.outcome(work, { signal: controller.signal })

      expect(outcome).toEqual({ kind: 'cancelled', error: 'mine' })
      expect(work).not.toHaveBeenCalled()
      expect(part.leave).toHaveBeenCalledTimes(leaves)
    },
  )

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
