/**
 * When and after how long an attempt ended, as each of those hears it who had admitted it.
 */
import { Bulkhead, Retry, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Outcome, OutcomeKind } from '../outcome.js'
import { never } from './deferred.model.js'
import { listeners, staged } from './listeners.model.js'
import type { Filled, Listeners } from './listeners.model.js'
import { buildRunner, stagesOf } from './pipeline.js'
import type { Runner } from './runner.js'
import { WAITING } from './stage.js'
import { busyRunner, sparingClock } from './sparing-clock.model.js'

const error = new Error('down')
const FAILED = { kind: 'failure', error }
const guardPart = (): Filled => ({ slot: 'guard', part: { enter: () => undefined, exit: () => undefined } })

interface Stand extends Listeners {
  readonly clock: SimClock
  readonly runner: Runner
}

function stand(
  more: (clock: SimClock) => readonly Filled[] = () => [],
  inside: readonly Filled[] = [],
): Stand {
  const clock = new SimClock({ startMs: 1_000 })
  const heard = listeners()
  const [meter, ...rest] = heard.stages as [Filled, ...Filled[]]
  const runner = buildRunner(staged(clock, [meter, ...more(clock), ...rest, ...inside]), 'users')
  return { ...heard, clock, runner }
}

const timed = (timeoutMs: number): Filled => stagesOf(new Timeout({ timeoutMs }), 0)[0] as Filled

/** What the breaker heard of the ends of calls that no free gate admitted. */
const exits = ({ breaker }: Stand): unknown[] => breaker.exit.mock.calls.map(([, ...rest]) => rest)

/** Work that takes 40 ms. */
const taking =
  (clock: SimClock, end: () => unknown = () => 'value') =>
  (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      clock.io(clock.now() + 40, () => {
        try {
          resolve(end())
        } catch (thrown) {
          reject(thrown)
        }
      })
    })
const failing = (): never => {
  throw error
}

describe.each<[string, () => readonly Filled[]]>([
  ['that nothing can end early', () => []],
  ['that its time can end', () => [timed(100)]],
])('of a call %s', (_name, inside) => {
  it('all hear how long its work took to answer', async () => {
    const all = stand(undefined, inside())
    const answer = all.runner.execute(taking(all.clock), undefined)
    await all.clock.advance(40)

    expect(await answer).toBe('value')
    expect(all.breaker.advance.mock.calls).toEqual([[1_040]])
    expect(all.breaker.succeeded.mock.calls).toEqual([['value', 1, 40]])
    expect(all.sampler.succeeded.mock.calls).toEqual([['value', 40, 1_040]])
    expect(all.meter.succeeded.mock.calls).toEqual([[40, 1_040]])
    expect(all.limit.release).toHaveBeenCalledOnce()
  })

  it('all hear of one that answered at once', async () => {
    const all = stand(undefined, inside())

    expect(await all.runner.execute(() => 'value', undefined)).toBe('value')

    expect(all.breaker.succeeded.mock.calls).toEqual([['value', 1, 0]])
    expect(all.sampler.succeeded.mock.calls).toEqual([['value', 0, 1_000]])
    expect(all.meter.succeeded.mock.calls).toEqual([[0, 1_000]])
  })

  it('all hear how long its work took to fail', async () => {
    const all = stand(undefined, inside())
    const ended = Promise.allSettled([all.runner.execute(taking(all.clock, failing), undefined)])
    await all.clock.advance(40)
    await ended

    expect(all.breaker.failed.mock.calls).toEqual([[FAILED, 1, 1_040, 40]])
    expect(all.sampler.ended.mock.calls).toEqual([[FAILED, 40, 1_040]])
    expect(all.meter.ended.mock.calls).toEqual([[FAILED, undefined, 40]])
    expect(all.meter.answered.mock.calls).toEqual([['missing']])
    expect(all.meter.threw).toHaveBeenCalledOnce()
  })

  it('the caller and the meter hear that the breaker ignores its failure', async () => {
    const all = stand(undefined, inside())
    all.breaker.failed.mockReturnValue('ignored')

    await Promise.allSettled([all.runner.execute(failing, undefined)])

    expect(all.meter.ended.mock.calls).toEqual([[{ kind: 'ignored', error }, undefined, 0]])
    expect(all.meter.answered).not.toHaveBeenCalled()
  })

  it('the caller and the meter hear of the failure that the breaker takes for a success', async () => {
    const all = stand(undefined, inside())
    all.breaker.failed.mockReturnValue('success')

    await Promise.allSettled([all.runner.execute(failing, undefined)])

    expect(all.meter.ended.mock.calls).toEqual([[FAILED, undefined, 0]])
  })
})

