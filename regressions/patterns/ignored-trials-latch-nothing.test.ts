/**
 * An outcome that is neither success nor failure must still end its trial. Where it frees no slot, the circuit latches: a
 * cache miss at 1.7 % real errors (erpc/erpc#1118), an exception that nobody handles (App-vNext/Polly#1979 and #311), a
 * bad request (Netflix/Hystrix#674), permitted calls that never report (resilience4j/resilience4j#903 and #935).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import type { Classify } from '@breakwater/breaker'
import { CircuitOpenError, onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, hanging } from '../calls.model.js'

const halfOpen = (classify?: Classify): { clock: SimClock; breaker: CircuitBreaker } => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    probes: { limit: 1, leaseMs: 5_000 },
    classify,
    clock,
  })
  breaker.openFor(100)
  clock.stall(100)
  return { clock, breaker }
}

test('a hundred ignored trials later, the next call is a trial', async () => {
  const { breaker } = halfOpen(({ kind }) => (kind === 'success' ? 'success' : 'ignored'))
  for (let trials = 0; trials < 100; trials++) expect(await breaker.outcome(failing)).toHaveOutcome('ignored')

  expect(breaker).toBeHalfOpen()
  expect(await breaker.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
})

test('so it is when the caller gave up, before or during the trial', async () => {
  const { breaker } = halfOpen()
  const caller = new AbortController()
  const trial = breaker.outcome(hanging, { signal: caller.signal })
  caller.abort()
  expect(await trial).toHaveOutcome('cancelled')

  // A call whose caller has given up already is no trial: it may not close the breaker without asking the dependency.
  expect(await breaker.outcome(answering, { signal: caller.signal })).toHaveOutcome('cancelled')
  expect(breaker).toBeHalfOpen()
  expect(await breaker.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
})

test('so it is when a predicate of the user throws', async () => {
  const unsubscribe = onInternalError(() => undefined)
  const { clock, breaker } = halfOpen(() => {
    throw new Error('predicate')
  })

  expect(await breaker.outcome(failing)).toHaveOutcome('failure')
  expect(breaker).toBeOpen()
  clock.stall(60_000)
  expect(await breaker.execute(answering)).toBe('up')

  unsubscribe()
  expect(breaker).toBeClosed()
})

test('so it is when a permit is dropped, and when it is forgotten', async () => {
  const { clock, breaker } = halfOpen()
  const dropped = breaker.tryAcquire()
  if (dropped instanceof CircuitOpenError) throw dropped
  dropped[Symbol.dispose]()
  expect(breaker.tryAcquire()).toHaveProperty('settle')

  await clock.advance(4_999)
  expect(breaker.tryAcquire()).toBeInstanceOf(CircuitOpenError)
  await clock.advance(1)

  expect(await breaker.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
})
