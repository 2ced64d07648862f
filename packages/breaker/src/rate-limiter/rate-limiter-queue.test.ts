import { AsyncLocalStorage } from 'node:async_hooks'
import { Fallback } from '@breakwater/fallback'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Retry } from '../retry/retry.js'
import { Timeout } from '../timeout/timeout.js'
import { beginnings, paced } from './paced.model.js'
import { RateLimiter } from './rate-limiter.js'

describe('the queue of a rate limiter', () => {
  it('H3: spaces calls evenly, first come, first served', async () => {
    const clock = new SimClock()
    const seen = beginnings(paced(clock), clock, 4)

    await clock.advance(1_000)

    expect(seen).toEqual([0, 100, 200, 300])
    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  })

  it('holds the process with one timer for all, as long as somebody waits', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    beginnings(limiter, clock, 4)

    expect(clock.pending.timers).toBe(1)
    expect(limiter.snapshot()).toMatchObject({ queued: 3, available: 0 })
    await clock.advance(300)
    expect(clock.pending.timers).toBe(0)
  })

  it('refuses who finds no place, and says when there will be one', async () => {
    const clock = new SimClock()
    const limiter = paced(clock, { limit: 2 })
    beginnings(limiter, clock, 3)
    await clock.advance(30)

    const outcome = await limiter.outcome(() => 1)

    expect(outcome).toMatchObject({ kind: 'rejected', error: { retryAfterMs: 70 } })
    await clock.advance(70)
    const seen = beginnings(limiter, clock, 1)
    await clock.advance(1_000)
    expect(seen).toEqual([300])
  })

  it('refuses at once who would wait too long, and says when it would not be', async () => {
    const clock = new SimClock()
    const limiter = paced(clock, { limit: 10, maxWaitMs: 250 })
    const seen = beginnings(limiter, clock, 4)

    await clock.advance(0)
    expect(seen).toEqual([0, 'waits', 'waits', 'rejected'])
    expect(limiter.snapshot().rejections.queue_timeout).toBe(1)
    const outcome = await limiter.outcome(() => 1)
    expect(outcome).toMatchObject({
      error: {
        retryAfterMs: 50,
        message: expect.stringMatching(/after 300 ms, and 250 ms are allowed/) as string,
      },
    })
    await clock.advance(50)
    const later = beginnings(limiter, clock, 1)
    await clock.advance(250)
    expect(later).toEqual([300])
  })

  it('refuses at once whose own time would be over before', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    beginnings(limiter, clock, 3)

    const outcome = await limiter.outcome(() => 1, { budgetMs: 299 })

    expect(outcome).toMatchObject({ kind: 'rejected', error: { code: 'ERR_RATE_LIMITED' } })
    const served = limiter.outcome(() => clock.now(), { budgetMs: 301 })
    await clock.advance(300)
    expect(await served).toEqual({ kind: 'success', value: 300 })
  })

  it('H5: gives the place of an aborted call to those behind it in its turn', async () => {
    const clock = new SimClock()
    const limiter = paced(clock, { limit: 2 })
    beginnings(limiter, clock, 1)
    const controller = new AbortController()
    const aborted = limiter.outcome(() => 1, { signal: controller.signal })
    const behind = beginnings(limiter, clock, 1)

    controller.abort('changed my mind')

    expect(limiter.snapshot().queued).toBe(1)
    expect(await aborted).toEqual({ kind: 'cancelled', error: 'changed my mind' })
    await clock.advance(100)
    expect(behind).toEqual([100])
  })

  it('keeps no timer when all have given up', () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    beginnings(limiter, clock, 1)
    const controller = new AbortController()
    void limiter.outcome(() => 1, { signal: controller.signal })

    controller.abort()

    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  })

  it('lets nobody overtake those who wait, also when a token is there already', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    const codes: unknown[] = []
    // Of the timers of one moment, this one is the first.
    clock.schedule(100, () => void codes.push(limiter.tryAcquire()?.code))
    const seen = beginnings(limiter, clock, 2)

    await clock.advance(100)

    expect(codes).toEqual(['ERR_RATE_LIMITED'])
    expect(seen).toEqual([0, 100])
  })

  it('runs the work in the async context of its caller', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    const user = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    for (const name of ['ann', 'bob', 'cleo'])
      void user.run(name, () => limiter.execute(() => void seen.push(user.getStore())))

    await clock.advance(1_000)

    expect(seen).toEqual(['ann', 'bob', 'cleo'])
  })

  it('sets its timer in the context of no caller, whose context would live as long', async () => {
    const clock = new SimClock()
    const user = new AsyncLocalStorage<string>()
    const contexts: unknown[] = []
    const schedule: SimClock['schedule'] = (...timer) => {
      contexts.push(user.getStore())
      return clock.schedule(...timer)
    }
    const watched = { now: () => clock.now(), epochNow: () => clock.epochNow(), schedule }
    const limiter = new RateLimiter({ rate: 10, burst: 1, queue: { limit: 5 }, clock: watched })

    for (const name of ['ann', 'bob']) void user.run(name, () => limiter.execute(() => name))
    await clock.advance(100)

    expect(contexts).toEqual([undefined])
  })

  it('ends a call whose time is over when a stalled loop serves it', async () => {
    const clock = new SimClock()
    const limited = pipeline(new Timeout({ timeoutMs: 150, clock }), paced(clock), new Retry({ clock }))
    beginnings(limited, clock, 1)
    const late = limited.outcome(() => 'too late')

    clock.stall(400)
    await clock.advance(400)

    expect(await late).toMatchObject({ kind: 'timeout' })
  })

  it('starts nothing for such a call, though its fallback takes its time', async () => {
    const clock = new SimClock()
    const fallback = new Fallback({
      chain: [() => new Promise((resolve) => clock.io(10, () => resolve('old')))],
    })
    const limited = pipeline(fallback, new Timeout({ timeoutMs: 150, clock }), paced(clock))
    const started: string[] = []
    void limited.outcome(() => started.push('first'))
    const late = limited.execute(() => started.push('late'))

    clock.stall(400)
    await clock.advance(400)

    expect(await late).toBe('old')
    expect(started).toEqual(['first'])
  })
})

