/**
 * When an attempt will be ended, to a fraction of a millisecond, and for how long it ran as the meter hears it.
 */
import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { Call } from '../call.js'
import { BulkheadFullError } from '../errors.js'
import { errorOf, never } from './deferred.model.js'
import { listeners, retryPart, staged } from './listeners.model.js'
import type { Filled } from './listeners.model.js'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'
import type { Runner } from './runner.js'
import { busyRunner, sparingClock } from './sparing-clock.model.js'

const timed = (timeoutMs: number): Filled => stagesOf(new Timeout({ timeoutMs }), 0)[0] as Filled
const GUARD: Filled = { slot: 'guard', part: { enter: () => undefined, exit: () => undefined } }
const again = (): Filled => ({ slot: 'retry', part: retryPart() })

describe('R3: the end that the work of a further attempt is told', () => {
  it.each([
    ['the time of the whole call', [timed(200)], {}],
    ['the budget of its caller', [], { budgetMs: 200 }],
  ])('is that of %s, and no whole millisecond after it', async (_whose, whole, options) => {
    const clock = new SimClock({ startMs: 1_000 })
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 10 }), clock })
    const runner = buildRunner(staged(clock, [...whole, ...stagesOf(retry, 0)]), 'users')
    const deadlines: unknown[] = []

    const outcome = runner.outcome((call: Call) => {
      deadlines.push(call.deadline)
      return call.attempt === 2 ? never() : new Promise((_, reject) => clock.io(1_150.25, reject))
    }, options)
    await clock.advance(300)

    expect(deadlines).toEqual([1_200, 1_200])
    expect((await outcome).kind).toBe('timeout')
  })
})

describe('who asks before the work begins', () => {
  it('is told when the whole time will be over', async () => {
    const clock = new SimClock({ startMs: 1_000 })
    const deadlines: unknown[] = []
    const enter = ({ deadline }: Call): undefined => void deadlines.push(deadline)
    const guard: Filled = { slot: 'guard', part: { enter, exit: () => undefined } }
    const runner = buildRunner(staged(clock, [timed(100), again(), guard]), 'users')

    expect(await runner.execute(() => 'answer', undefined)).toBe('answer')

    expect(deadlines).toEqual([1_100])
  })
})

it('T1: where the whole time is the shorter one, it ends the first attempt', async () => {
  const clock = new SimClock()
  const [whole, own] = [new Timeout({ timeoutMs: 50, clock }), new Timeout({ timeoutMs: 50, clock })]
  const stack = pipeline(whole, new Retry({ maxRetries: 0, clock }), own)
  own.update({ timeoutMs: 100 })

  const failed = errorOf(stack.execute(never))
  await clock.advance(50)

  expect(await failed).toMatchObject({ code: 'ERR_TIMEOUT' })
  expect([whole.expirations, own.expirations]).toEqual([1, 0])
})

describe('for how long a call ran, as the meter hears it', () => {
  /** A runner, and what its meter heard of the ends of its calls. */
  function stand(filled: readonly Filled[], build: (stages: readonly Filled[]) => Runner) {
    const { meter } = listeners()
    // As that of a command does, for errors that say so.
    meter.kindOf.mockReturnValue('rejected')
    const runner = build([{ slot: 'meter', part: meter }, ...filled])
    return { runner, ends: () => meter.ended.mock.calls.map(([{ kind }, ...rest]) => [kind, ...rest]) }
  }

  it('is nothing where the whole time was over before a slot was free', async () => {
    const clock = new SimClock({ startMs: 1_000 })
    const full = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    void full.execute(never)
    const { runner, ends } = stand([timed(50), again(), ...stagesOf(full, 0)], (filled) =>
      buildRunner(staged(clock, filled), 'users'),
    )

    void runner.outcome(never, undefined)
    await clock.advance(50)

    expect(ends()).toEqual([['timeout', 'timeout', undefined]])
  })

  it('is nothing where nobody read the clock for it', async () => {
    const clock = sparingClock()
    const { runner, ends } = stand([timed(50), again()], (filled) => busyRunner(clock, ...filled))

    void runner.outcome(never, undefined)
    await clock.advance(50)

    expect(ends()).toEqual([['timeout', 'timeout', undefined]])
  })

  it.each<[string, (full: Bulkhead, clock: SimClock) => readonly Filled[], () => unknown, unknown[]]>([
    [
      'nothing where a policy further inside refused it',
      (full) => [timed(100), again(), timed(90), again(), ...stagesOf(full, 0)],
      () => 'not asked',
      ['rejected', 'bulkhead', undefined],
    ],
    [
      'its time where one further inside ended it',
      () => [timed(100), again(), timed(90), again(), timed(20)],
      never,
      ['timeout', 'timeout', 20],
    ],
    [
      'its time where its work was refused elsewhere',
      () => [timed(100), again(), GUARD],
      () => Promise.reject(new BulkheadFullError('elsewhere')),
      ['rejected', undefined, 0],
    ],
  ])('is %s', async (_what, inside, work, end) => {
    const clock = new SimClock({ startMs: 1_000 })
    const full = new Bulkhead({ limit: 1, clock })
    void full.execute(never)
    const { runner, ends } = stand(inside(full, clock), (filled) =>
      buildRunner(staged(clock, filled), 'users'),
    )

    void runner.outcome(work, undefined)
    await clock.advance(50)

    expect(ends()).toEqual([end])
  })
})
