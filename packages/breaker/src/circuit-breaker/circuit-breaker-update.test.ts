import '@breakwater/testing/vitest'
import { InvalidOptionsError, pipeline } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { acquire, admits, end, failing, hanging, setUp, setUpForTrial, times } from './breaker-steps.model.js'
import type { CircuitBreakerUpdate } from './circuit-breaker.js'
import { consecutiveFailures, countRate, errorRate, slowCalls, tripWhen } from './trip-rules.js'

describe('update', () => {
  it('changes when it trips, with the counts that it has', () => {
    const { breaker } = setUp({ trip: errorRate({ volume: 100 }) })
    end(breaker, 'failure', 'failure', 'failure')

    breaker.update({ trip: [errorRate({ volume: 4 })] })
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', failures: 3, consecutiveFailures: 3 })
    end(breaker, 'failure')

    expect(breaker).toBeOpen()
  })

  it('keeps the counts of each window exactly when the rules stay the same', async () => {
    const trip = [
      errorRate({ percent: 100, volume: 2, windowMs: 1_000 }),
      errorRate({ percent: 100, volume: 50, windowMs: 60_000, buckets: 6 }),
    ]
    const { clock, breaker } = setUp({ trip })
    end(breaker, 'failure')
    await clock.advance(5_000)

    breaker.update({ openMs: 20 })
    end(breaker, 'failure')

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', failures: 1 })
  })

  it('keeps the last calls as far as a new window reaches', () => {
    const { breaker } = setUp({ trip: countRate({ size: 10, volume: 10 }) })
    end(breaker, 'success', 'success', 'failure', 'success', 'failure')

    breaker.update({ trip: countRate({ percent: 75, size: 4, volume: 4 }) })
    end(breaker, 'failure')

    expect(breaker).toBeOpen()
  })

  it('lets no trial be too slow for a rule that is gone', async () => {
    const trip = slowCalls({ slowerThanMs: 100, volume: 1 })
    const { clock, breaker } = setUp({
      trip,
      openMs: 10,
      probes: { limit: 1, leaseMs: 5_000, closeAfter: 1 },
    })
    breaker.openFor(10)
    await clock.advance(10)
    const trial = acquire(breaker)

    breaker.update({ trip: errorRate() })
    await clock.advance(1_000)
    expect(breaker).toHaveState('half-open')
    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
    trial.settle('success')

    expect(breaker).toBeClosed()
    expect(breaker.snapshot().slow).toBe(0)
  })

  it('gives calls under way the time of a rule that finds them slow later', async () => {
    const { clock, breaker } = setUp({ trip: slowCalls({ slowerThanMs: 100, volume: 1 }), openMs: 10 })
    breaker.openFor(10)
    await clock.advance(10)
    const trial = acquire(breaker)

    breaker.update({ trip: slowCalls({ slowerThanMs: 400, volume: 1 }) })
    await clock.advance(399)
    expect(breaker).toHaveState('half-open')
    await clock.advance(1)

    expect(breaker).toBeOpen()
    trial.settle('success')
  })

  it('begins to watch for slow calls, and stops', async () => {
    const { clock, breaker } = setUp({ trip: errorRate() })
    const slow = slowCalls({ slowerThanMs: 100, volume: 2 })
    void breaker.execute(hanging)

    breaker.update({ trip: slow })
    void breaker.execute(hanging)
    await clock.advance(100)
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 1 })

    breaker.update({ trip: errorRate() })
    for (const work of times(5, hanging)) void breaker.execute(work)
    await clock.advance(100)
    expect(breaker).toBeClosed()
  })

  it('changes the next open time, not the one that has begun', () => {
    const { clock, breaker } = setUp()
    end(breaker, 'failure')

    breaker.update({ openMs: 30 })
    expect(breaker.snapshot().retryAfterMs).toBe(1_000)
    clock.stall(1_000)
    end(breaker, 'failure')

    expect(breaker.snapshot().retryAfterMs).toBe(30)
  })

  it('changes the trials of a half-open breaker at once', () => {
    const { breaker } = setUpForTrial({ probes: { limit: 1 } })
    acquire(breaker)
    expect(admits(breaker)).toBe(false)

    breaker.update({ probes: { limit: 3, closeAfter: 1 } })
    const [second, third] = [acquire(breaker), acquire(breaker)]
    expect(admits(breaker)).toBe(false)

    third.settle('cancelled')
    second.settle('success')
    expect(breaker).toBeClosed()
  })

  it('changes what an outcome means', async () => {
    const { breaker } = setUp()
    breaker.update({ classify: () => 'ignored' })

    expect(await breaker.outcome(failing)).toHaveOutcome('ignored')
    expect(breaker).toBeClosed()
  })

  it('changes whether refusals have stacks', () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    const shared = breaker.tryAcquire()

    breaker.update({ captureStack: true })

    expect(breaker.tryAcquire()).not.toBe(shared)
    expect(breaker.tryAcquire()).not.toBe(breaker.tryAcquire())
  })

  it('changes all or nothing', () => {
    const { breaker } = setUp()
    const wrong = { openMs: 5, probes: { limit: 0 }, trip: [] }

    expect(() => breaker.update(wrong)).toThrow(InvalidOptionsError)
    end(breaker, 'failure')

    expect(breaker.snapshot().retryAfterMs).toBe(1_000)
  })

  it('refuses what cannot be changed, and what it does not know', () => {
    const { breaker } = setUp()

    for (const key of ['name', 'group', 'clock', 'random', 'runtime', 'restore', 'opneMs']) {
      const update = (): void => breaker.update({ [key]: undefined, openMs: 5 })
      expect(update).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }))
    }
    expect(() => breaker.update(null as unknown as CircuitBreakerUpdate)).toThrow(InvalidOptionsError)
  })

  it('goes on from the update before, and takes undefined for the default', () => {
    const { clock, breaker } = setUp({ random: { next: () => 0 } })
    breaker.update({ openMs: 10 })
    breaker.update({ trip: consecutiveFailures(2) })
    end(breaker, 'failure', 'failure')
    expect(breaker.snapshot().retryAfterMs).toBe(10)
    clock.stall(10)

    breaker.update({ openMs: undefined })
    end(breaker, 'failure')

    expect(breaker.snapshot().retryAfterMs).toBe(5_000)
  })

  it('goes on from the update that it is told of, also while that is told', () => {
    const { breaker } = setUp()
    const stop = breaker.on('update', () => {
      stop()
      breaker.update({ trip: consecutiveFailures(2) })
    })

    breaker.update({ openMs: 30 })
    breaker.update({ probes: { limit: 2 } })
    end(breaker, 'failure')
    expect(breaker).toBeClosed()
    end(breaker, 'failure')

    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 30 })
  })

  it('shows in describe()', () => {
    const { breaker } = setUp({ name: undefined })
    const whole = pipeline(breaker)
    const rule = tripWhen(() => false)

    breaker.update({ trip: rule, probes: { limit: 2, leaseMs: 30 }, ramp: { durationMs: 40 } })

    expect(whole.describe()).toEqual([
      {
        kind: 'circuit-breaker',
        name: undefined,
        options: expect.objectContaining({
          trip: [rule],
          probeLimit: 2,
          leaseMs: 30,
          closeAfter: 2,
          rampMs: 40,
        }) as unknown,
      },
    ])
  })

  it('leaves calls in flight as they were admitted', () => {
    const { breaker } = setUp({ trip: consecutiveFailures(2) })
    const permit = acquire(breaker)

    breaker.update({ trip: consecutiveFailures(1) })
    permit.settle('failure')

    expect(breaker).toBeOpen()
  })
})