describe('update with calls that wait', () => {
  it('serves them sooner at a higher rate', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    const seen = beginnings(limiter, clock, 4)
    await clock.advance(50)

    limiter.update({ rate: 100 })
    await clock.advance(1_000)

    expect(seen).toEqual([0, 55, 65, 75])
  })

  it('counts the part of a token that is there', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    const seen = beginnings(limiter, clock, 4)
    await clock.advance(50)

    limiter.update({ burst: 2, rate: 1_000 })
    await clock.advance(1)

    expect(seen).toEqual([0, 50.5, 'waits', 'waits'])
  })

  it('refuses those at once whose turn would come too late now', async () => {
    const clock = new SimClock()
    const limiter = paced(clock, { limit: 10, maxWaitMs: 300 })
    const seen = beginnings(limiter, clock, 4)
    const reasons: string[] = []
    limiter.on('rejected', ({ reason }) => void reasons.push(reason))

    limiter.update({ rate: 5 })
    await clock.advance(0)
    expect(seen).toEqual([0, 'waits', 'rejected', 'rejected'])
    expect(reasons).toEqual(['queue_timeout', 'queue_timeout'])
    await clock.advance(200)
    expect(seen[1]).toBe(200)
  })

  it('sends nobody away for a shorter queue', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    const seen = beginnings(limiter, clock, 4)

    limiter.update({ queue: { limit: 0 } })
    await clock.advance(300)

    expect(seen).toEqual([0, 100, 200, 300])
  })

  it('may come from the work that is being started', async () => {
    const clock = new SimClock()
    const limiter = paced(clock)
    beginnings(limiter, clock, 1)
    void limiter.execute(() => limiter.update({ rate: 1_000 }))
    const seen = beginnings(limiter, clock, 2)

    await clock.advance(200)

    expect(seen).toEqual([101, 102])
  })
})

describe('who hears that a call waits', () => {
  it('may give it its turn at once', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 10, burst: 2, queue: { limit: 5 }, clock })
    const waits = beginnings(limiter, clock, 3)
    limiter.on('queued', () => limiter.update({ rate: 20, perMs: 1_000 }))
    // The timer of who waits is late.
    clock.stall(1_000)

    const seen = beginnings(limiter, clock, 1)

    expect([...waits, ...seen]).toEqual([0, 0, 1_000, 1_000])
    expect(limiter.snapshot()).toMatchObject({ queued: 0, taken: 4 })
  })

  it('may make its turn come too late: then it is refused, once', async () => {
    const clock = new SimClock()
    const limiter = paced(clock, { limit: 5, maxWaitMs: 500 })
    limiter.on('queued', () => limiter.update({ rate: 1, perMs: 60_000 }))
    const seen = beginnings(limiter, clock, 2)

    await clock.advance(120_000)

    expect(seen).toEqual([0, 'rejected'])
    expect(limiter.snapshot()).toMatchObject({ queued: 0, rejections: { queue_timeout: 1 } })
    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  })

  it('may do so for a call whose fallback takes its time: nothing of its budget is left behind', async () => {
    const clock = new SimClock()
    const limiter = paced(clock, { limit: 5, maxWaitMs: 500 })
    limiter.on('queued', () => limiter.update({ rate: 1, perMs: 60_000 }))
    beginnings(limiter, clock, 1)
    const answerLater = (): Promise<string> =>
      new Promise((resolve) => clock.schedule(10, () => resolve('instead')))
    const policy = pipeline(new Fallback({ chain: [answerLater] }), limiter)

    const answer = policy.execute(() => 'served', { budgetMs: 5_000 })
    await clock.advance(10)

    expect(await answer).toBe('instead')
    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  })
})
