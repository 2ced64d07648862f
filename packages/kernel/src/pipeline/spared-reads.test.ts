/**
 * What those hear who admitted a call that was not told the time, and what its work sees of it.
 */
import { constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { describe, expect, it, vi } from 'vitest'
import type { Call } from '../call.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { listeners, retryPart } from './listeners.model.js'
import type { Filled } from './listeners.model.js'
import { stagesOf } from './pipeline.js'
import { busyRunner, sparingClock } from './sparing-clock.model.js'
import { GATE_ASK, GATE_SHUT, WAITING } from './stage.js'
import type { RatePart, TurnSeeker } from './stage.js'

const error = new Error('down')
const FAILED = { kind: 'failure', error }

const ownTime = (clock: ReturnType<typeof sparingClock>): Filled[] => [
  ...stagesOf(new Timeout({ timeoutMs: 100, clock }), 0),
]

describe.each([
  ['nothing can end early', () => []],
  ['its own time can end', ownTime],
])('a call that is spared the read, and that %s', (_name, around) => {
  function stand() {
    const clock = sparingClock()
    const heard = listeners()
    const runner = busyRunner(clock, ...heard.stages, ...around(clock))
    return { ...heard, clock, runner }
  }

  it.each<[string, () => unknown]>([
    ['at once', () => 'value'],
    ['in the same turn', () => Promise.resolve('value')],
  ])('answers %s: all hear of it, and nobody of a time', async (_when, work) => {
    const { runner, meter, breaker, limit, sampler } = stand()

    expect(await runner.execute(work, undefined)).toBe('value')

    expect(meter.started).toHaveBeenCalledOnce()
    expect(meter.succeeded.mock.calls).toEqual([[undefined, 0]])
    expect(breaker.advance).not.toHaveBeenCalled()
    expect(breaker.succeeded.mock.calls).toEqual([['value', 1, undefined]])
    expect(limit.release).toHaveBeenCalledOnce()
    expect(sampler.succeeded).not.toHaveBeenCalled()
  })

  it('answers in a later turn: the breaker hears the time before', async () => {
    const { clock, runner, breaker } = stand()
    const end = deferred<string>()
    const answer = runner.execute(() => end.promise, undefined)
    await clock.advance(5)

    end.resolve('later')

    expect(await answer).toBe('later')
    expect(breaker.advance.mock.calls).toEqual([[1_005]])
    expect(breaker.succeeded.mock.calls).toEqual([['later', 1, undefined]])
  })

  it('fails: all hear of it at the time that was last read, and nobody of how long it took', async () => {
    const { clock, runner, meter, breaker, limit, sampler } = stand()
    clock.stall(5)

    expect(await errorOf(runner.execute(() => Promise.reject(error), undefined))).toBe(error)

    expect(breaker.failed.mock.calls).toEqual([[FAILED, 1, 1_000, undefined]])
    expect(limit.release).toHaveBeenCalledOnce()
    expect(sampler.ended.mock.calls).toEqual([[FAILED, undefined, 1_000]])
    expect(meter.ended.mock.calls).toEqual([[FAILED, undefined, undefined]])
    expect(meter.answered.mock.calls).toEqual([['missing']])
    expect(meter.threw).toHaveBeenCalledOnce()
  })

  it('counts for the state of the breaker that admitted it', async () => {
    const { runner, breaker } = stand()
    const [first, second] = [deferred(), deferred()]
    const calls = [runner.execute(() => first.promise, undefined)]
    breaker.generation = 2
    calls.push(runner.execute(() => second.promise, undefined))

    first.resolve()
    second.reject(error)
    await Promise.allSettled(calls)

    expect(breaker.succeeded.mock.calls).toEqual([[undefined, 1, undefined]])
    expect(breaker.failed.mock.calls).toEqual([[FAILED, 2, 1_000, undefined]])
  })
})

describe('a call that is spared the read', () => {
  it('is told to the meter where there is nobody else', async () => {
    const clock = sparingClock()
    const { meter } = listeners()
    const end = deferred()
    const runner = busyRunner(clock, { slot: 'meter', part: meter })
    const later = runner.execute(() => end.promise, undefined)

    expect(await runner.execute(() => 'value', undefined)).toBe('value')
    expect(await runner.execute(() => Promise.resolve('value'), undefined)).toBe('value')

    expect(meter.succeeded).toHaveBeenCalledTimes(2)
    await clock.advance(5)
    end.resolve()
    await later
    expect(meter.succeeded).toHaveBeenCalledTimes(3)
  })

  it.each<[string, () => unknown, object]>([
    ['answers', () => Promise.resolve('value'), { kind: 'success', value: 'value' }],
    ['fails', () => Promise.reject(error), FAILED],
  ])('is timed at its end, if it is a trial of the breaker, also when it %s', async (_how, work, outcome) => {
    const clock = sparingClock()
    const { breaker, stages } = listeners()
    breaker.gate = GATE_ASK
    breaker.enter.mockImplementation((admission) => void (admission.lease = {}))
    const runner = busyRunner(clock, ...stages, ...ownTime(clock))

    const ended = Promise.allSettled([runner.execute(work, undefined)])
    clock.stall(5)
    await ended

    expect(breaker.exit.mock.calls.map(([, ...rest]) => rest)).toEqual([[outcome, 1_005, undefined]])
  })

  it('is counted by the budget of its retry at the time that was last read', async () => {
    const clock = sparingClock()
    const called = vi.fn()
    const runner = busyRunner(clock, { slot: 'retry', part: { ...retryPart(), budget: {}, called } })
    clock.stall(5)

    await runner.execute(() => 1, undefined)

    expect(called.mock.calls).toEqual([[1_000]])
  })
})

describe('the time of a call that is spared the read', () => {
  it('T1: ends though a guard has asked for it before the call began', async () => {
    const clock = sparingClock()
    const asked: unknown[] = []
    const enter = ({ deadline }: Call): undefined => void asked.push(deadline)
    const guard: Filled = { slot: 'guard', part: { enter, exit: () => undefined } }
    const whole = stagesOf(new Timeout({ timeoutMs: 100, clock }), 0)
    const runner = busyRunner(clock, ...whole, { slot: 'retry', part: retryPart() }, guard)
    const failed = errorOf(runner.execute(never, undefined))

    await clock.advance(100)

    expect(await failed).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(asked).toEqual([1_100])
  })

  it('is not that of its wait for a slot', () => {
    const clock = sparingClock()
    const { limit, stages } = listeners()
    const seekers: Call[] = []
    limit.maxWaitMs = 100
    limit.tryTake.mockReturnValue(false)
    limit.enter.mockImplementation((seeker) => {
      seekers.push(seeker)
      return WAITING
    })

    void busyRunner(clock, ...stages).execute(never, undefined)

    expect(seekers.map(({ deadline }) => deadline)).toEqual([undefined])
  })

  it('T1: is not over before its turn has come', async () => {
    const clock = sparingClock()
    const seekers: TurnSeeker[] = []
    const enter: RatePart['enter'] = (seeker) => {
      seekers.push(seeker)
      return WAITING
    }
    const part: RatePart = { tryTake: () => false, enter, leave: () => undefined }
    const whole = stagesOf(new Timeout({ timeoutMs: 100, clock }), 0)
    const answer = busyRunner(clock, ...whole, { slot: 'rate', part }).execute(() => 'in time', undefined)

    seekers[0]?.granted()

    expect(await answer).toBe('in time')
  })

  it.each(['execute', 'outcome'] as const)(
    'T1: begins at the end of its turn, at the latest: %s',
    async (way) => {
      const clock = sparingClock()
      const { stages, breaker, meter } = listeners()
      const runner = busyRunner(clock, ...stages, ...ownTime(clock))
      let call: Call | undefined
      const ended = Promise.allSettled([
        runner[way]((given) => {
          call = given
          return never()
        }, undefined),
      ])
      clock.stall(5)

      expect(call?.deadline).toBe(1_105)
      await clock.flush()
      clock.stall(40)
      expect([call?.deadline, call?.remainingMs()]).toEqual([1_105, 60])
      await clock.advance(60)

      await ended
      expect(breaker.exit.mock.calls.map(([, { kind }, ...times]) => [kind, ...times])).toEqual([
        ['timeout', 1_105, undefined],
      ])
      expect(meter.ended.mock.calls.map(([, ...rest]) => rest)).toEqual([['timeout', undefined]])
    },
  )

  it('R3: is not given anew to its further attempts', async () => {
    const clock = sparingClock()
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 10 }), clock })
    const whole = new Timeout({ timeoutMs: 200, clock })
    const runner = busyRunner(clock, ...[whole, retry].flatMap(stagesOf))
    const deadlines: unknown[] = []

    const outcome = runner.outcome((call) => {
      if (call.attempt === 2) deadlines.push(call.deadline)
      return call.attempt === 2
        ? never()
        : new Promise((_resolve, reject) => clock.io(1_150, () => reject(error)))
    }, undefined)
    await clock.advance(300)

    expect(deadlines).toEqual([1_200])
    expect((await outcome).kind).toBe('timeout')
    expect(whole.expirations).toBe(1)
  })
})

