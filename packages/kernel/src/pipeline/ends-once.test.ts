/**
 * What has ended has ended: nobody hears of it again, no timer stays, and who aborts meanwhile is heard in time.
 */
import { constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { CountingSignal } from './counting-signal.model.js'
import { deferred, never } from './deferred.model.js'
import { listeners, retryPart, staged } from './listeners.model.js'
import type { Filled } from './listeners.model.js'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'
import type { Runner } from './runner.js'
import { WAITING } from './stage.js'
import type { CallEnd, RatePart, TurnSeeker } from './stage.js'

const error = new Error('down')
const down = (): never => {
  throw error
}
const guard = (): Filled => ({ slot: 'guard', part: { enter: () => undefined, exit: () => undefined } })

function runnerOf(clock: SimClock, ...filled: readonly Filled[]): Runner {
  return buildRunner(staged(clock, filled), undefined)
}

describe('a call that has ended', () => {
  it.each<[string, () => unknown]>([
    ['answered', () => 'value'],
    ['failed', down],
  ])('because its work %s is not ended by its time as well', async (_how, work) => {
    const clock = new SimClock()
    const { meter, breaker, stages } = listeners()
    const timeout = new Timeout({ timeoutMs: 50, clock })
    const runner = runnerOf(clock, ...stages, ...stagesOf(timeout, 0))

    await Promise.allSettled([runner.execute(work, undefined)])
    await clock.advance(100)

    expect(timeout.expirations).toBe(0)
    expect(meter.ended.mock.calls.length + meter.succeeded.mock.calls.length).toBe(1)
    expect(breaker.exit).not.toHaveBeenCalled()
  })

  it('by its time has its slot given back at once where the limit says so, and its late end is heard', async () => {
    const clock = new SimClock()
    const { breaker, limit, stages } = listeners()
    const end = deferred()
    limit.releaseOnTimeout = true
    const runner = runnerOf(clock, ...stages, ...stagesOf(new Timeout({ timeoutMs: 50, clock }), 0))
    const ended = Promise.allSettled([runner.execute(() => end.promise, undefined)])
    await clock.advance(50)
    await ended
    expect(limit.release).toHaveBeenCalledOnce()

    end.resolve()
    await clock.flush()

    expect(breaker.late.mock.calls).toEqual([[1, 'success']])
    expect(limit.release).toHaveBeenCalledOnce()
  })

  it('is over also for a caller who aborts when the meter hears of it', async () => {
    const clock = new SimClock()
    const { meter, stages } = listeners()
    const controller = new AbortController()
    meter.succeeded.mockImplementation(() => controller.abort('mine'))
    meter.ended.mockImplementation(() => controller.abort('mine'))
    const [first, ...rest] = stages as [Filled, ...Filled[]]

    const outcome = runnerOf(clock, first, guard(), ...rest).outcome(() => 1, { signal: controller.signal })

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'mine' })
    expect(meter.ended).toHaveBeenCalledOnce()
  })

  it('by an abort is not ended by another one', async () => {
    const { meter, stages } = listeners()
    const signal = new CountingSignal()
    meter.ended.mockImplementationOnce(() => signal.abort('again'))
    const outcome = runnerOf(new SimClock(), ...stages).outcome(never, { signal: signal.asSignal })

    signal.abort('mine')

    expect((await outcome).kind).toBe('cancelled')
    expect(meter.ended).toHaveBeenCalledOnce()
  })

  it('by an abort throws nothing more when its fallback fails later', async () => {
    const { meter } = listeners()
    const controller = new AbortController()
    const answer = deferred()
    const fallback: Filled = { slot: 'fallback', part: { applies: () => true, answer: () => answer.promise } }
    const runner = runnerOf(new SimClock(), { slot: 'meter', part: meter }, fallback)
    const outcome = runner.outcome(down, { signal: controller.signal })

    controller.abort('mine')
    answer.reject(error)
    await Promise.allSettled([answer.promise])

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'mine' })
    expect(meter.threw).not.toHaveBeenCalled()
  })

  it('does not abort its fallback by a signal that cannot be left', async () => {
    const signals: AbortSignal[] = []
    const signal = new CountingSignal()
    signal.removeEventListener = () => undefined
    const fallback = new Fallback({ chain: [(_cause, call) => signals.push(call.signal)] })
    await fallback.execute(down, { signal: signal.asSignal })

    signal.abort('late')

    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })
})