describe('of a call with a guard around it', () => {
  it.each<[string, () => unknown, Outcome<unknown>]>([
    ['answer', () => 'value', { kind: 'success', value: 'value' }],
    ['fail', failing, { kind: 'failure', error }],
  ])('all hear how long its work took to %s', async (_how, end, outcome) => {
    const all = stand(() => [guardPart()])
    const ended = Promise.allSettled([all.runner.execute(taking(all.clock, end), undefined)])
    await all.clock.advance(40)
    await ended

    expect(exits(all)).toEqual([[outcome, 1_040, 40]])
    expect(all.sampler.ended.mock.calls).toEqual([[outcome, 40, 1_040]])
    expect(all.meter.ended.mock.calls).toEqual([[outcome, undefined, 40]])
  })

  it('nobody hears how long it took when nobody read the clock for it', async () => {
    const clock = sparingClock()
    const all = listeners()
    const [meter, ...rest] = all.stages as [Filled, ...Filled[]]
    const runner = busyRunner(clock, meter, guardPart(), ...rest)
    clock.stall(5)

    expect(await runner.execute(() => 'value', undefined)).toBe('value')

    const outcome = { kind: 'success', value: 'value' }
    expect(all.sampler.ended.mock.calls).toEqual([[outcome, undefined, 1_000]])
    expect(all.meter.ended.mock.calls).toEqual([[outcome, undefined, undefined]])
  })

  it.each<[string, OutcomeKind, () => unknown, Outcome<unknown>]>([
    [
      'no answer, though its breaker ignores it',
      'ignored',
      () => 'value',
      { kind: 'success', value: 'value' },
    ],
    ['a failure that its breaker ignores', 'ignored', failing, { kind: 'ignored', error }],
    ['no failure that its breaker takes for a success', 'success', failing, { kind: 'failure', error }],
  ])('all hear as ignored %s', async (_what, kind, work, outcome) => {
    const exit = vi.fn()
    const all = stand(() => [{ slot: 'guard', part: { enter: () => undefined, exit } }])
    all.breaker.exit.mockReturnValue(kind)

    expect(await all.runner.outcome(work, undefined)).toEqual(outcome)

    expect(exit.mock.calls.map(([, seen]) => seen as unknown)).toEqual([outcome])
  })
})

describe('of a call that ends before its work', () => {
  it('all hear how long it ran when its time was over', async () => {
    const all = stand(undefined, [timed(100)])
    const outcome = all.runner.outcome(never, undefined)
    await all.clock.advance(100)

    const timeout = await outcome
    expect(timeout.kind).toBe('timeout')
    expect(exits(all)).toEqual([[timeout, 1_100, 100]])
    expect(all.sampler.ended.mock.calls).toEqual([[timeout, 100, 1_100]])
    expect(all.meter.ended.mock.calls).toEqual([[timeout, 'timeout', 100]])
  })

  it('all hear how long it ran when its caller aborted it', async () => {
    const all = stand()
    const controller = new AbortController()
    const outcome = all.runner.outcome(never, { signal: controller.signal })
    await all.clock.advance(40)
    controller.abort('mine')

    const cancelled = await outcome
    expect(exits(all)).toEqual([[cancelled, 1_040, 40]])
    expect(all.sampler.ended.mock.calls).toEqual([[cancelled, 40, 1_040]])
    expect(all.meter.ended.mock.calls).toEqual([[cancelled, undefined, undefined]])
    expect(all.meter.threw).not.toHaveBeenCalled()
  })

  it('nobody hears how long it waited for a slot', async () => {
    const all = stand()
    const controller = new AbortController()
    all.limit.tryTake.mockReturnValue(false)
    all.limit.enter.mockReturnValue(WAITING)
    const outcome = all.runner.outcome(never, { signal: controller.signal })
    await all.clock.advance(40)
    controller.abort('mine')

    const cancelled = await outcome
    expect(exits(all)).toEqual([[cancelled, 1_040, undefined]])
    expect(all.sampler.ended.mock.calls).toEqual([[cancelled, undefined, 1_040]])
  })

  it('nobody hears how long it ran when nobody read the clock for it', async () => {
    const clock = sparingClock()
    const all = listeners()
    const [meter, ...rest] = all.stages as [Filled, ...Filled[]]
    const whole = [timed(200), ...stagesOf(new Retry({ clock }), 0)]
    const outcome = busyRunner(clock, meter, ...whole, ...rest).outcome(never, undefined)
    await clock.advance(200)

    const timeout = await outcome
    expect(timeout.kind).toBe('timeout')
    expect(all.sampler.ended.mock.calls).toEqual([[timeout, undefined, 1_200]])
  })

  describe('that waited in vain for a slot further inside, as for no answer of the dependency', () => {
    const insides = (clock: SimClock): Filled[] => {
      const full = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
      void full.execute(never)
      return [guardPart(), timed(50), ...stagesOf(full, 0)]
    }

    it('all hear how long', async () => {
      const clock = new SimClock({ startMs: 1_000 })
      const all = listeners()
      const runner = buildRunner(staged(clock, [...all.stages, ...insides(clock)]), 'users')

      const outcome = runner.outcome(never, undefined)
      await clock.advance(50)

      const timeout = await outcome
      expect(timeout.kind).toBe('timeout')
      const cancelled = { ...timeout, kind: 'cancelled' }
      expect(all.breaker.exit.mock.calls.map(([, ...rest]) => rest)).toEqual([[cancelled, 1_050, 50]])
      expect(all.sampler.ended.mock.calls).toEqual([[cancelled, 50, 1_050]])
      expect(all.meter.ended.mock.calls).toEqual([[timeout, 'timeout', 50]])
    })

    it('nobody hears how long when nobody read the clock for it', async () => {
      const clock = sparingClock()
      const all = listeners()
      const outcome = busyRunner(clock, ...all.stages, ...insides(clock)).outcome(never, undefined)
      await clock.advance(50)

      const timeout = await outcome
      expect(all.sampler.ended.mock.calls).toEqual([[{ ...timeout, kind: 'cancelled' }, undefined, 1_050]])
      expect(all.meter.ended.mock.calls).toEqual([[timeout, 'timeout', undefined]])
    })
  })
})
