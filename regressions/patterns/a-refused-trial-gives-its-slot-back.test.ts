/**
 * A trial that an inner policy refuses (a full bulkhead, a rate limit, a second rule) never reached the dependency. Where
 * it uses up the trial all the same, the circuit stays shut although nobody has asked the dependency anything
 * (alibaba/Sentinel#1638, ndycode/oc-codex-multi-auth#123; resilience4j/resilience4j#1657 counts such calls as failures).
 */
import '@breakwater/testing/vitest'
import { Bulkhead, CircuitBreaker, consecutiveFailures, Retry } from '@breakwater/breaker'
import { CircuitOpenError, guard, pipeline, RateLimitedError } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, hanging } from '../calls.model.js'

const inner: Record<string, (clock: SimClock) => Policy> = {
  'a full bulkhead': (clock) => {
    const full = new Bulkhead({ limit: 1, clock })
    void full.execute(hanging)
    return full
  },
  'a queue that waits too long': (clock) => {
    const full = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 10 }, clock })
    void full.execute(hanging)
    return full
  },
  'a rate limit': () => guard({ enter: () => new RateLimitedError('no token'), exit: () => undefined }),
  'a second breaker': (clock) => {
    const other = new CircuitBreaker({ clock })
    other.forceOpen()
    return other
  },
}

test.each(Object.entries(inner))(
  'refused by %s, a trial leaves its slot to the next call',
  async (_, policy) => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), probes: { limit: 1 }, clock })
    breaker.openFor(100)
    await clock.advance(100)

    const refused = pipeline(new Retry({ maxRetries: 0, clock }), breaker, policy(clock)).outcome(answering)
    await clock.advance(10)

    expect(await refused).toHaveOutcome('rejected')
    expect(breaker).toBeHalfOpen()
    expect(breaker.snapshot()).toMatchObject({ successes: 0, failures: 0, retryAfterMs: 0 })
    expect(await breaker.execute(answering)).toBe('up')
    expect(breaker).toBeClosed()
  },
)

test('refused by a policy outside, a call is no trial at all', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ probes: { limit: 1 }, clock })
  breaker.openFor(100)
  await clock.advance(100)
  const outer = guard({ enter: () => new CircuitOpenError('another one'), exit: () => undefined })

  expect(await pipeline(outer, breaker).outcome(answering)).toHaveOutcome('rejected')

  expect(breaker).toBeOpen()
})
