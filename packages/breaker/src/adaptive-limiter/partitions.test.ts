import { runInNewContext } from 'node:vm'
import { BulkheadFullError, onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimiter } from './adaptive-limiter.js'
import { LimitPermit } from './limit-permit.js'

const never = (): Promise<never> => new Promise(() => undefined)

describe('partitions', () => {
  it.each([new Date(), new Map(), () => 1, []])(
    'K6: take no shares that are no plain object: %o',
    (percents: object) => {
      const partitions = { by: () => '', percents: percents as Record<string, number> }

      expect(() => new AdaptiveLimiter({ partitions })).toThrow('partitions.percents')
    },
  )

  it('take shares of a plain object, whatever its realm', () => {
    for (const text of ['({ a: 100 })', 'Object.assign(Object.create(null), { a: 100 })']) {
      const percents = runInNewContext(text) as Record<string, number>

      expect(() => new AdaptiveLimiter({ partitions: { by: () => '', percents } })).not.toThrow()
    }
  })

  it.each<[string, () => unknown]>([
    ['answers at once', () => 1],
    ['answers', async () => 1],
    ['throws', () => Promise.reject(new Error('down'))],
  ])('H6: count down when the work of a call %s', async (_title, work) => {
    const partitions = { by: () => 'live', percents: { live: 50 } }
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 4, partitions, clock: new SimClock() })

    await Promise.allSettled([limiter.execute(work), limiter.execute(work), limiter.outcome(work)])

    expect(limiter.snapshot()).toMatchObject({ running: 0, partitions: { live: { running: 0, limit: 2 } } })
  })

  it('give a kind that cannot be told one slot at most above the limit', async () => {
    const errors: unknown[] = []
    const unsubscribe = onInternalError((error) => void errors.push(error))
    const by = (): string => {
      if (errors.length > 0) return 5 as never
      throw new Error('by')
    }
    const limiter = new AdaptiveLimiter({
      initial: 1,
      partitions: { by, percents: {} },
      clock: new SimClock(),
    })
    void limiter.execute(never)

    expect(limiter.tryAcquire('live')).toBeInstanceOf(BulkheadFullError)
    expect((await limiter.outcome(() => 1)).kind).toBe('rejected')
    expect(errors).toHaveLength(2)
    unsubscribe()
  })

  it('count permits by the name that was said', () => {
    const partitions = { by: () => 'batch', percents: { live: 50, batch: 50 } }
    const limiter = new AdaptiveLimiter({ initial: 2, max: 2, partitions, clock: new SimClock() })
    void limiter.execute(never)
    void limiter.execute(never)

    const permit = limiter.tryAcquire('live')

    expect(permit).toBeInstanceOf(LimitPermit)
    expect(limiter.tryAcquire('live')).toBeInstanceOf(BulkheadFullError)
    expect(limiter.snapshot()).toMatchObject({ running: 3, partitions: { live: { running: 1 } } })
    if (permit instanceof LimitPermit) permit.settle('success')
    expect(limiter.snapshot()).toMatchObject({ running: 2, partitions: { live: { running: 0 } } })
  })
})

describe('H4: who waits, and has room in his share', () => {
  /** Two slots, half of them for each kind; `live` waits with one call. */
  async function crowded(): Promise<{ limiter: AdaptiveLimiter; started: string[]; call: Call }> {
    const clock = new SimClock()
    let kind = ''
    const partitions = { by: () => kind, percents: { live: 50, batch: 50 } }
    const queue = { limit: 9 }
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 2, min: 1, partitions, queue, clock })
    const started: string[] = []
    const call: Call = (name, work = never) => {
      kind = name
      void limiter.outcome(() => (started.push(name), work()))
    }
    for (const name of ['batch', 'batch', 'live', 'live']) call(name)
    await clock.flush()
    return { limiter, started, call }
  }
  type Call = (name: string, work?: () => unknown) => void

  it('is let in when his share grows, also where all slots are taken', async () => {
    const { limiter, started } = await crowded()
    expect([started.length, limiter.snapshot().queued]).toEqual([3, 1])

    limiter.update({ min: 3 })

    expect(started).toEqual(['batch', 'batch', 'live', 'live'])
    expect(limiter.snapshot()).toMatchObject({ running: 4, queued: 0 })
  })

  it('is let in when he came while others were', async () => {
    const { limiter, started, call } = await crowded()
    call('batch', () => (call('live'), never()))
    call('batch')

    limiter.update({ min: 9, max: 9 })

    expect(started).toEqual(['batch', 'batch', 'live', 'live', 'batch', 'batch', 'live'])
    expect(limiter.snapshot()).toMatchObject({ running: 7, queued: 0 })
  })
})
