import { createRuntime } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from './bulkhead.js'
import { held } from './held-bulkhead.model.js'

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
