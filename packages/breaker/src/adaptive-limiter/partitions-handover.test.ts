import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimiter } from './adaptive-limiter.js'

const never = (): Promise<never> => new Promise(() => undefined)

describe('H4: with shares', () => {
  type Call = (name: string, work?: () => unknown) => void

  /** Two slots, half of them for each kind; calls of these kinds have come. */
  async function crowded(names: readonly string[]): Promise<{
    limiter: AdaptiveLimiter
    clock: SimClock
    started: string[]
    ends: (() => void)[]
    call: Call
  }> {
    const clock = new SimClock()
    let kind = ''
    const partitions = { by: () => kind, percents: { live: 50, batch: 50 } }
    const queue = { limit: 9 }
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 2, min: 2, partitions, queue, clock })
    const [started, ends]: [string[], (() => void)[]] = [[], []]
    const ending = (): Promise<void> => new Promise((resolve) => ends.push(resolve))
    const call: Call = (name, work = ending) => {
      kind = name
      void limiter.outcome(() => (started.push(name), work()))
    }
    for (const name of names) call(name)
    await clock.flush()
    return { limiter, clock, started, ends, call }
  }

  it('who came while another got a slot has his share at once', async () => {
    const { limiter, clock, started, ends, call } = await crowded(['live', 'live'])
    call('live', () => (call('batch'), never()))
    call('live')

    ends[0]?.()
    await clock.flush()

    expect(started).toEqual(['live', 'live', 'live', 'batch'])
    expect(limiter.snapshot()).toMatchObject({ running: 3, queued: 1 })
  })

  it('who came while others got slots is let in below the limit, beyond his share too', async () => {
    const { limiter, started, call } = await crowded(['other', 'batch', 'live', 'live'])
    call('batch', () => (call('other'), never()))
    call('batch')

    limiter.update({ min: 9, max: 9 })

    expect(started).toEqual(['other', 'batch', 'live', 'live', 'batch', 'batch', 'other'])
    expect(limiter.snapshot()).toMatchObject({ running: 7, queued: 0 })
  })

  it('a slot that is freed goes on to the next, also after shares have grown', async () => {
    const { limiter, clock, started, ends, call } = await crowded(['batch', 'batch', 'live', 'live'])
    limiter.update({ min: 3 })
    call('live')
    await clock.flush()

    ends[2]?.()
    await clock.flush()

    expect(started).toEqual(['batch', 'batch', 'live', 'live', 'live'])
    expect(limiter.snapshot()).toMatchObject({ running: 4, queued: 0 })
  })

  it('nobody is let in by an update that gives no room', async () => {
    const { limiter } = await crowded(['live', 'batch', 'live'])

    limiter.update({ queue: { limit: 8 } })

    expect(limiter.snapshot()).toMatchObject({ running: 2, queued: 1 })
  })
})
