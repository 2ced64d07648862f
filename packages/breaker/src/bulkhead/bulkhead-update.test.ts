import { guard, pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { Bulkhead } from './bulkhead.js'

const never = (): Promise<never> => new Promise(() => undefined)

/** Work that ends at a time of the clock. */
const until = (clock: SimClock, at: number) => (): Promise<number> =>
  new Promise((resolve) => clock.io(at, () => resolve(at)))

describe('update', () => {
  it('upwards serves those who wait at once', async () => {
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 5 } })
    const work = vi.fn(never)
    for (let call = 0; call < 5; call++) void bulkhead.execute(work)

    bulkhead.update({ limit: 3 })

    expect(work).toHaveBeenCalledTimes(3)
    expect(bulkhead.snapshot()).toMatchObject({ running: 3, limit: 3, queued: 2 })
  })

  it('H7: downwards lets those finish who run, and admits nobody above', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 3, queue: { limit: 5 }, clock })
    const running: number[] = []
    const note = (at: number) => async (): Promise<void> => {
      await until(clock, at)()
      running.push(bulkhead.snapshot().running)
    }
    for (const at of [10, 20, 30, 40, 50]) void bulkhead.execute(note(at))

    bulkhead.update({ limit: 1 })
    expect(bulkhead.snapshot()).toMatchObject({ running: 3, queued: 2, limit: 1 })
    await clock.advance(100)

    expect(running).toEqual([3, 2, 1, 1, 1])
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('of a shorter queue sends nobody away', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 3 }, clock })
    const all = [10, 20, 30, 40].map((at) => bulkhead.outcome(until(clock, at)))

    bulkhead.update({ queue: { limit: 1 } })

    expect(await bulkhead.outcome(never)).toMatchObject({ error: { reason: 'queue_full' } })
    await clock.advance(100)
    expect((await Promise.all(all)).map(({ kind }) => kind)).toEqual([
      'success',
      'success',
      'success',
      'success',
    ])
  })

  it.each([
    ['fifo', 'lifo', [3, 2, 1]],
    ['lifo', 'fifo', [1, 2, 3]],
    ['lifo', 'lifo', [3, 2, 1]],
  ] as const)(
    'of the order from %s to %s holds for those who wait already',
    async (before, after, expected) => {
      const clock = new SimClock()
      const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 3, order: before }, clock })
      const served: number[] = []
      void bulkhead.execute(until(clock, 10))
      for (const id of [1, 2, 3]) void bulkhead.execute(() => served.push(id))

      bulkhead.update({ queue: { limit: 3, order: after } })
      await clock.advance(10)

      expect(served).toEqual(expected)
    },
  )

  it('H4: from inside of a hand-over leaves no slot idle', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 9 }, clock })
    let raised = false
    const raising = guard({
      enter: () => undefined,
      exit: () => {
        if (!raised) bulkhead.update({ limit: 3 })
        raised = true
      },
    })
    const work = vi.fn(never)
    void bulkhead.execute(until(clock, 10))
    void pipeline(raising, bulkhead).execute(() => 'ends in the turn in which it gets its slot')
    for (let call = 0; call < 5; call++) void bulkhead.execute(work)

    await clock.advance(10)

    expect(work).toHaveBeenCalledTimes(3)
    expect(bulkhead.snapshot()).toMatchObject({ running: 3, queued: 2 })
  })

  it('takes all options or none', () => {
    const bulkhead = new Bulkhead({ limit: 4, queue: { limit: 2 } })

    expect(() => bulkhead.update({ limit: 9, queue: { limit: -1 } })).toThrow('queue.limit')
    expect(() => bulkhead.update({ name: 'x' } as never)).toThrow('name')

    expect(bulkhead.snapshot()).toMatchObject({ limit: 4, queueLimit: 2 })
  })

  it('keeps what it is not told, from before and from earlier updates', () => {
    const bulkhead = new Bulkhead({ limit: 4, queue: { limit: 2 } })

    bulkhead.update({ limit: 5 })
    bulkhead.update({ releaseOnTimeout: true })

    expect(bulkhead.snapshot()).toMatchObject({ limit: 5, queueLimit: 2 })
  })

  it.each([true, false])(
    'H6: of releaseOnTimeout (%s before) leaves alone what has given its slot back or holds it',
    async (before) => {
      const clock = new SimClock()
      const bulkhead = new Bulkhead({ limit: 2, releaseOnTimeout: before, clock })
      const outcome = pipeline(bulkhead, new Timeout({ timeoutMs: 10, clock })).outcome(until(clock, 100))
      await clock.advance(10)
      expect((await outcome).kind).toBe('timeout')
      expect(bulkhead.snapshot().running).toBe(before ? 0 : 1)

      bulkhead.update({ releaseOnTimeout: !before })
      await clock.advance(100)

      expect(bulkhead.snapshot().running).toBe(0)
    },
  )
})
