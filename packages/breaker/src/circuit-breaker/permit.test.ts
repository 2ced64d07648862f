import '@breakwater/testing/vitest'
import { CircuitOpenError, InvalidOptionsError } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { acquire, admits, end, setUp, setUpForTrial } from './breaker-steps.model.js'
import { Permit } from './permit.js'
import { errorRate } from './trip-rules.js'

describe('tryAcquire', () => {
  it('answers a permit while the breaker is closed, and an error while it is open', () => {
    const { breaker } = setUp()
    expect(breaker.tryAcquire()).toBeInstanceOf(Permit)

    end(breaker, 'failure')

    const refusal = breaker.tryAcquire()
    expect(refusal).toBeInstanceOf(CircuitOpenError)
    expect(refusal).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: 1_000 })
  })

  it('answers the first trial when the open time is over', () => {
    const { breaker } = setUpForTrial()

    acquire(breaker)

    expect(breaker).toBeHalfOpen()
    expect(admits(breaker)).toBe(false)
  })
})

describe('a permit', () => {
  it('is settled once; what is said after that changes nothing', () => {
    const { breaker } = setUp({ trip: errorRate() })
    const late: unknown[] = []
    breaker.on('late', (event) => late.push(event))
    const permit = acquire(breaker)

    permit.settle('success')
    permit.settle('failure')
    permit[Symbol.dispose]()

    expect(breaker.snapshot()).toMatchObject({ successes: 1, failures: 0 })
    expect(late).toEqual([])
  })

  it('counts each kind as what it is', () => {
    const counted = (kind: OutcomeKind): [number, number] => {
      const { breaker } = setUp({ trip: errorRate() })
      acquire(breaker).settle(kind)
      const { successes, failures } = breaker.snapshot()
      return [successes, failures]
    }
    const kinds: OutcomeKind[] = ['success', 'failure', 'timeout', 'rejected', 'cancelled', 'ignored']

    expect(kinds.map(counted)).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
      [0, 0],
      [0, 0],
      [0, 0],
    ])
  })

  it('that is dropped counts as a call that was never made', () => {
    const { breaker } = setUpForTrial()
    {
      using trial = acquire(breaker)
      expect(trial).toBeInstanceOf(Permit)
      expect(admits(breaker)).toBe(false)
    }

    expect(breaker).toBeHalfOpen()
    expect(admits(breaker)).toBe(true)
    expect(breaker.snapshot().total).toBe(1)
  })

  it('tells its duration from the acquisition, or the one that it is given', () => {
    const { clock, breaker } = setUp()
    const [measured, given] = [acquire(breaker), acquire(breaker)]
    clock.stall(40)

    measured.settle('success')
    given.settle('success', 1_000)

    const { latency } = breaker.snapshot()
    expect(latency.count).toBe(2)
    expect(latency.p50).toBeGreaterThanOrEqual(39)
    expect(latency.p50).toBeLessThan(45)
    expect(latency.max).toBeGreaterThanOrEqual(1_000)
  })

  it('has no duration worth telling when it was not a call', () => {
    const { breaker } = setUp()

    acquire(breaker).settle('cancelled', 5_000)

    expect(breaker.snapshot().latency.count).toBe(0)
  })

  it('refuses another kind or what is no duration, and stays to be settled', () => {
    const { breaker } = setUp({ trip: errorRate() })
    const permit = acquire(breaker)
    const wrong: [unknown, unknown, string[]][] = [
      ['ok', undefined, ['kind']],
      [undefined, undefined, ['kind']],
      ['success', -1, ['durationMs']],
      ['success', Infinity, ['durationMs']],
      ['success', NaN, ['durationMs']],
      ['toString', '5', ['kind', 'durationMs']],
    ]

    for (const [kind, durationMs, paths] of wrong) {
      const settle = (): void => permit.settle(kind as OutcomeKind, durationMs as number)
      expect(settle).toThrow(InvalidOptionsError)
      expect(settle).toThrow(
        expect.objectContaining({
          issues: paths.map((path) => expect.objectContaining({ path }) as unknown),
        }),
      )
    }
    permit.settle('failure')

    expect(breaker.snapshot().failures).toBe(1)
  })
})
