import { errorRate } from '@breakwater/breaker'
import {
  BulkheadFullError,
  CallTimeoutError,
  CircuitOpenError,
  DeadlineExceededError,
  FallbackFailedError,
} from '@breakwater/kernel'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { always, errorIn, failing, kindsOf, never, watch, world } from './command.model.js'
import type { World } from './command.model.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import type { CommandTuning } from './command-options.js'

type Switchable = Command<[isBad?: boolean], string>

function switchable(around: World, tuning: CommandTuning = {}): Switchable {
  const run = (_call: unknown, isBad = true): Promise<string> => (isBad ? failing() : Promise.resolve('ok'))
  return createCommand({ name: 'standard', run, ...around, ...tuning })
}

async function failTimes(command: Switchable, times: number): Promise<void> {
  for (let call = 0; call < times; call++) await command.outcome(true)
}

/** A command whose breaker has just opened for the first time. */
async function opened(around: World, tuning: CommandTuning = {}): Promise<Switchable> {
  const command = switchable(around, { retry: false, ...tuning })
  await failTimes(command, 20)
  expect(command.breaker).toBeOpen()
  return command
}

describe('the times of the preset standard', () => {
  it('ends an attempt after 2 s', async () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, retry: false, ...around })

    const seen = watch(command.execute())

    await around.clock.advance(1_999)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)
    expect(seen.error).toBeInstanceOf(CallTimeoutError)
  })

  it('ends a whole call after 10 s', async () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, attemptTimeoutMs: false, ...around })

    const seen = watch(command.execute())

    await around.clock.advance(9_999)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)
    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
  })

  it('gives an attempt no more than the whole call when that is shorter than 2 s', () => {
    const command = switchable(world(), { timeoutMs: 700 })

    expect(command.snapshot()).toMatchObject({ timeoutMs: 700, attemptTimeoutMs: 700 })
  })
})

describe('the retry of the preset standard', () => {
  async function delaysOf(chance: number, tuning: CommandTuning = {}): Promise<number[]> {
    const around = world(always(chance))
    const command = switchable(around, { breaker: false, ...tuning })
    const delays: number[] = []
    command.on('retry', ({ delayMs }) => delays.push(delayMs))
    watch(command.execute())
    await around.clock.advance(10_000)
    return delays
  }

  it('tries twice more, after decorrelated waits from 100 ms', async () => {
    expect(await delaysOf(0)).toEqual([100, 100])
    expect(await delaysOf(0.5)).toEqual([200, 350])
  })

  it('never waits longer than 2 s', async () => {
    const delays = await delaysOf(1, { retry: { maxRetries: 5 } })

    expect(delays.map(Math.round)).toEqual([300, 900, 2_000, 2_000, 2_000])
  })

  it('spends at most 20 % of the calls of 10 s, and 3 retries a second', async () => {
    const around = world()
    const command = switchable(around, { breaker: false })

    const calls = Array.from({ length: 100 }, () => command.outcome(true))
    await around.clock.advance(9_000)
    await Promise.all(calls)

    expect(command.snapshot().retries.attempts).toBe(0.2 * 100 + 3 * 10)
  })
})

