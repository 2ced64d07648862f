/**
 * Another limit of the whole time, while calls are under way.
 */
import { guard, pipeline } from '@breakwater/kernel'
import type { Call, Outcome } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { RateLimiter } from '../rate-limiter/rate-limiter.js'
import { Retry } from '../retry/retry.js'
import { Timeout } from './timeout.js'

it('work under way is told the time that its whole call will be ended by, whatever the limit is by then', async () => {
  const clock = new SimClock()
  const whole = new Timeout({ timeoutMs: 100, clock })
  const calls: Call[] = []
  const outcome = pipeline(whole, new Retry({ maxRetries: 0, clock })).outcome((call) => {
    calls.push(call)
    return new Promise(() => {})
  })
  await clock.advance(10)

  whole.update({ timeoutMs: 20 })
  expect(calls.map((call) => [call.deadline, call.remainingMs()])).toEqual([[100, 90]])

  whole.update({ timeoutMs: 500 })
  expect(calls.map((call) => [call.deadline, call.remainingMs()])).toEqual([[100, 90]])

  await clock.advance(90)
  expect(await outcome).toMatchObject({ kind: 'timeout' })
})

it('a call that waits to be tried again inside of a bulkhead goes on when the whole time gets shorter', async () => {
  const clock = new SimClock()
  const whole = new Timeout({ timeoutMs: 10_000, clock })
  const retry = new Retry({ backoff: constant({ ms: 100 }), clock })
  const ends: [Outcome<string>, number][] = []
  void pipeline(whole, new Bulkhead({ limit: 1, clock }), retry)
    .outcome(({ attempt }) => {
      if (attempt === 1) throw new Error('not yet')
      return 'done'
    })
    .then((outcome) => ends.push([outcome, clock.now()]))

  await clock.advance(10)
  whole.update({ timeoutMs: 50 })
  await clock.advance(200)

  expect(ends).toEqual([[{ kind: 'success', value: 'done' }, 100]])
})

it('a call that waits for its turn inside of a bulkhead begins when it comes, though the whole time is shorter by then', async () => {
  const clock = new SimClock()
  const whole = new Timeout({ timeoutMs: 10_000, clock })
  const rate = new RateLimiter({ rate: 1, perMs: 100, queue: { limit: 1 }, clock })
  const stack = pipeline(whole, new Bulkhead({ limit: 2, clock }), rate)
  const begun: number[] = []
  const calls = [1, 2].map(() => stack.execute(() => begun.push(clock.now())))

  await clock.advance(10)
  whole.update({ timeoutMs: 50 })
  await clock.advance(200)

  expect(begun).toEqual([0, 100])
  await Promise.all(calls)
})

it('starts nothing for a call that is over, though a slot is free while its end is told', async () => {
  const clock = new SimClock()
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
  const timeout = new Timeout({ timeoutMs: 100, clock })
  const widening = guard({ enter: () => undefined, exit: () => bulkhead.update({ limit: 2 }) })
  let started = 0
  void bulkhead.execute(() => new Promise(() => {}))
  const outcome = pipeline(widening, timeout, bulkhead).outcome(() => ++started)

  timeout.update({ timeoutMs: 50_000 })
  await clock.advance(100)

  expect(await outcome).toMatchObject({ kind: 'timeout' })
  expect(bulkhead.snapshot()).toMatchObject({ limit: 2, running: 1, queued: 0 })
  expect(started).toBe(0)
})
