/**
 * opossum 10 does not know its trial: any call from before the opening that succeeds late closes a half-open circuit
 * (reproduced), and any that fails late opens it again (by reading).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { DOWN, failing, hanging } from '../calls.model.js'

test.each(['success', 'failure'])(
  'a late %s of a call from before the opening changes nothing',
  async (kind) => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({
      trip: consecutiveFailures(2),
      openMs: 1_000,
      probes: { limit: 1 },
      clock,
    })
    const early = breaker.outcome(
      () =>
        new Promise((resolve, reject) => {
          clock.io(1_500, () => (kind === 'success' ? resolve('late') : reject(DOWN)))
        }),
    )
    for (const work of [failing, failing]) await breaker.outcome(work)
    await clock.advance(1_000)
    void breaker.execute(hanging)
    expect(breaker).toBeHalfOpen()

    await clock.advance(500)

    expect(await early).toHaveOutcome(kind as 'success' | 'failure')
    expect(breaker).toBeHalfOpen()
  },
)
