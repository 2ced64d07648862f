import { isBreakwaterError, pipeline, RateLimitedError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { consecutiveFailures } from '../circuit-breaker/trip-rules.js'
import { beginnings, paced } from './paced.model.js'
import { RateLimiter } from './rate-limiter.js'
import type { RateLimitedReason } from './turns.js'

function limiterOn(clock: SimClock, options: Partial<ConstructorParameters<typeof RateLimiter>[0]> = {}) {
  return new RateLimiter({ rate: 10, burst: 2, clock, ...options })
}

describe('RateLimiter', () => {
  it('lets the burst through at once and refuses the rest', async () => {
    const limiter = limiterOn(new SimClock())

    const outcomes = await Promise.all([1, 2, 3].map((n) => limiter.outcome(() => n)))

    expect(outcomes.map(({ kind }) => kind)).toEqual(['success', 'success', 'rejected'])
  })

  it('says exactly when the next call would be let in', async () => {
    const clock = new SimClock()
    const limiter = limiterOn(clock, { name: 'mail' })
    await clock.advance(7)
    await Promise.all([1, 2].map((n) => limiter.execute(() => n)))
    await clock.advance(33)

    const error = await limiter.execute(() => 3).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(RateLimitedError)
    expect(error).toMatchObject({
      code: 'ERR_RATE_LIMITED',
      status: 503,
      retryAfterMs: 67,
      message: 'rate limit "mail": 10 calls each 1000 ms have begun',
    })
    await clock.advance(66)
    expect((await limiter.outcome(() => 4)).kind).toBe('rejected')
    await clock.advance(1)
    expect(await limiter.execute(() => 5)).toBe(5)
  })

  it('keeps no timer', async () => {
    const clock = new SimClock()
    const limiter = limiterOn(clock)

    await Promise.all([1, 2, 3].map((n) => limiter.outcome(() => n)))

    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  })

  it('allows as many at once as in its time when nothing is said', () => {
    const limiter = new RateLimiter({ rate: 5, perMs: 60_000, clock: new SimClock() })

    expect([limiter.tryAcquire(5), limiter.tryAcquire()?.code]).toEqual([undefined, 'ERR_RATE_LIMITED'])
  })

  it('shows its numbers', async () => {
    const clock = new SimClock()
    const limiter = limiterOn(clock, { name: 'mail' })
    await Promise.all([1, 2, 3].map((n) => limiter.outcome(() => n)))
    await clock.advance(150)

    expect(limiter.snapshot()).toEqual({
      name: 'mail',
      rate: 10,
      perMs: 1_000,
      burst: 2,
      available: 1,
      queued: 0,
      queueLimit: 0,
      taken: 2,
      rejections: { rate: 1, queue_full: 0, queue_timeout: 0 },
    })
    expect(pipeline(limiter).describe()).toMatchObject([{ kind: 'rate-limiter', name: 'mail' }])
  })

  it('tells who listens of each refusal, until it is disposed of', async () => {
    const limiter = limiterOn(new SimClock(), { burst: 1 })
    const reasons: RateLimitedReason[] = []
    limiter.on(
      'rejected',
      ({ reason, error }) => void reasons.push(isBreakwaterError(error) ? reason : 'rate'),
    )

    await limiter.outcome(() => 1)
    await limiter.outcome(() => 2)
    limiter[Symbol.dispose]()
    await limiter.outcome(() => 3)

    expect(reasons).toEqual(['rate'])
  })
})

describe('tryAcquire', () => {
  it('takes several tokens or none', () => {
    const limiter = limiterOn(new SimClock(), { burst: 5 })

    expect(limiter.tryAcquire(3)).toBeUndefined()
    expect(limiter.tryAcquire(3)).toMatchObject({ code: 'ERR_RATE_LIMITED', retryAfterMs: 100 })
    expect(limiter.tryAcquire(2)).toBeUndefined()
  })

  it('knows what can never be had', () => {
    const limiter = limiterOn(new SimClock())

    const error = limiter.tryAcquire(3)

    expect(error).toBeInstanceOf(RateLimitedError)
    expect(error).not.toHaveProperty('retryAfterMs')
    expect(error?.message).toBe('rate limit: 3 at once are more than the burst of 2')
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity])('answers %d with what is wrong, and takes nothing', (count) => {
    const limiter = limiterOn(new SimClock())

    expect(limiter.tryAcquire(count)).toMatchObject({ code: 'ERR_INVALID_OPTIONS' })
    expect(limiter.snapshot().available).toBe(2)
  })
})

describe('update', () => {
  it('changes the rate and keeps the tokens that are there', async () => {
    const clock = new SimClock()
    const limiter = limiterOn(clock, { burst: 5 })
    limiter.tryAcquire(4)

    limiter.update({ rate: 1_000, burst: 3 })

    expect(limiter.snapshot()).toMatchObject({ rate: 1_000, burst: 3, available: 1 })
    await clock.advance(2)
    expect(limiter.snapshot().available).toBe(3)
  })

  it('B12: says when there is a place in a shorter queue, where more wait than it has', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    beginnings(limiter, clock, 4)

    limiter.update({ queue: { limit: 2 } })

    expect(await limiter.outcome(() => 1)).toMatchObject({ error: { retryAfterMs: 200 } })
    await clock.advance(200)
    const seen = beginnings(limiter, clock, 1)
    await clock.advance(0)
    expect(seen).toEqual(['waits'])
  })

  it('changes nothing when something is wrong', () => {
    const limiter = limiterOn(new SimClock())

    expect(() => limiter.update({ rate: 20, burst: 0 })).toThrow(/burst/)
    expect(() => limiter.update({ clock: new SimClock() } as object)).toThrow(/clock/)
    expect(limiter.snapshot()).toMatchObject({ rate: 10, burst: 2 })
  })
})

