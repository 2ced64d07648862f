/**
 * What went wrong with the caches of others (opossum 10: its rows O7, O14 and O16; Hystrix: #1734), as what ours does.
 */
import { CircuitBreaker } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test, vi } from 'vitest'
import { createCollapser } from '../collapser/collapser.js'
import { stateOf } from '../load.model.js'
import { RequestCache } from './request-cache.js'
import { StaleCache } from './stale-cache.js'

const boom = new Error('boom')

// opossum takes the promise of an asynchronous store for a hit: the answer is undefined, and nothing is called.
test('what is under way is no answer: the call is made, and its answer waited for', async () => {
  const work = vi.fn(() => new Promise((resolve) => void setImmediate(resolve, 'answer')))
  const cache = new RequestCache({ scope: 'process' })

  expect(await Promise.all([cache.load('k', work), cache.load('k', work)])).toEqual(['answer', 'answer'])
  expect(work).toHaveBeenCalledTimes(1)
})

// opossum keeps its cache in the options, so that circuits made from one object answer for each other.
test('caches made from one object share nothing, and leave it as it was', async () => {
  const options = { scope: 'process', ttlMs: 50 } as const
  const before = { ...options }
  const [one, other] = [new RequestCache(options), new RequestCache(options)]

  await one.load('k', () => 'of one')

  expect(await other.load('k', () => 'of the other')).toBe('of the other')
  expect(options).toEqual(before)
})

// opossum keeps the rejections that it coalesces.
test('a failure that was shared is gone with those who shared it', async () => {
  for (const cache of [new RequestCache({ scope: 'process', ttlMs: 50 }), new StaleCache({ freshMs: 50 })]) {
    const failed = [cache.load('k', () => Promise.reject(boom)), cache.load('k', () => 'not asked')]

    expect(await stateOf(failed)).toEqual([boom, boom])
    expect(await cache.load('k', () => 'answer')).toBe('answer')
  }
})

// opossum's rate divides by all calls, so that hits and coalesced calls hide failures.
test('a breaker inside hears of calls that were made, and of no hits', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ clock })
  const policy = pipeline(
    new RequestCache({ key: () => 'k', scope: 'process', ttlMs: 1_000, clock }),
    breaker,
  )

  await Promise.all(Array.from({ length: 10 }, () => policy.execute(() => 'answer')))
  for (let call = 0; call < 10; call++) await policy.execute(() => 'answer')

  expect(breaker.snapshot().total).toBe(1)
})

// opossum hands falsy answers out as misses.
test.each([undefined, null, 0, '', false])('%s is an answer that is kept', async (answer) => {
  const work = vi.fn(() => answer)
  const cache = new RequestCache({ scope: 'process', ttlMs: 1_000, clock: new SimClock() })

  expect([await cache.load('k', work), await cache.load('k', work)]).toEqual([answer, answer])
  expect(work).toHaveBeenCalledTimes(1)
})

// lru-cache takes the time 0 for "no time": what came then would never be old.
test('an answer that came at time 0 grows old like any other', async () => {
  const clock = { now: () => time, epochNow: () => time, schedule: () => () => {} }
  let time = 0
  const cache = new RequestCache({ scope: 'process', ttlMs: 10, clock })
  await cache.load('k', () => 'old')

  time = 10

  expect(await cache.load('k', () => 'new')).toBe('new')
})

// In Hystrix, a failing shard fails the requests of all others.
test('a shard that fails leaves the others alone', async () => {
  const collapser = createCollapser({
    scope: 'process',
    windowMs: 0,
    shard: (request: string) => request.slice(0, 1),
    batch: (requests) => (requests[0] === 'a1' ? Promise.reject(boom) : requests),
  })

  expect(await Promise.allSettled(['a1', 'b1', 'a2'].map((request) => collapser.load(request)))).toEqual([
    { status: 'rejected', reason: boom },
    { status: 'fulfilled', value: 'b1' },
    { status: 'rejected', reason: boom },
  ])
})
