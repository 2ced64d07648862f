import { AsyncLocalStorage } from 'node:async_hooks'
import { Fallback } from '@breakwater/fallback'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { consecutiveFailures } from '../circuit-breaker/trip-rules.js'
import { Retry } from '../retry/retry.js'
import { Timeout } from '../timeout/timeout.js'
import { beginnings, paced } from './paced.model.js'
import { RateLimiter } from './rate-limiter.js'

describe('in its place around a retry', () => {
  it('takes one token whatever the attempts, and is not asked again after a wait', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 5 }), clock })
    const limited = pipeline(limiter, retry)
    const attempts: number[] = []
    const fail = async (): Promise<never> => {
      attempts.push(clock.now())
      throw new Error('down')
    }
    void limited.outcome(fail)
    void limited.outcome(fail)

    await clock.advance(500)

    expect(attempts).toEqual([0, 5, 10, 100, 105, 110])
    expect(limiter.snapshot().taken).toBe(2)
    expect(retry.counts).toMatchObject({ attempts: 4, exhausted: 2, failure: 0 })
  })

  it('R4: its refusal is never retried, even by a retry that would retry anything', async () => {
    const clock = new SimClock()
    const retry = new Retry({ retryIf: () => true, backoff: constant({ ms: 5 }), clock })
    const limited = pipeline(new RateLimiter({ rate: 1, clock }), retry)
    await limited.execute(() => 1)

    const refused = limited.outcome(() => 2)
    await clock.advance(100)

    expect((await refused).kind).toBe('rejected')
    expect(retry.counts.attempts).toBe(0)
  })

  it('asks for each attempt inside of a retry', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    const limited = pipeline(new Retry({ maxRetries: 2, backoff: constant({ ms: 5 }), clock }), limiter)
    const attempts: number[] = []
    void limited.outcome(() => {
      attempts.push(clock.now())
      throw new Error('down')
    })

    await clock.advance(500)

    expect(attempts).toEqual([0, 100, 200])
  })

  it('is asked before the bulkhead, and takes no token twice for a call that waits there', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 10, clock })
    const limited = pipeline(limiter, new Bulkhead({ limit: 1, queue: { limit: 5 }, clock }))

    await Promise.all([1, 2, 3].map((n) => limited.execute(async () => n)))

    expect(limiter.snapshot().taken).toBe(3)
  })

  it('does not count a time that was over while it waited as a failed retry', async () => {
    const clock = new SimClock()
    const retry = new Retry({ clock })
    const limited = pipeline(new Timeout({ timeoutMs: 150, clock }), paced(clock), retry)
    beginnings(limited, clock, 2)

    clock.stall(400)
    await clock.advance(400)

    expect(retry.counts.failure).toBe(0)
  })

  it('T5: tells the work of an abort that had its turn while others heard that it waits', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 10, burst: 2, queue: { limit: 5 }, clock })
    beginnings(limiter, clock, 3)
    limiter.on('queued', () => limiter.update({ rate: 20 }))
    // The timer of who waits is late, and the tokens are there.
    clock.stall(1_000)
    const caller = new AbortController()
    let heard: AbortSignal | undefined

    const call = limiter.outcome(({ signal }) => new Promise(() => (heard = signal)), {
      signal: caller.signal,
    })
    expect(heard?.aborted).toBe(false)
    caller.abort()

    expect(await call).toMatchObject({ kind: 'cancelled' })
    expect(heard?.aborted).toBe(true)
  })

  it('H6: leaves no slot of the bulkhead taken by whom it refuses', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, clock })
    const limited = pipeline(new RateLimiter({ rate: 1, clock }), bulkhead)

    expect(await limited.execute(() => 1)).toBe(1)
    await expect(limited.execute(() => 2)).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED' })

    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('is asked before an open breaker inside of it', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 1, clock })
    const breaker = new CircuitBreaker({ clock })
    breaker.forceOpen()
    const limited = pipeline(limiter, breaker)

    await expect(limited.execute(() => 1)).rejects.toMatchObject({ code: 'ERR_CIRCUIT_OPEN' })
    await expect(limited.execute(() => 2)).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED' })
  })

  it('lets a fallback answer for whom it refuses, in the context of the caller', async () => {
    const clock = new SimClock()
    const limiter = paced(clock, { limit: 5, maxWaitMs: 200 })
    const user = new AsyncLocalStorage<string>()
    const fallback = new Fallback({ chain: [({ kind, policy }) => [kind, policy, user.getStore()]] })
    const limited = pipeline(fallback, limiter)
    const answers = ['ann', 'bob', 'cleo', 'dan'].map((name) =>
      user.run(name, () => limited.execute(() => name)),
    )

    limiter.update({ rate: 1 })
    await clock.advance(0)

    expect(await Promise.all(answers)).toEqual([
      'ann',
      ['rejected', 'rate-limiter', 'bob'],
      ['rejected', 'rate-limiter', 'cleo'],
      ['rejected', 'rate-limiter', 'dan'],
    ])
  })

  it('T5: a listener that aborts the call which begins to wait leaves no place behind', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    beginnings(limiter, clock, 1)
    const controller = new AbortController()
    limiter.on('queued', () => controller.abort('no'))

    const outcome = await limiter.outcome(() => 1, { signal: controller.signal })

    expect(outcome).toEqual({ kind: 'cancelled', error: 'no' })
    expect(limiter.snapshot().queued).toBe(0)
    expect(clock.pending.timers).toBe(0)
  })

  it('B10: a trial that never got its turn in time says nothing about the dependency', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({
      trip: consecutiveFailures(1),
      openMs: 1,
      probes: { limit: 1, leaseMs: 10_000 },
      clock,
    })
    const limited = pipeline(breaker, new Timeout({ timeoutMs: 150, clock }), paced(clock))
    await limited.outcome(() => Promise.reject(new Error('down')))
    await clock.advance(1)
    const trial = limited.outcome(() => 'too late')
    expect(breaker.state).toBe('half-open')

    clock.stall(400)
    await clock.advance(400)

    expect((await trial).kind).toBe('timeout')
    expect(breaker.state).toBe('half-open')
  })
})
