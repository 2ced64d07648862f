import { BulkheadFullError, createRuntime, InvalidOptionsError, pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { Retry } from '../retry/retry.js'
import { Timeout } from '../timeout/timeout.js'
import { AdaptiveLimiter } from './adaptive-limiter.js'
import { LimitPermit } from './limit-permit.js'

const never = (): Promise<never> => new Promise(() => undefined)

function refusing(status: unknown): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error('busy'), { status }))
}

describe('AdaptiveLimiter', () => {
  it('refuses as a bulkhead does, when all slots are taken', async () => {
    const limiter = new AdaptiveLimiter({
      initial: 2,
      name: 'users',
      runtime: createRuntime(),
      clock: new SimClock(),
    })
    void limiter.execute(never)
    void limiter.execute(never)

    const error = await limiter.execute(() => 1).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(BulkheadFullError)
    expect(error).toMatchObject({
      code: 'ERR_BULKHEAD_FULL',
      reason: 'concurrency',
      message: 'limiter "users" is full: all 2 slots are taken',
    })
    expect(error).not.toHaveProperty('retryAfterMs')
  })

  it('frees a slot once, however a call ends', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 20, clock })
    const controller = new AbortController()
    const calls = [
      limiter.outcome(() => 1),
      limiter.outcome(async () => 2),
      limiter.outcome(() => {
        throw new Error('sync')
      }),
      limiter.outcome(() => Promise.reject(new Error('async'))),
      limiter.outcome(
        () => ({ then: (resolve: (value: number) => void) => resolve(3) }) as PromiseLike<number>,
      ),
      limiter.outcome(() => Promise.resolve(4), { signal: controller.signal }),
    ]
    controller.abort()

    await Promise.all(calls)
    await clock.advance(0)

    expect(limiter.snapshot()).toMatchObject({ running: 0, limit: 20 })
  })

  it('lets calls wait, hands a slot over in the turn that frees it, and more when the limit grows', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 1, queue: { limit: 5 }, clock })
    const ends: ((value: unknown) => void)[] = []
    const call = (): Promise<unknown> => limiter.execute(() => new Promise((resolve) => ends.push(resolve)))
    for (let index = 0; index < 4; index++) void call()
    expect(limiter.snapshot()).toMatchObject({ running: 1, queued: 3 })

    ends[0]?.('done')
    await clock.advance(0)

    expect(limiter.snapshot()).toMatchObject({ limit: 2, running: 2, queued: 1 })
  })

  it('lets those finish who run above a lower limit, and admits nobody meanwhile', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, clock })
    for (let index = 0; index < 9; index++) void limiter.execute(never)

    await limiter.outcome(refusing(503))

    expect(limiter.snapshot()).toMatchObject({ running: 9, limit: 9 })
    expect((await limiter.outcome(() => 1)).kind).toBe('rejected')
  })

  it('tells of each change of the limit', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, clock })
    const changes: unknown[] = []
    const unsubscribe = limiter.on('limit', (change) => changes.push(change))
    await clock.advance(5)

    await limiter.outcome(refusing(503))
    unsubscribe()
    await clock.advance(5)
    await limiter.outcome(refusing(503))

    expect(changes).toEqual([{ from: 10, to: 9, at: 5 }])
    expect(limiter.limit).toBe(8)
  })

  it('is a bulkhead for exporters, with its limit', () => {
    const runtime = createRuntime()
    const limiter = new AdaptiveLimiter({
      algorithm: 'vegas',
      initial: 7,
      vegas: { noLoadMs: 3 },
      name: 'users',
      runtime,
    })

    const [instrument] = runtime.instruments()

    expect(instrument?.kind).toBe('bulkhead')
    expect(instrument?.read()).toMatchObject({ active: 0, limit: 7, adaptive: { limit: 7, minRttMs: 3 } })
    limiter.dispose()
    expect([...runtime.instruments()]).toEqual([])
  })

  it('shows itself', () => {
    const limiter = new AdaptiveLimiter({ algorithm: 'vegas', clock: new SimClock() })

    expect(pipeline(limiter).describe()).toMatchObject([
      { kind: 'adaptive-limiter', options: { min: 1, max: 200 } },
    ])
    expect(limiter.snapshot()).toEqual({
      name: undefined,
      running: 0,
      limit: 20,
      queued: 0,
      queueLimit: 0,
      rejections: { concurrency: 0, queue_full: 0, queue_timeout: 0 },
      algorithm: 'vegas',
      min: 1,
      max: 200,
      state: { estimate: 20, minRttMs: undefined, isProbing: false },
    })
  })
})