describe('the breaker of the preset standard', () => {
  it('opens at 50 % failures, from 20 calls on', async () => {
    const command = switchable(world(), { retry: false })

    for (let call = 0; call < 10; call++) await command.outcome(false)
    await failTimes(command, 9)
    expect(command.breaker).toBeClosed()
    await failTimes(command, 1)
    expect(command.breaker).toBeOpen()
  })

  it('stays closed below 50 %', async () => {
    const command = switchable(world(), { retry: false })

    for (let call = 0; call < 21; call++) await command.outcome(false)
    await failTimes(command, 20)

    expect(command.breaker).toBeClosed()
  })

  it('judges by the last 10 s', async () => {
    const around = world()
    const command = switchable(around, { retry: false })

    await failTimes(command, 19)
    await around.clock.advance(10_000)
    await failTimes(command, 19)

    expect(command.breaker).toBeClosed()
  })

  it.each([
    ['2.5 s', 0, [2_500, 5_000, 10_000, 20_000, 30_000, 30_000]],
    ['5 s', 1, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]],
  ])(
    'opens for %s, twice as long with each trip that follows, up to a limit',
    async (_first, chance, times) => {
      const around = world(always(chance))
      const command = switchable(around, { retry: false })
      const openMs: number[] = []
      command.on('transition', (transition) => {
        if (transition.openMs !== undefined) openMs.push(Math.round(transition.openMs))
      })

      await failTimes(command, 20)
      for (let trip = 1; trip < times.length; trip++) {
        await around.clock.advance(60_000)
        await failTimes(command, 1)
      }

      expect(openMs).toEqual(times)
    },
  )

  it('admits 3 trials at once, and closes when 3 succeeded', async () => {
    const around = world()
    const command = await opened(around)
    await around.clock.advance(5_000)

    const kinds = kindsOf(await Promise.all([false, false, false, false].map((bad) => command.outcome(bad))))

    expect(kinds).toEqual(['success', 'success', 'success', 'rejected'])
    expect(command.breaker).toBeClosed()
  })

  it('leases a trial for the time of an attempt', async () => {
    const around = world()
    const command = await opened(around)
    await around.clock.advance(5_000)
    for (let lost = 0; lost < 3; lost++) command.breaker?.tryAcquire()

    await around.clock.advance(1_999)
    expect(await command.outcome(false)).toHaveOutcome('rejected')
    await around.clock.advance(1)
    expect(await command.outcome(false)).toHaveOutcome('success')
  })

  it('closes after trials that take longer than 2 s when attempts have no limit', async () => {
    const around = world()
    const run = (_call: unknown, afterMs: number): Promise<void> =>
      afterMs === 0
        ? failing()
        : new Promise((resolve) => around.clock.io(around.clock.now() + afterMs, resolve))
    const off = { retry: false, attemptTimeoutMs: false, breaker: { trip: errorRate() } } as const
    const command = createCommand({ name: 'slow', run, ...around, ...off })
    for (let call = 0; call < 20; call++) await command.outcome(0)

    for (let second = 0; second < 20; second++) {
      await around.clock.advance(1_000)
      void command.outcome(3_000)
    }

    expect(command.breaker).toBeClosed()
  })

  it('lets the calls back in steps over 10 s after closing', async () => {
    const around = world()
    const command = await opened(around)
    await around.clock.advance(5_000)
    for (let trial = 0; trial < 3; trial++) await command.outcome(false)
    const admittedOf100 = async (): Promise<number> => {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => command.outcome(false)))
      return outcomes.filter(({ kind }) => kind === 'success').length
    }

    expect(await admittedOf100()).toBeLessThan(10)
    await around.clock.advance(9_999)
    expect(await admittedOf100()).toBeLessThan(60)
    await around.clock.advance(1)
    expect(await admittedOf100()).toBe(100)
  })

  it('counts calls of more than 2 s as slow when attempts have no limit', async () => {
    const around = world()
    const run = (): Promise<void> =>
      new Promise((resolve) => around.clock.io(around.clock.now() + 3_000, resolve))
    const command = createCommand({ name: 'slow', run, attemptTimeoutMs: false, ...around })

    const calls = Array.from({ length: 20 }, () => command.outcome())
    await around.clock.advance(1_999)
    expect(command.breaker).toBeClosed()
    await around.clock.advance(1)
    expect(command.breaker).toBeOpen()
    await around.clock.advance(1_000)

    expect(new Set(kindsOf(await Promise.all(calls)))).toEqual(new Set(['success']))
  })
})

describe('the limits of the preset standard', () => {
  it('lets 100 calls run at once, and nobody wait', async () => {
    const around = world()
    const command = createCommand({ name: 'busy', run: never, ...around })
    for (let call = 0; call < 100; call++) watch(command.execute())

    const refused = await command.outcome()

    expect(errorIn(refused)).toBeInstanceOf(BulkheadFullError)
    expect(errorIn(refused)).toMatchObject({ reason: 'concurrency' })
    expect(command.snapshot().bulkhead).toMatchObject({ running: 100, queued: 0 })
  })

  it('lets 10 fallbacks run at once', async () => {
    const command = createCommand({ name: 'lost', run: failing, fallback: never, retry: false, ...world() })
    for (let call = 0; call < 10; call++) watch(command.execute())
    await Promise.resolve()

    const refused = errorIn(await command.outcome())

    expect(refused).toBeInstanceOf(FallbackFailedError)
    expect((refused as FallbackFailedError).fallbackError).toBeInstanceOf(BulkheadFullError)
  })

  it('refuses with the time to the next trial while it is open', async () => {
    const command = await opened(world(always(1)))

    const refused = errorIn(await command.outcome())

    expect(refused).toBeInstanceOf(CircuitOpenError)
    expect((refused as CircuitOpenError).retryAfterMs).toBeCloseTo(5_000)
  })
})

describe('a breaker in a compat line', () => {
  it('keeps its own defaults under the preset standard', async () => {
    const around = world()
    const command = switchable(around, { retry: false, breaker: { compat: 'hystrix-1.5.18' } })

    await failTimes(command, 20)
    await around.clock.advance(600)

    expect((await command.outcome(true)).kind).toBe('rejected')
    const health = { total: 20, errors: 20, percent: 100, isOpen: true }
    expect(command.breaker?.snapshot()).toMatchObject({ health })
  })
})
