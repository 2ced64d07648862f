import '@breakwater/testing/vitest'
import { CircuitOpenError, guard, pipeline, RateLimitedError } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { Timeout } from '../timeout/timeout.js'
import {
  acquire,
  admits,
  answering,
  edges,
  end,
  failing,
  hanging,
  setUp,
  setUpForTrial,
  times,
  transitionsOf,
} from './breaker-steps.model.js'

describe('a half-open breaker', () => {
  it('admits as many trials at once as its limit, three by default, and refuses the others at once', async () => {
    const { breaker } = setUpForTrial({ probes: {} })

    const outcomes = times(10, hanging).map((work) => breaker.outcome(work))

    expect(breaker).toBeHalfOpen()
    for (const refused of outcomes.slice(3)) expect(await refused).toHaveOutcome('rejected')
    expect(breaker.snapshot().rejections).toBe(7)
  })

  it('closes after as many successes as its limit, or as it was told', () => {
    const closesAfter = (probes: { limit?: number; closeAfter?: number }): number => {
      const { breaker } = setUpForTrial({ probes })
      for (let successes = 1; ; successes++) {
        end(breaker, 'success')
        if (breaker.state === 'closed') return successes
      }
    }

    expect(
      [{}, { limit: 5 }, { limit: 5, closeAfter: 2 }, { limit: 1, closeAfter: 4 }].map(closesAfter),
    ).toEqual([3, 5, 2, 4])
  })

  it('opens again at the first failed trial, whatever the others do', () => {
    const { breaker } = setUpForTrial({ probes: { limit: 3 } })
    const [first, second, third] = [acquire(breaker), acquire(breaker), acquire(breaker)]

    first.settle('success')
    second.settle('timeout')
    third.settle('success')

    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 1_000 })
  })

  it('takes neither side when a trial ends as none of its own', () => {
    for (const kind of ['rejected', 'cancelled', 'ignored'] satisfies OutcomeKind[]) {
      const { breaker } = setUpForTrial()

      end(breaker, kind)

      expect(breaker).toBeHalfOpen()
      expect(admits(breaker)).toBe(true)
    }
  })

  it('says that there is nothing to wait for while a slot is free', () => {
    const { breaker } = setUpForTrial({ probes: { limit: 2 } })
    end(breaker, 'cancelled')
    expect(breaker.snapshot().retryAfterMs).toBe(0)

    acquire(breaker)
    expect(breaker.snapshot().retryAfterMs).toBe(0)
  })

  it('tells the refused when the next lease will be over', () => {
    const { clock, breaker } = setUpForTrial({ probes: { limit: 1, leaseMs: 700 } })
    acquire(breaker)
    clock.stall(100)

    const refusal = breaker.tryAcquire()

    expect(refusal).toBeInstanceOf(CircuitOpenError)
    expect(refusal).toMatchObject({ message: 'circuit is half-open', retryAfterMs: 600 })
  })
})

describe('a trial', () => {
  it('that never ends loses its slot after its lease, ten seconds by default', () => {
    for (const [probes, leaseMs] of [
      [{ limit: 1 }, 10_000] as const,
      [{ limit: 1, leaseMs: 50 }, 50] as const,
    ]) {
      const { clock, breaker } = setUpForTrial({ probes })
      acquire(breaker)

      clock.stall(leaseMs - 1)
      expect(admits(breaker)).toBe(false)
      clock.stall(1)
      expect(admits(breaker)).toBe(true)
    }
  })

  it('that ends after its lease changes nothing, and shows as a late result', () => {
    for (const kind of ['success', 'failure'] as const) {
      const { clock, breaker } = setUpForTrial({ probes: { limit: 1, leaseMs: 50 } })
      const late: unknown[] = []
      breaker.on('late', (event) => late.push(event))
      const lost = acquire(breaker)
      clock.stall(50)

      lost.settle(kind)

      expect(breaker).toBeHalfOpen()
      expect(late).toEqual([{ kind, generation: 2, currentGeneration: 2 }])
    }
  })

  it('gives its slot back when its caller aborts', async () => {
    const { breaker } = setUpForTrial()
    const caller = new AbortController()
    const outcome = breaker.outcome(hanging, { signal: caller.signal })
    expect(admits(breaker)).toBe(false)

    caller.abort()

    expect(await outcome).toHaveOutcome('cancelled')
    expect(breaker).toBeHalfOpen()
    expect(admits(breaker)).toBe(true)
  })

  it('gives its slot back when a policy inside refuses it', async () => {
    const { breaker, clock } = setUpForTrial()
    const bulkhead = new Bulkhead({ limit: 1, clock })
    void bulkhead.execute(hanging)

    expect(await pipeline(breaker, bulkhead).outcome(answering)).toHaveOutcome('rejected')

    expect(breaker).toBeHalfOpen()
    expect(admits(breaker)).toBe(true)
  })

  it('is not begun by a call that a policy outside refuses', async () => {
    const { breaker } = setUpForTrial()
    const closedShop = guard({ enter: () => new RateLimitedError('no token'), exit: () => undefined })

    expect(await pipeline(closedShop, breaker).outcome(answering)).toHaveOutcome('rejected')

    expect(breaker).toBeOpen()
  })

  it('that times out opens it again', async () => {
    const { clock, breaker } = setUpForTrial()
    const outcome = pipeline(breaker, new Timeout({ timeoutMs: 100, clock })).outcome(hanging)

    await clock.advance(100)

    expect(await outcome).toHaveOutcome('timeout')
    expect(breaker).toBeOpen()
  })

  it('of an earlier half-open state has no say in the next', () => {
    const { clock, breaker } = setUpForTrial({ probes: { limit: 2 } })
    const [stale, failed] = [acquire(breaker), acquire(breaker)]
    failed.settle('failure')
    clock.stall(1_000)
    const current = acquire(breaker)

    stale.settle('failure')
    expect(breaker).toBeHalfOpen()

    current.settle('success')
    end(breaker, 'success')
    expect(breaker).toBeClosed()
  })
})

describe('a result of a call that began before it opened', () => {
  it('neither closes nor opens a half-open breaker', () => {
    for (const kind of ['success', 'failure'] as const) {
      const { clock, breaker } = setUp()
      const early = acquire(breaker)
      end(breaker, 'failure')
      clock.stall(1_000)
      const trial = acquire(breaker)

      early.settle(kind)
      expect(breaker).toBeHalfOpen()

      trial.settle('success')
      expect(breaker).toBeClosed()
    }
  })

  it('does not prolong the open time, nor change the counts', async () => {
    const { clock, breaker } = setUp()
    const early = acquire(breaker)
    await breaker.outcome(failing)
    const transitions = transitionsOf(breaker)
    await clock.advance(600)

    early.settle('failure')

    expect(breaker.snapshot()).toMatchObject({ failures: 1, retryAfterMs: 400 })
    expect(edges(transitions)).toEqual([])
  })
})