describe('options', () => {
  it.each<[string, object, string[]]>([
    ['no rate', {}, ['rate']],
    ['no whole numbers', { rate: 1.5, perMs: 0.5, burst: 2.5 }, ['rate', 'perMs', 'burst']],
    [
      'a wrong queue and a misspelt key',
      { rate: 1, queue: { limit: -1, maxWait: 5 }, brust: 1 },
      ['brust', 'queue.maxWait', 'queue.limit'],
    ],
    ['a burst and a warm-up', { rate: 10, burst: 2, warmUp: { durationMs: 1_000 } }, ['burst']],
    ['a warm-up without its time', { rate: 10, warmUp: {} }, ['warmUp.durationMs']],
    ['more than can be counted', { rate: 999_999_937, perMs: 2_000_000_011, burst: 1_000_000 }, ['burst']],
  ])('K6: %s', (_name, options, paths) => {
    const make = (): unknown => new RateLimiter(options as { rate: number })

    expect(make).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }) as Error)
    try {
      make()
    } catch (error) {
      expect((error as { issues: { path: string }[] }).issues.map(({ path }) => path)).toEqual(paths)
    }
  })

  it('K5: are a copy', () => {
    const queue = { limit: 1 }
    const limiter = new RateLimiter({ rate: 1, queue, clock: new SimClock() })

    queue.limit = 5
    limiter.update({ rate: 2 })

    expect(limiter.snapshot().queueLimit).toBe(1)
  })
})

describe('among other policies', () => {
  it('is neutral to a breaker around it', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), clock })
    const guarded = pipeline(breaker, limiterOn(clock, { burst: 1 }))

    await guarded.outcome(() => 1)
    expect((await guarded.outcome(() => 2)).kind).toBe('rejected')

    expect(breaker.state).toBe('closed')
  })

  it('gives the trial of a half-open breaker back that it refuses', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({
      trip: consecutiveFailures(1),
      openMs: 100,
      probes: { limit: 1, closeAfter: 1 },
      ramp: false,
      clock,
    })
    const limiter = new RateLimiter({ rate: 1, perMs: 500, clock })
    const guarded = pipeline(breaker, limiter)
    await guarded.outcome(() => Promise.reject(new Error('down')))
    await clock.advance(100)

    expect((await guarded.outcome(() => 'up')).kind).toBe('rejected')
    expect(breaker.state).toBe('half-open')
    await clock.advance(400)

    expect(await guarded.execute(() => 'up')).toBe('up')
    expect(breaker.state).toBe('closed')
  })

  it('serves several pipelines with one rate', async () => {
    const clock = new SimClock()
    const limiter = limiterOn(clock)
    const both = [pipeline(limiter), pipeline(limiter, new CircuitBreaker({ clock }))]

    const outcomes = await Promise.all([...both, ...both].map((policy) => policy.outcome(() => 1)))

    expect(outcomes.filter(({ kind }) => kind === 'success')).toHaveLength(2)
  })
})