describe('the calls that the works of a busy turn see', () => {
  /** What a call of a pipeline gives that answers each with the call itself. */
  function stand(isRefused: boolean): { readonly callOf: () => Promise<Call>; readonly endTurn: () => void } {
    const clock = sparingClock()
    const { breaker } = listeners()
    if (isRefused) breaker.gate = GATE_SHUT
    const refused = Promise.reject<never>(error)
    refused.catch(() => undefined)
    const cause = { kind: 'rejected', error, policy: 'breaker', attempt: 1 } as const
    breaker.refuse.mockReturnValue({ error: error as never, cause, promise: refused })
    const fallback = new Fallback({ chain: [(_cause, call) => call] })
    const runner = busyRunner(clock, ...(isRefused ? stagesOf(fallback, 0) : []), {
      slot: 'breaker',
      part: breaker,
    })
    return {
      callOf: () => runner.execute((call) => call, undefined) as Promise<Call>,
      endTurn: () => runner.turnEnded(),
    }
  }

  it.each([
    ['works', false],
    ['fallbacks', true],
  ])(
    'are one for all %s, which nobody can change, until somebody reads its signal',
    async (_who, isRefused) => {
      const { callOf } = stand(isRefused)

      const [one, other] = [await callOf(), await callOf()]
      expect(other).toBe(one)
      expect(one.name).toBe('users')
      expect(Object.isFrozen(one)).toBe(true)
      const { signal } = one
      const [next, last] = [await callOf(), await callOf()]
      expect(next).not.toBe(one)
      expect(last).toBe(next)
      expect(next.signal).not.toBe(signal)
      expect(one.signal).toBe(signal)
    },
  )

  it('are others in the next turn', async () => {
    const { callOf, endTurn } = stand(false)
    const before = await callOf()
    expect(await callOf()).toBe(before)

    endTurn()

    expect(await callOf()).not.toBe(before)
  })
})
