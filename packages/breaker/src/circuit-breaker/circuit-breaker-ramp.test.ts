import '@breakwater/testing/vitest'
import { CircuitOpenError } from '@breakwater/kernel'
import type { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { acquire, admits, answering, end, setUp, setUpForTrial, times } from './breaker-steps.model.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'

/** A breaker that has just closed, with one call in flight, so that only the share decides. */
function recovering(ramp: CircuitBreakerOptions['ramp']): { clock: SimClock; breaker: CircuitBreaker } {
  const { clock, breaker } = setUpForTrial({ ramp, probes: { limit: 1, leaseMs: 60_000 } })
  end(breaker, 'success')
  acquire(breaker)
  return { clock, breaker }
}

const admittedOf = (breaker: CircuitBreaker, calls: number): number =>
  times(calls, 0).filter(() => admits(breaker)).length

describe('the ramp after closing', () => {
  it('admits 1, 10, 50, then 100 % of the calls, over ten seconds by default', () => {
    const { clock, breaker } = recovering({})

    const admitted = [0, 3_334, 3_333, 3_333].map((ms) => {
      clock.stall(ms)
      return admittedOf(breaker, 200)
    })

    expect(breaker).toBeClosed()
    expect(admitted).toEqual([2, 20, 100, 200])
  })

  it('takes the time that it is given', () => {
    const { clock, breaker } = recovering({ durationMs: 300 })

    clock.stall(299)
    expect(admittedOf(breaker, 100)).toBe(50)
    clock.stall(1)
    expect(admittedOf(breaker, 100)).toBe(100)
  })

  it('is not there when nothing, or false, is said', () => {
    for (const ramp of [undefined, false] as const)
      expect(admittedOf(recovering(ramp).breaker, 100)).toBe(100)
  })

  it('does not touch calls that come one at a time', async () => {
    const { breaker } = setUpForTrial({ ramp: {} })
    end(breaker, 'success')

    for (let call = 0; call < 50; call++) expect(await breaker.execute(answering)).toBe('up')
  })

  it('refuses with an error that says why, and when the next step begins', () => {
    const { clock, breaker } = recovering({ durationMs: 3_000 })
    clock.stall(400)

    const refusal = breaker.tryAcquire()

    expect(refusal).toBeInstanceOf(CircuitOpenError)
    expect(refusal).toMatchObject({
      message: 'circuit is recovering: only a part of the calls is admitted',
      retryAfterMs: 600,
    })
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', retryAfterMs: 600, rejections: 1 })
  })

  it('leaves nothing to wait for when it is over', () => {
    const { clock, breaker } = recovering({ durationMs: 3_000 })

    clock.stall(3_001)

    expect(breaker.snapshot().retryAfterMs).toBe(0)
  })

  it('frees the place of a call that ends, however it ends', () => {
    for (const kind of ['success', 'cancelled'] as const) {
      const { breaker } = setUpForTrial({ ramp: {} })
      end(breaker, 'success')
      const permit = acquire(breaker)
      expect(admits(breaker)).toBe(false)

      permit.settle(kind)

      expect(admits(breaker)).toBe(true)
    }
  })

  it('ends when it trips again, and begins anew after the next recovery', () => {
    const { clock, breaker } = recovering({ durationMs: 3_000 })
    clock.stall(2_500)
    for (;;) {
      const permit = breaker.tryAcquire()
      if (permit instanceof CircuitOpenError) continue
      permit.settle('failure')
      break
    }
    expect(breaker).toBeOpen()
    clock.stall(1_000)

    end(breaker, 'success')

    acquire(breaker)
    expect(admittedOf(breaker, 100)).toBe(1)
  })

  it('ends with reset, and when it is switched off', () => {
    const wasReset = recovering({})
    wasReset.breaker.reset()
    expect(admittedOf(wasReset.breaker, 100)).toBe(100)

    const wasUpdated = recovering({})
    wasUpdated.breaker.update({ ramp: false })
    expect(admittedOf(wasUpdated.breaker, 100)).toBe(100)
  })

  it('does not follow a release', () => {
    const { breaker } = setUp({ ramp: {} })
    breaker.forceOpen()
    breaker.release()

    expect(admittedOf(breaker, 100)).toBe(100)
  })
})
