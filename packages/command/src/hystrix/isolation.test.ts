import { describe, expect, it } from 'vitest'
import { watched } from './hystrix.model.js'

const boom = new Error('boom')
const ONE_THREAD = { threadPool: { coreSize: 1 } } as const
const ONE_PERMIT = {
  properties: {
    'execution.isolation.strategy': 'SEMAPHORE',
    'execution.isolation.semaphore.maxConcurrentRequests': 1,
    'execution.isolation.thread.timeoutInMilliseconds': 100,
  },
} as const

describe('a thread pool', () => {
  it('is shared by the commands of a group, and by those that name the same pool', async () => {
    const { command } = watched()
    const one = command({ ...ONE_THREAD, name: 'one' })
    const two = command({ name: 'two' })
    const other = command({ name: 'other', group: 'H', pool: 'G' })
    void one.outcome({ afterMs: 100 })
    expect(await two.execute({})).toBe('fb')
    expect(await other.execute({})).toBe('fb')
    expect(other.metrics().pool).toMatchObject({ key: 'G', active: 1 })
  })

  it('can be another by a property of the command', async () => {
    const { command } = watched()
    const moved = command({ properties: { threadPoolKeyOverride: 'elsewhere' } })
    expect(moved.metrics().pool.key).toBe('elsewhere')
  })

  it.each([
    { maxQueueSize: 5, queueSizeRejectionThreshold: 1, active: 2, queue: 1 },
    { maxQueueSize: 1, queueSizeRejectionThreshold: 5, active: 4, queue: 1 },
    { maxQueueSize: -1, queueSizeRejectionThreshold: 5, active: 4, queue: 0 },
    { maxQueueSize: 1, queueSizeRejectionThreshold: 1, active: 2, queue: 1 },
    { maxQueueSize: 5, queueSizeRejectionThreshold: 0, active: 0, queue: 0 },
  ])(
    '#1426: has threads above the core only where its queue can be full ($maxQueueSize, $queueSizeRejectionThreshold)',
    async ({ active, queue, ...rules }) => {
      const { command, clock } = watched()
      const more = { coreSize: 2, maximumSize: 4, allowMaximumSizeToDivergeFromCoreSize: true }
      const asked = command({ threadPool: { ...more, ...rules } })

      const calls = Array.from({ length: 6 }, () => asked.start({ afterMs: 100 }))
      await clock.flush()

      expect(asked.metrics().pool).toMatchObject({ active, queue })
      await clock.advance(300)
      const refused = calls.filter(({ events }) => events.includes('THREAD_POOL_REJECTED'))
      expect(refused).toHaveLength(6 - active - queue)
    },
  )

  it('#1589 #1851: queues as many as the threshold and the queue allow, and the wait is part of the latency', async () => {
    const { command, clock } = watched()
    const asked = command({
      timeoutMs: 2_000,
      threadPool: { coreSize: 1, maxQueueSize: 10, queueSizeRejectionThreshold: 2 },
    })
    const first = asked.start({ afterMs: 300 })
    await clock.advance(50)
    const queued = asked.start({ afterMs: 50 })
    await clock.advance(30)
    const last = asked.start({ afterMs: 50 })
    await clock.advance(30)
    const refused = asked.start({})
    expect(await refused.result).toBe('fb')
    expect(asked.metrics().pool).toMatchObject({ active: 1, queue: 2 })

    await clock.advance(1_000)
    expect([first, queued, last].map(({ latencyMs }) => latencyMs)).toEqual([300, 300, 320])
    expect(asked.metrics().pool).toMatchObject({ active: 0, queue: 0, limit: 1, queueLimit: 2 })
  })

  it('never starts what has timed out in its queue, whose place is free at once', async () => {
    const { command, clock } = watched()
    const asked = command({ timeoutMs: 200, threadPool: { coreSize: 1, maxQueueSize: 10 } })
    void asked.outcome({ afterMs: 500, isDeaf: true })
    await clock.advance(50)
    const queued = asked.start({ afterMs: 10 })
    await clock.advance(200)
    expect(await queued.result).toBe('fb')
    expect(queued).toMatchObject({ events: ['TIMEOUT', 'FALLBACK_SUCCESS'], isExecutedInThread: false })
    expect(asked.metrics().pool).toMatchObject({ active: 1, queue: 0 })
    await clock.advance(1_000)
    expect(asked.metrics()).toMatchObject({ concurrent: 0, pool: { active: 0, completed: 1 } })
  })

  it('has room in its queue again while the fallback of one who timed out there runs', async () => {
    const { command, clock } = watched()
    const asked = command({ timeoutMs: 200, threadPool: { coreSize: 1, maxQueueSize: 1 } })
    void asked.outcome({ afterMs: 500, isDeaf: true })
    await clock.advance(50)
    const queued = asked.start({}, { afterMs: 1_000, returns: 'late' })
    await clock.advance(200)
    expect(asked.metrics().pool).toMatchObject({ active: 1, queue: 0 })
    const next = asked.start({ returns: 'next' })
    await clock.advance(200)
    expect(await next.result).toBe('fb')
    await clock.advance(1_000)
    expect(await queued.result).toBe('late')
    expect(next.events).toEqual(['TIMEOUT', 'FALLBACK_SUCCESS'])
  })

  it('gives a thread on whose caller has left in the queue', async () => {
    const { command, clock } = watched()
    const asked = command({ threadPool: { coreSize: 1, maxQueueSize: 10 } })
    const caller = new AbortController()
    void asked.outcome({ afterMs: 100 })
    const left = asked.with({ signal: caller.signal }).start({})
    const next = asked.start({ returns: 'next' })
    caller.abort(boom)
    await expect(left.result).rejects.toBe(boom)
    await clock.advance(100)
    expect(await next.result).toBe('next')
    expect(left).toMatchObject({ events: ['CANCELLED'], isExecutedInThread: false })
    expect(asked.metrics().pool).toMatchObject({ active: 0, queue: 0 })
  })

  it('stays in use by the fallback after a failure, and is free for others after a timeout', async () => {
    const { command, clock } = watched()
    const asked = command({ ...ONE_THREAD, timeoutMs: 100 })
    void asked.outcome({ throws: boom }, { afterMs: 300 })
    await clock.advance(100)
    expect(await asked.execute({})).toBe('fb')
    await clock.advance(200)
    void asked.outcome({ afterMs: 600 }, { afterMs: 300 })
    await clock.advance(150)
    expect(asked.metrics()).toMatchObject({ concurrent: 1, pool: { active: 0 } })
    expect(await asked.execute({})).toBe('ok')
  })

  it.each([undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const)(
    'is in use until deaf work has really ended (%s)',
    async (compat) => {
      const { command, clock } = watched()
      const asked = command({ ...ONE_THREAD, compat, timeoutMs: 100 })
      const slow = asked.start({ afterMs: 300, isDeaf: true })
      await clock.advance(200)
      expect(await slow.result).toBe('fb')
      expect(asked.metrics().pool.active).toBe(1)
      await clock.advance(100)
      expect(asked.metrics().pool.active).toBe(0)
    },
  )

  it('stays in use by a fallback whose caller has left', async () => {
    const { command, clock } = watched()
    const asked = command(ONE_THREAD)
    const caller = new AbortController()
    const result = asked.with({ signal: caller.signal }).execute({ throws: boom }, { afterMs: 300 })
    await clock.advance(100)
    caller.abort(boom)
    await expect(result).rejects.toBe(boom)
    expect(asked.metrics()).toMatchObject({ concurrent: 0, pool: { active: 1 } })
    await clock.advance(200)
    expect(asked.metrics().pool.active).toBe(0)
  })

  it('interrupts work at its timeout, and at the caller’s leave only when told to', async () => {
    const { command, clock } = watched()
    const leave = async (interrupt: boolean): Promise<number> => {
      const name = `interrupt ${String(interrupt)}`
      const properties = { 'execution.isolation.thread.interruptOnFutureCancel': interrupt }
      const asked = command({ name, pool: name, properties })
      const caller = new AbortController()
      const result = asked.with({ signal: caller.signal }).execute({ afterMs: 400 })
      caller.abort(boom)
      await expect(result).rejects.toBe(boom)
      await clock.advance(100)
      return asked.metrics().pool.active
    }
    expect([await leave(false), await leave(true)]).toEqual([1, 0])
  })

  it('follows its properties while it works', async () => {
    const { command } = watched()
    const asked = command(ONE_THREAD)
    asked.update({ threadPool: { coreSize: 3, maximumSize: 5, allowMaximumSizeToDivergeFromCoreSize: true } })
    expect(asked.metrics().pool.limit).toBe(5)
  })
})

describe('a semaphore', () => {
  it('is held until the fallback has ended', async () => {
    const { command, clock } = watched()
    const asked = command(ONE_PERMIT)
    void asked.outcome({ throws: boom }, { afterMs: 300 })
    await clock.advance(100)
    expect(asked.metrics().concurrent).toBe(1)
    expect(await asked.execute({})).toBe('fb')
    await clock.advance(300)
    expect(await asked.execute({})).toBe('ok')
  })

  it('#835 #1345: releases its caller at the timeout, and #1867: not its permit', async () => {
    const { command, clock } = watched()
    const asked = command(ONE_PERMIT)
    const slow = asked.start({ afterMs: 500, isDeaf: true })
    await clock.advance(100)
    expect(await slow.result).toBe('fb')
    await clock.advance(100)
    const next = asked.start({})
    await next.result
    expect(next.events).toEqual(['SEMAPHORE_REJECTED', 'FALLBACK_SUCCESS'])
    await clock.advance(300)
    expect(await asked.execute({})).toBe('ok')
  })

  it('in the lines of Hystrix blocks its caller, and frees the permit at the timeout', async () => {
    const { command, clock } = watched()
    const asked = command({ ...ONE_PERMIT, compat: 'hystrix-1.5.18' })
    let answeredAt = 0
    const slow = asked.start({ afterMs: 500 })
    void slow.result.then(() => (answeredAt = clock.now()))
    await clock.advance(200)
    expect(await asked.execute({})).toBe('ok')
    await clock.advance(400)
    expect([answeredAt, slow.latencyMs]).toEqual([500, 100])
  })
})

it('a semaphore without permits shuts a command off', async () => {
  const { command } = watched()
  const asked = command({
    properties: { ...ONE_PERMIT.properties, 'execution.isolation.semaphore.maxConcurrentRequests': 0 },
  })

  const execution = asked.start({})

  expect(await execution.result).toBe('fb')
  expect(execution.events).toEqual(['SEMAPHORE_REJECTED', 'FALLBACK_SUCCESS'])
})
