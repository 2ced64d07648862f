/**
 * Which of its parts a call asks and tells, and whose limit ended it.
 */
import { Retry, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { Call } from '../call.js'
import { errorOf, never } from './deferred.model.js'
import { listeners, retryPart, staged } from './listeners.model.js'
import type { Filled } from './listeners.model.js'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'
import { GATE_ASK, WAITING } from './stage.js'

const down = (): never => {
  throw new Error('down')
}

describe('a limit that tells its holders apart', () => {
  it.each<[string, () => unknown]>([
    ['answered', () => 1],
    ['failed', down],
  ])('hears whose slot is free when the work has %s', async (_how, work) => {
    const clock = new SimClock()
    const { limit } = listeners()
    limit.tellsHoldersApart = true
    const timed = stagesOf(new Timeout({ timeoutMs: 50, clock }), 0)
    const runner = buildRunner(staged(clock, [{ slot: 'limit', part: limit }, ...timed]), 'users')
    const holders: Call[] = []

    await Promise.allSettled([
      runner.execute((call) => {
        holders.push(call)
        return work()
      }, undefined),
    ])

    expect(limit.release.mock.calls).toEqual([holders])
  })
})

describe('a breaker that asks', () => {
  it('is not asked to refuse', async () => {
    const { breaker } = listeners()
    breaker.gate = GATE_ASK
    const runner = buildRunner(staged(undefined, [{ slot: 'breaker', part: breaker }]), 'users')

    expect(await runner.execute(() => 1, undefined)).toBe(1)

    expect(breaker.enter).toHaveBeenCalledOnce()
    expect(breaker.refuse).not.toHaveBeenCalled()
  })
})

describe('the work of a pipeline that is not busy', () => {
  it('sees a call of its own', async () => {
    const runner = buildRunner(staged(new SimClock(), listeners().stages), 'users')
    const [one, other] = [
      await runner.execute((call) => call, undefined),
      await runner.execute((call) => call, undefined),
    ]

    expect(other).not.toBe(one)
  })
})

describe('what ended a call', () => {
  const clock = new SimClock()
  const again: Filled = { slot: 'retry', part: retryPart() }

  it.each([
    ['the caller’s budget', 20, 'deadline', 20],
    ['the time of the whole', undefined, 'timeout', 50],
  ])('is %s, and the meter hears so', async (_what, budgetMs, policy, ranMs) => {
    const { meter } = listeners()
    const whole = stagesOf(new Timeout({ timeoutMs: 50, clock }), 0)
    const runner = buildRunner(staged(clock, [{ slot: 'meter', part: meter }, ...whole, again]), 'users')

    const outcome = runner.outcome(never, { budgetMs })
    await clock.advance(50)

    expect(meter.ended.mock.calls).toEqual([[await outcome, policy, ranMs]])
  })

  it('is the time of its attempt, where that of the whole is as long', async () => {
    const [whole, own] = [new Timeout({ timeoutMs: 50, clock }), new Timeout({ timeoutMs: 20, clock })]
    const stack = pipeline(whole, new Retry({ maxRetries: 0, clock }), own)
    expect(await errorOf(Promise.all([stack.execute(never), clock.advance(20)]))).toBeInstanceOf(Error)
    own.update({ timeoutMs: 50 })

    expect(await errorOf(Promise.all([stack.execute(never), clock.advance(50)]))).toBeInstanceOf(Error)

    expect([whole.expirations, own.expirations]).toEqual([0, 2])
  })

  it('is the time around it, whatever else waits as long in a queue inside', async () => {
    const { limit, meter } = listeners()
    limit.tryTake.mockReturnValueOnce(true).mockReturnValue(false)
    limit.enter.mockReturnValue(WAITING)
    const time = new Timeout({ timeoutMs: 50, clock })
    const part = { ...retryPart(), wants: () => true, delayMs: () => 10 }
    const inside: Filled[] = [
      { slot: 'meter', part: meter },
      { slot: 'retry', part },
      { slot: 'limit', part: { ...limit, sampler: null } },
    ]
    const runner = buildRunner(staged(clock, [...stagesOf(time, 0), ...inside]), 'users')
    // Another call has its place in the line of that time before, so that the line of the queue is judged first.
    const other = time.outcome(never)
    await clock.advance(20)

    const error = errorOf(runner.execute(down, undefined))
    await clock.advance(50)

    expect(await error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect((await other).kind).toBe('timeout')
  })
})
