import { onInternalError, pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Bulkhead } from './bulkhead.js'

const never = (): Promise<never> => new Promise(() => undefined)

/** One slot, which is free as soon as its call has ended. */
function oneSlot(clock: SimClock): Bulkhead {
  return new Bulkhead({ limit: 1, queue: { limit: 5 }, releaseOnTimeout: true, clock })
}

describe('H5: calls that share a signal', () => {
  it.each<[string, (bulkhead: Bulkhead, clock: SimClock) => Policy<unknown>]>([
    ['of one stretch', (bulkhead) => bulkhead],
    ['of a further stretch', (bulkhead, clock) => pipeline(new Bulkhead({ clock }), bulkhead)],
  ])('do not start one after the other when it aborts, in a queue %s', async (_title, policyOf) => {
    const clock = new SimClock()
    const bulkhead = oneSlot(clock)
    const policy = policyOf(bulkhead, clock)
    const aborting = new AbortController()
    const started: number[] = []
    const calls = [1, 2, 3].map((call) =>
      policy.outcome(() => (started.push(call), never()), { signal: aborting.signal }),
    )

    aborting.abort('gone')

    expect(started).toEqual([1])
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ kind: 'cancelled', error: 'gone' })))
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('leave their slots to the others', async () => {
    const clock = new SimClock()
    const bulkhead = oneSlot(clock)
    const aborting = new AbortController()
    const signal = aborting.signal
    void bulkhead.outcome(never, { signal })
    void bulkhead.outcome(never, { signal })
    const other = bulkhead.execute(() => 'served')

    aborting.abort()

    expect(await other).toBe('served')
  })

  it('do not start where one has a signal that does not say why it aborted', async () => {
    const bulkhead = oneSlot(new SimClock())
    const unreadable = new Error('unreadable')
    const { signal } = new AbortController()
    let end = (): void => undefined
    const first = bulkhead.execute(() => new Promise<void>((resolve) => (end = resolve)))
    const second = bulkhead.outcome(() => 'served', { signal })
    const third = bulkhead.execute(() => 'served')
    Object.defineProperty(signal, 'aborted', { value: true })
    Object.defineProperty(signal, 'reason', {
      get: () => {
        throw unreadable
      },
    })

    end()
    await first

    expect(await second).toEqual({ kind: 'cancelled', error: unreadable })
    expect(await third).toBe('served')
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('wait on when their signal cannot be read any more', async () => {
    const bulkhead = oneSlot(new SimClock())
    const { signal } = new AbortController()
    const reported: string[] = []
    onTestFinished(onInternalError((_error, where) => reported.push(where)))
    let end = (): void => undefined
    const first = bulkhead.execute(() => new Promise<void>((resolve) => (end = resolve)))
    const second = bulkhead.execute(() => 'served', { signal })
    Object.defineProperty(signal, 'aborted', {
      get: () => {
        throw new Error('unreadable')
      },
    })

    end()
    await first

    expect(await second).toBe('served')
    expect(bulkhead.snapshot().running).toBe(0)
    expect(reported).toEqual(['signal.aborted'])
  })

  it('do not matter to one that has none, whose time alone is limited', async () => {
    const bulkhead = oneSlot(new SimClock())
    const reported: string[] = []
    onTestFinished(onInternalError((_error, where) => reported.push(where)))
    let end = (): void => undefined
    const first = bulkhead.execute(() => new Promise<void>((resolve) => (end = resolve)))
    const second = bulkhead.execute(() => 'served', { budgetMs: 100 })

    end()
    await first

    expect(await second).toBe('served')
    expect(reported).toEqual([])
  })
})