describe('tryAcquire', () => {
  it.each<[unknown, unknown]>([
    ['ok', 1],
    [undefined, undefined],
    ['success', Number.NaN],
    ['success', -1],
    ['success', Infinity],
    ['success', '5'],
  ])('lets nobody settle a permit as %o after %o ms', (kind, durationMs) => {
    const limiter = new AdaptiveLimiter({ initial: 1, clock: new SimClock() })
    using permit = limiter.tryAcquire() as LimitPermit

    expect(() => {
      permit.settle(kind as never, durationMs as never)
    }).toThrow(InvalidOptionsError)
    expect(limiter.snapshot().running).toBe(1)
    permit.settle('success')
    expect(limiter.snapshot().running).toBe(0)
  })

  it('gives a permit for each slot, which settles once', () => {
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 2, clock: new SimClock() })
    const [first, second, third] = [limiter.tryAcquire(), limiter.tryAcquire(), limiter.tryAcquire()]
    expect([first, second].every((permit) => permit instanceof LimitPermit)).toBe(true)
    expect(third).toBeInstanceOf(BulkheadFullError)

    if (!(first instanceof LimitPermit) || !(second instanceof LimitPermit)) return
    first.settle('timeout')
    first.settle('timeout')
    first[Symbol.dispose]()
    expect(limiter.snapshot()).toMatchObject({ running: 1, limit: 1 })
    second[Symbol.dispose]()
    second.settle('timeout')
    expect(limiter.snapshot()).toMatchObject({ running: 0, limit: 1 })
  })

  it('learns from the time that was told, or has passed, and from what was answered', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({
      algorithm: 'aimd',
      initial: 20,
      aimd: { slowerThanMs: 100 },
      clock,
    })
    const settle = (...how: Parameters<LimitPermit['settle']>): void => {
      const permit = limiter.tryAcquire()
      if (permit instanceof LimitPermit) permit.settle(...how)
    }

    await clock.advance(1_000)
    settle('success', 101)
    expect(limiter.limit).toBe(18)
    await clock.advance(1_000)
    settle('success', 10, { status: 503 })
    expect(limiter.limit).toBe(16)
    const permit = limiter.tryAcquire()
    await clock.advance(150)
    if (permit instanceof LimitPermit) permit.settle('success')
    expect(limiter.limit).toBe(14)
  })
})

describe('update', () => {
  it('changes bounds and queue, and keeps what was learned', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, clock })
    const changes: unknown[] = []
    limiter.on('limit', (change) => changes.push(change))

    limiter.update({ max: 8, queue: { limit: 3 } })
    expect(limiter.snapshot()).toMatchObject({ limit: 8, max: 8, queueLimit: 3 })
    limiter.update({ max: 100, min: 2 })
    expect(limiter.snapshot()).toMatchObject({ limit: 8, min: 2, max: 100, queueLimit: 3 })
    expect(changes).toEqual([{ from: 10, to: 8, at: 0 }])
  })

  it('changes nothing when something is wrong', () => {
    const limiter = new AdaptiveLimiter({ clock: new SimClock() })

    expect(() => limiter.update({ min: 5, max: 4 })).toThrow(/max/)
    expect(() => limiter.update({ algorithm: 'vegas' } as object)).toThrow(/algorithm/)
    expect(limiter.snapshot()).toMatchObject({ min: 1, max: 200 })
  })
})

describe('options', () => {
  it.each<[string, object, string[]]>([
    ['numbers out of range', { min: 0, max: 2_000_000, initial: 0 }, ['min', 'max', 'initial']],
    ['bounds that cross', { min: 10, max: 5 }, ['max']],
    ['an initial limit outside of the bounds', { min: 10, max: 20, initial: 21 }, ['initial']],
    ['an unknown algorithm', { algorithm: 'vega' }, ['algorithm']],
    ['what is for another algorithm', { algorithm: 'aimd', vegas: {}, windowMs: 5 }, ['vegas', 'windowMs']],
    [
      'a wrong setting inside',
      { gradient2: { tolerance: 0.5, smooth: 1 } },
      ['gradient2.smooth', 'gradient2.tolerance'],
    ],
    [
      'partitions of too much',
      { partitions: { by: () => '', percents: { a: 60, b: 41 } } },
      ['partitions.percents'],
    ],
    ['half a partition', { partitions: {} }, ['partitions.by', 'partitions.percents']],
    ['no numbers', { partitions: { by: () => '', percents: { a: Number.NaN } } }, ['partitions.percents']],
    ['shares in a list', { partitions: { by: () => '', percents: [] as never } }, ['partitions.percents']],
    ['partitions that are none', { partitions: Number.NaN as never }, ['partitions']],
    ['rules that are none, of another algorithm', { aimd: 5 as never }, ['aimd']],
    ['an unknown algorithm with its rules', { algorithm: 'AIMD' as never, aimd: {} }, ['algorithm']],
  ])('K6: %s', (_name, options, paths) => {
    try {
      new AdaptiveLimiter(options)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_INVALID_OPTIONS' })
      expect((error as { issues: { path: string }[] }).issues.map(({ path }) => path)).toEqual(paths)
    }
  })

  it('begin within narrow bounds where nothing is said', () => {
    expect(new AdaptiveLimiter({ max: 5 }).limit).toBe(5)
    expect(new AdaptiveLimiter({ min: 300 }).limit).toBe(300)
  })
})

describe('among other policies', () => {
  it('is neutral to the breaker around it, and not retried', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock })
    const retry = new Retry({ clock })
    const limiter = new AdaptiveLimiter({ initial: 1, max: 1, clock })
    const limited = pipeline(retry, breaker, limiter, new Timeout({ timeoutMs: 1_000, clock }))
    void limited.execute(never)

    const outcome = await limited.outcome(() => 1)

    expect(outcome).toMatchObject({ kind: 'rejected', error: { code: 'ERR_BULKHEAD_FULL' } })
    expect(breaker.snapshot().failures).toBe(0)
    expect(retry.counts.attempts).toBe(0)
  })

  it('learns from each attempt of a retry around it', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, clock })
    const limited = pipeline(new Retry({ maxRetries: 1, clock }), limiter)
    const outcome = limited.outcome(refusing(503))

    await clock.advance(5_000)

    expect((await outcome).kind).toBe('failure')
    expect(limiter.limit).toBe(8)
  })
})
