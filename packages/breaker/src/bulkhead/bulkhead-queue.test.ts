import { AsyncLocalStorage } from 'node:async_hooks'
import { createRuntime, pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { Bulkhead } from './bulkhead.js'
import type { BulkheadOptions } from './bulkhead-options.js'

interface Held {
  readonly clock: SimClock
  readonly bulkhead: Bulkhead
  /** Frees the only slot. */
  readonly release: () => void
}

/** A bulkhead whose only slot is taken. */
function held(options: BulkheadOptions): Held {
  const clock = new SimClock()
  const bulkhead = new Bulkhead({ limit: 1, clock, ...options })
  let release: (() => void) | undefined
  void bulkhead.execute(
    () =>
      new Promise<void>((resolve) => {
        release = resolve
      }),
  )
  return { clock, bulkhead, release: () => release?.() }
}

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

describe('a freed slot', () => {
  it('H4: goes to who waits in the turn that frees it: a newcomer cannot take it', async () => {
    const { bulkhead, release } = held({ queue: { limit: 1 } })
    const order: string[] = []
    const accepted = bulkhead.execute(async () => order.push('accepted'))

    release()
    for (let step = 0; step < 6; step++) {
      await Promise.resolve()
      void bulkhead.outcome(() => order.push('newcomer'))
    }
    await accepted

    expect(order[0]).toBe('accepted')
  })

  it('counts as taken while it changes hands', async () => {
    const { bulkhead, release } = held({ queue: { limit: 1 } })
    let running = 0
    const second = bulkhead.execute(() => {
      running = bulkhead.snapshot().running
    })

    release()
    await second

    expect(running).toBe(1)
  })

  it('H3: passes 50 000 waiters with synchronous work, in order, without growing the stack', async () => {
    const { bulkhead, release } = held({ queue: { limit: 50_000 } })
    let served = 0
    let isInOrder = true
    const all = Array.from({ length: 50_000 }, (_, index) =>
      bulkhead.execute(() => {
        isInOrder &&= served === index
        served++
      }),
    )

    release()
    await Promise.all(all)

    expect([served, isInOrder]).toEqual([50_000, true])
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('passes waiters whose work throws at once', async () => {
    const { bulkhead, release } = held({ queue: { limit: 3 } })
    const all = [1, 2, 3].map(() =>
      bulkhead.outcome(() => {
        throw new Error('down')
      }),
    )

    release()

    expect((await Promise.all(all)).map(({ kind }) => kind)).toEqual(['failure', 'failure', 'failure'])
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('measures how long one waited', async () => {
    using runtime = createRuntime()
    const { bulkhead, clock, release } = held({ queue: { limit: 2 }, name: 'waits', runtime })
    const [instrument] = runtime.instruments()
    const second = bulkhead.execute(() => 1)

    await clock.advance(80)
    release()
    await second

    const reading = instrument?.kind === 'bulkhead' ? instrument.read() : undefined
    expect(reading).toMatchObject({ active: 0, limit: 1, queueSize: 0, queueLimit: 2 })
    expect([reading?.queueWait.count, reading?.queueWait.maxMs]).toEqual([1, 80])
  })
})

describe('a named bulkhead', () => {
  it('shows its numbers to its runtime until it is disposed', async () => {
    using runtime = createRuntime()
    const bulkhead = new Bulkhead({ name: 'users', group: 'edge', limit: 2, runtime })

    expect([...runtime.instruments()].map(({ kind, name, group }) => [kind, name, group])).toEqual([
      ['bulkhead', 'users', 'edge'],
    ])

    bulkhead.dispose()
    expect([...runtime.instruments()]).toEqual([])
    expect(await bulkhead.execute(() => 'still works')).toBe('still works')
  })

  it('is not needed: without a name nothing is registered', () => {
    using runtime = createRuntime()

    expect(new Bulkhead({ runtime }).name).toBeUndefined()
    expect([...runtime.instruments()]).toEqual([])
  })
})
