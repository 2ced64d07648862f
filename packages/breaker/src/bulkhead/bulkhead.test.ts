import { onInternalError, pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { Bulkhead } from './bulkhead.js'

const never = (): Promise<never> => new Promise(() => undefined)

/** Work that ends at a time of the clock. */
const until = (clock: SimClock, at: number) => (): Promise<number> =>
  new Promise((resolve) => clock.io(at, () => resolve(at)))

describe('a bulkhead without a queue', () => {
  it('H1: runs as many as its limit, and refuses the next at once, without starting it', async () => {
    const bulkhead = new Bulkhead({ limit: 2 })
    const work = vi.fn(never)

    void bulkhead.execute(work)
    void bulkhead.execute(work)
    const outcome = await bulkhead.outcome(work)

    expect(outcome).toMatchObject({
      kind: 'rejected',
      error: { code: 'ERR_BULKHEAD_FULL', reason: 'concurrency', status: 503 },
    })
    expect(outcome).toMatchObject({ error: { message: 'bulkhead is full: all 2 slots are taken' } })
    expect(work).toHaveBeenCalledTimes(2)
    expect(bulkhead.snapshot()).toMatchObject({
      running: 2,
      rejections: { concurrency: 1, queue_full: 0, queue_timeout: 0 },
    })
  })

  it('says its name when it refuses', async () => {
    using bulkhead = new Bulkhead({ limit: 1, name: 'users "db"' })
    void bulkhead.execute(never)

    expect(await bulkhead.outcome(never)).toMatchObject({
      error: { message: 'bulkhead "users \\"db\\"" is full: all 1 slots are taken' },
    })
  })

  it('H6: frees its slot when the work ends, in whatever way', async () => {
    const bulkhead = new Bulkhead({ limit: 1 })
    const ends: (() => unknown)[] = [
      () => 1,
      () => {
        throw new Error('at once')
      },
      () => Promise.reject(new Error('later')),
      () => ({ then: (resolve: (value: number) => void) => resolve(1) }),
      () => ({
        then: () => {
          throw new Error('thenable')
        },
      }),
    ]

    for (const end of ends) {
      expect((await bulkhead.outcome(end)).kind).not.toBe('rejected')
      expect(bulkhead.snapshot().running).toBe(0)
    }
  })

  it('sees the slot free already in the turn that hears of the answer', async () => {
    const bulkhead = new Bulkhead({ limit: 1 })

    const running = await bulkhead.execute(() => Promise.resolve(1)).then(() => bulkhead.snapshot().running)

    expect(running).toBe(0)
  })
})

describe('work that outlives its call', () => {
  it('H6: holds its slot until it has really ended', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, clock })
    const stack = pipeline(bulkhead, new Timeout({ timeoutMs: 10, clock }))

    const outcome = stack.outcome(until(clock, 100))
    await clock.advance(50)
    expect((await outcome).kind).toBe('timeout')
    expect(bulkhead.snapshot().running).toBe(1)
    expect((await bulkhead.outcome(never)).kind).toBe('rejected')

    await clock.advance(50)
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('H6: with releaseOnTimeout frees its slot with the call, and not a second time with the work', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, releaseOnTimeout: true, clock })
    const stack = pipeline(bulkhead, new Timeout({ timeoutMs: 10, clock }))

    const outcome = stack.outcome(until(clock, 100))
    await clock.advance(50)
    expect((await outcome).kind).toBe('timeout')
    expect(bulkhead.snapshot().running).toBe(0)

    void bulkhead.execute(never)
    await clock.advance(50)
    expect(bulkhead.snapshot().running).toBe(1)
  })

  it('H6: holds its slot too when the caller gave up', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const bulkhead = new Bulkhead({ limit: 1, clock })

    const outcome = bulkhead.outcome(until(clock, 100), { signal: controller.signal })
    controller.abort('bye')
    expect((await outcome).kind).toBe('cancelled')
    expect(bulkhead.snapshot().running).toBe(1)

    await clock.advance(100)
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('H6: of an inner stretch holds the slots of all', async () => {
    const clock = new SimClock()
    const [outer, inner] = [new Bulkhead({ limit: 1, clock }), new Bulkhead({ limit: 1, clock })]
    const stack = pipeline(outer, inner, new Timeout({ timeoutMs: 10, clock }))

    const outcome = stack.outcome(until(clock, 100))
    await clock.advance(50)
    expect((await outcome).kind).toBe('timeout')
    expect([outer.snapshot().running, inner.snapshot().running]).toEqual([1, 1])

    await clock.advance(50)
    expect([outer.snapshot().running, inner.snapshot().running]).toEqual([0, 0])
  })
})

describe('options', () => {
  it.each<[object, string[]]>([
    [{ limit: 0 }, ['limit']],
    [{ limit: 1.5 }, ['limit']],
    [{ limt: 5 }, ['limt']],
    [
      { queue: { limit: -1, maxWaitMs: NaN, order: 'random' } },
      ['queue.limit', 'queue.maxWaitMs', 'queue.order'],
    ],
    [
      { priority: 5, releaseOnTimeout: 'yes', name: 'x'.repeat(257), clock: {} },
      ['name', 'priority', 'releaseOnTimeout', 'clock'],
    ],
  ])('%o: every fault in one error', (options, paths) => {
    let issues: string[] = []
    try {
      new Bulkhead(options)
    } catch (error) {
      issues = (error as { issues: { path: string }[] }).issues.map(({ path }) => path)
    }

    expect(issues.sort()).toEqual(paths.sort())
  })

  it('has 100 slots and no queue by default', () => {
    expect(new Bulkhead().snapshot()).toMatchObject({ limit: 100, queueLimit: 0, name: undefined })
  })
})

describe('a priority that fails', () => {
  it.each<[string, () => number]>([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['answers no number', () => NaN],
  ])('and %s is reported, and means 0', async (_name, priority) => {
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 2 }, priority })
    void bulkhead.execute(never)

    void bulkhead.execute(never)
    unsubscribe()

    expect(reported).toEqual(['priority'])
    expect(bulkhead.snapshot().queued).toBe(1)
  })
})
