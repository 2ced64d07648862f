import { CircuitBreaker, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { startRuns, stateOf } from '../load.model.js'
import { Fallback } from '../fallback.js'
import { StaleCache } from './stale-cache.js'

const boom = new Error('boom')
const fail = (): Promise<never> => Promise.reject(boom)
const never = (): Promise<never> => new Promise(() => undefined)

describe('a stale cache', () => {
  it('gives the last good answer when the call fails, until it is too old', async () => {
    const clock = new SimClock()
    const cache = new StaleCache({ freshMs: 100, staleMs: 50, clock })
    await cache.load('k', () => 'old')

    await clock.advance(149)
    expect(await cache.load('k', fail)).toBe('old')
    await clock.advance(1)
    await expect(cache.load('k', fail)).rejects.toBe(boom)
  })

  it('makes no call while the answer is fresh, and by default it never is', async () => {
    const clock = new SimClock()
    const fresh = new StaleCache({ freshMs: 100, clock })
    const work = vi.fn((): number => work.mock.calls.length)

    const seen = [await fresh.load('k', work), await fresh.load('k', work)]
    await clock.advance(99)
    seen.push(await fresh.load('k', work))
    await clock.advance(1)
    seen.push(await fresh.load('k', work))
    expect(seen).toEqual([1, 1, 1, 2])

    const never = new StaleCache({ clock })
    await never.load('k', work)
    expect(await never.load('k', work)).toBe(4)
  })

  it('has no answer for keys of which it has heard none', async () => {
    const cache = new StaleCache()
    await cache.load('other', () => 'old')

    await expect(cache.load('k', fail)).rejects.toBe(boom)
  })

  it('answers for timeouts and open circuits too, and not for ignored errors', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({
      clock,
      classify: ({ kind }) => (kind === 'failure' ? 'ignored' : 'success'),
    })
    const cache = new StaleCache({ key: () => 'k', clock })
    const policy = pipeline(cache, breaker, new Timeout({ timeoutMs: 10, clock }))
    await policy.execute(() => 'old')

    const late = policy.execute(never)
    await clock.advance(10)
    expect(await late).toBe('old')
    await expect(policy.execute(fail)).rejects.toBe(boom)
    breaker.forceOpen()
    expect(await policy.execute(() => 'new')).toBe('old')
  })

  it('comes before the fallback, which is asked when there is nothing to give', async () => {
    const policy = pipeline(new Fallback({ chain: [() => 'instead'] }), new StaleCache({ key: () => 'k' }))

    expect(await policy.execute(fail)).toBe('instead')
    await policy.execute(() => 'old')
    expect(await policy.execute(fail)).toBe('old')
  })

  it('does not answer a caller who gave up', async () => {
    const runs = startRuns()
    const cache = new StaleCache()
    await cache.load('k', () => 'old')
    const controller = new AbortController()
    const leaver = cache.load('k', runs.work, { signal: controller.signal })

    controller.abort('bye')

    expect(await stateOf([leaver])).toEqual(['bye'])
  })

  it('keeps the last good answer through failures, and the newest after them', async () => {
    const cache = new StaleCache()
    const seen: unknown[] = []
    for (const work of [() => 'one', fail, fail, () => 'two', fail]) seen.push(await cache.load('k', work))

    expect(seen).toEqual(['one', 'one', 'one', 'two', 'two'])
  })

  it('gives nothing that was cleared while the call ran', async () => {
    const runs = startRuns()
    const cache = new StaleCache()
    await cache.load('k', () => 'old')
    const answer = cache.load('k', runs.work)

    cache.clear('k')
    runs.fail(0, boom)

    expect(await stateOf([answer])).toEqual([boom])
  })

  it('tells when it gives an old answer, how old it is, and for what', async () => {
    const clock = new SimClock()
    const cache = new StaleCache({ clock })
    const stale = vi.fn()
    cache.on('stale', stale)
    await cache.load('k', () => 'old')

    await clock.advance(7)
    await cache.load('k', fail)

    expect(stale.mock.calls).toEqual([[{ key: 'k', ageMs: 7, outcome: { kind: 'failure', error: boom } }]])
  })

  it('holds no more than it may: the least recently used goes first', async () => {
    const cache = new StaleCache({ max: 2 })
    for (const key of ['a', 'b']) await cache.load(key, () => key)
    expect(await cache.load('a', fail)).toBe('a')

    await cache.load('c', () => 'c')

    expect(cache.size).toBe(2)
    expect(await stateOf(['a', 'b', 'c'].map((key) => cache.load(key, fail)))).toEqual(['a', boom, 'c'])
  })
})