describe('a call that is cancelled', () => {
  it('before it begins is the doing of no policy', async () => {
    const { meter, stages } = listeners()

    const outcome = await runnerOf(new SimClock(), ...stages).outcome(never, {
      signal: AbortSignal.abort('mine'),
    })

    expect(meter.ended.mock.calls).toEqual([[outcome, undefined, undefined]])
  })

  it('inside of a cache has thrown nothing that a policy made', async () => {
    const { meter } = listeners()
    const cancelled: CallEnd = { outcome: { kind: 'cancelled', error } }
    const runner = runnerOf(
      new SimClock(),
      { slot: 'meter', part: meter },
      { slot: 'cache', part: { answer: () => cancelled } },
    )

    await expect(runner.execute(never, undefined)).rejects.toBe(error)

    expect(meter.ended.mock.calls).toEqual([[cancelled.outcome, undefined, undefined]])
    expect(meter.threw).not.toHaveBeenCalled()
  })

  it('by what its work ended with is not tried again', async () => {
    const { meter } = listeners()
    meter.kindOf.mockReturnValue('cancelled')
    const wants = vi.fn(() => true)
    const retry: Filled = { slot: 'retry', part: { ...retryPart(), wants } }
    const runner = runnerOf(new SimClock(), { slot: 'meter', part: meter }, retry, guard())

    expect(await runner.outcome(down, undefined)).toEqual({ kind: 'cancelled', error })

    expect(wants).not.toHaveBeenCalled()
  })

  it('when its retry asks is not asked about again', async () => {
    const controller = new AbortController()
    const delayMs = vi.fn(() => 10)
    const wants = (): boolean => {
      controller.abort('mine')
      return true
    }
    const part = { ...retryPart(), wants, delayMs }

    const outcome = runnerOf(new SimClock(), { slot: 'retry', part }).outcome(down, {
      signal: controller.signal,
    })

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'mine' })
    expect(delayMs).not.toHaveBeenCalled()
  })

  it('by a signal that cannot be listened to has failed, and does not begin', async () => {
    const signal = {
      aborted: false,
      addEventListener: down,
      removeEventListener: () => undefined,
    } as unknown as AbortSignal
    const work = vi.fn()

    expect(await pipeline().outcome(work, { signal })).toEqual({ kind: 'failure', error })

    expect(work).not.toHaveBeenCalled()
  })
})

describe('an answer', () => {
  it.each([
    ['is looked at by a retry that judges answers', true, 1],
    ['is none of the business of another retry', false, 0],
  ])('%s', async (_who, judgesResults, times) => {
    const wants = vi.fn(() => false)
    const runner = runnerOf(new SimClock(), { slot: 'retry', part: { ...retryPart(), judgesResults, wants } })

    await runner.execute(() => 1, undefined)
    await runner.outcome(() => 1, undefined)

    expect(wants).toHaveBeenCalledTimes(times * 2)
  })
})

describe('no timer stays', () => {
  it('when a retry gives up and a fallback is asked', async () => {
    const clock = new SimClock()
    const retry = new Retry({ maxRetries: 0, clock })

    void pipeline(new Fallback({ chain: [never] }), retry).outcome(down)
    await Promise.resolve()

    expect(clock.pending.timers).toBe(0)
  })

  it('when a fallback may take as long as it likes', async () => {
    const clock = new SimClock()
    const stack = pipeline(new Fallback({ chain: [never] }), new Retry({ maxRetries: 0, clock }))

    void stack.outcome(down, { budgetMs: Infinity })
    await Promise.resolve()

    expect(clock.pending.timers).toBe(0)
  })
})

describe('another attempt', () => {
  it('begins without a timer where it need not wait', async () => {
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 0 }), clock: new SimClock() })

    expect(await retry.execute(({ attempt }) => (attempt === 1 ? down() : attempt))).toBe(2)
  })

  it('does not begin when the time of the whole is over at that moment', async () => {
    const clock = new SimClock()
    const whole = stagesOf(new Timeout({ timeoutMs: 50, clock }), 0)
    const part = { ...retryPart(), wants: () => true, delayMs: () => 50 }
    const work = vi.fn(down)
    const outcome = runnerOf(clock, ...whole, { slot: 'retry', part }).outcome(work, undefined)
    await clock.advance(50)

    expect((await outcome).kind).toBe('timeout')
    expect(work).toHaveBeenCalledOnce()
  })

  it('does not begin when the time around it is over at that moment', async () => {
    const clock = new SimClock()
    const around = stagesOf(new Timeout({ timeoutMs: 50, clock }), 0)
    const part = { ...retryPart(), wants: () => true, delayMs: () => 50 }
    const work = vi.fn(down)
    const { meter } = listeners()
    const inside: Filled[] = [
      { slot: 'meter', part: meter },
      { slot: 'retry', part },
    ]
    const outcome = runnerOf(clock, ...around, ...inside).outcome(work, undefined)
    await clock.advance(50)

    expect((await outcome).kind).toBe('timeout')
    expect(work).toHaveBeenCalledOnce()
  })
})

describe('a turn that has come', () => {
  it('is not given back when the call ends', async () => {
    const seekers: TurnSeeker[] = []
    const part = {
      tryTake: () => false,
      enter: (seeker) => {
        seekers.push(seeker)
        return WAITING
      },
      leave: vi.fn(),
    } satisfies RatePart
    const outcome = runnerOf(new SimClock(), { slot: 'rate', part }).outcome(() => 1, undefined)

    seekers[0]?.granted()

    expect(await outcome).toEqual({ kind: 'success', value: 1 })
    expect(part.leave).not.toHaveBeenCalled()
  })
})
