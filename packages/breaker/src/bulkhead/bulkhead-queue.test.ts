import { AsyncLocalStorage } from 'node:async_hooks'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { Bulkhead } from './bulkhead.js'
import { held } from './held-bulkhead.model.js'

describe('the queue of a bulkhead', () => {
  it.each([
    ['fifo', [1, 2, 3]],
    ['lifo', [3, 2, 1]],
  ] as const)('H3: serves in the order %s', async (order, expected) => {
    const { bulkhead, release } = held({ queue: { limit: 3, order } })
    const served: number[] = []

    const all = [1, 2, 3].map((id) => bulkhead.execute(async () => served.push(id)))
    release()
    await Promise.all(all)

    expect(served).toEqual(expected)
  })

  it('serves higher priorities first, and equals in order', async () => {
    const priorities = new Map([
      ['low', 0],
      ['first', 5],
      ['second', 5],
      ['highest', 9],
    ])
    const waiting = new AsyncLocalStorage<string>()
    const priority = (): number => priorities.get(waiting.getStore() ?? '') ?? 0
    const { bulkhead, release } = held({ queue: { limit: 9 }, priority })
    const served: string[] = []

    const all = [...priorities.keys()].map((id) =>
      waiting.run(id, () => bulkhead.execute(async () => served.push(id))),
    )
    release()
    await Promise.all(all)

    expect(served).toEqual(['highest', 'first', 'second', 'low'])
  })

  it('gives a slot that became free while the priority was asked to who asked', async () => {
    const { bulkhead } = held({
      queue: { limit: 2 },
      priority: () => {
        bulkhead.update({ limit: 2 })
        return 0
      },
    })

    expect(await bulkhead.execute(() => bulkhead.snapshot())).toMatchObject({ running: 2, queued: 0 })
  })

  it('refuses who finds it full, at once, and nobody who is in it', async () => {
    const { bulkhead, release } = held({ queue: { limit: 2 } })

    const accepted = [bulkhead.outcome(() => 1), bulkhead.outcome(() => 2)]
    const refused = await bulkhead.outcome(() => 3)
    release()

    expect(refused).toMatchObject({
      kind: 'rejected',
      error: { code: 'ERR_BULKHEAD_FULL', reason: 'queue_full' },
    })
    expect((await Promise.all(accepted)).map(({ kind }) => kind)).toEqual(['success', 'success'])
    expect(bulkhead.snapshot().rejections).toEqual({ concurrency: 0, queue_full: 1, queue_timeout: 0 })
  })

  it('tells who waits, and who is refused', async () => {
    const { bulkhead } = held({ queue: { limit: 1 } })
    const events: unknown[] = []
    const unsubscribe = bulkhead.on('queued', ({ size }) => events.push(size))
    bulkhead.on('rejected', ({ reason, error }) => events.push([reason, error.code]))

    void bulkhead.outcome(() => 1)
    await bulkhead.outcome(() => 2)
    unsubscribe()
    bulkhead.update({ queue: { limit: 2 } })
    void bulkhead.outcome(() => 3)

    expect(events).toEqual([1, ['queue_full', 'ERR_BULKHEAD_FULL']])
  })

  it('lets one wait for maxWaitMs, then refuses and frees the place', async () => {
    const { bulkhead, clock, release } = held({ queue: { limit: 1, maxWaitMs: 50 } })
    const work = vi.fn()

    const outcome = bulkhead.outcome(work)
    await clock.advance(49)
    expect(bulkhead.snapshot().queued).toBe(1)
    await clock.advance(1)

    expect(await outcome).toMatchObject({
      kind: 'rejected',
      error: { reason: 'queue_timeout', message: 'bulkhead is full: no slot became free within 50 ms' },
    })
    expect(bulkhead.snapshot()).toMatchObject({ queued: 0, rejections: { queue_timeout: 1 } })
    release()
    await clock.flush()
    expect(work).not.toHaveBeenCalled()
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('forgives a wait that a stalled loop made too long, when the slot became free meanwhile', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 50 }, clock })
    void bulkhead.execute(() => new Promise<void>((resolve) => clock.io(40, resolve)))
    const outcome = bulkhead.outcome(() => 'ran')

    clock.stall(100)
    await clock.advance(0)

    expect(await outcome).toEqual({ kind: 'success', value: 'ran' })
  })

  it('starts nothing for a call whose time is over when its own listener makes room', async () => {
    const { bulkhead, clock, release } = held({ queue: { limit: 1 } })
    bulkhead.on('queued', () => {
      clock.stall(200)
      bulkhead.update({ limit: 2 })
    })
    const work = vi.fn()

    const timeout = new Timeout({ timeoutMs: 100, clock })
    const outcome = pipeline(timeout, bulkhead).outcome(work)
    await clock.advance(0)
    release()

    expect(await outcome).toMatchObject({ kind: 'timeout' })
    expect(work).not.toHaveBeenCalled()
    await clock.flush()
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('H2: does not count the wait as time of the attempt', async () => {
    const { bulkhead, clock, release } = held({ queue: { limit: 1 } })
    const outcome = pipeline(bulkhead, new Timeout({ timeoutMs: 30, clock })).outcome(
      () => new Promise((resolve) => clock.io(120, () => resolve('ran'))),
    )

    await clock.advance(100)
    release()
    await clock.advance(20)

    expect(await outcome).toEqual({ kind: 'success', value: 'ran' })
  })

  it('H5: is left in the turn of an abort, and the next one may wait', async () => {
    const { bulkhead } = held({ queue: { limit: 1 } })
    const controller = new AbortController()
    let ended = false
    const work = vi.fn()
    const outcome = bulkhead.outcome(work, { signal: controller.signal })
    void outcome.then(() => (ended = true))

    controller.abort('bye')
    expect(bulkhead.snapshot().queued).toBe(0)
    await Promise.resolve()
    await Promise.resolve()

    expect(ended).toBe(true)
    expect(await outcome).toEqual({ kind: 'cancelled', error: 'bye' })
    void bulkhead.outcome(work)
    expect(bulkhead.snapshot()).toMatchObject({ queued: 1, rejections: { queue_full: 0 } })
  })

  it('H5: is left by the time of the whole call', async () => {
    const { bulkhead, clock } = held({ queue: { limit: 1 } })
    const outcome = pipeline(new Timeout({ timeoutMs: 20, clock }), bulkhead).outcome(() => 1)

    await clock.advance(20)

    expect(await outcome).toMatchObject({ kind: 'timeout', error: { code: 'ERR_TIMEOUT' } })
    expect(bulkhead.snapshot()).toMatchObject({ queued: 0, rejections: { queue_timeout: 0 } })
  })
})
