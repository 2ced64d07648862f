import { onInternalError, pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Hedge } from '../hedge/hedge.js'
import { Timeout } from '../timeout/timeout.js'
import { Bulkhead } from './bulkhead.js'

const never = (): Promise<never> => new Promise(() => undefined)

/** One slot, which is free as soon as its call has ended. */
function oneSlot(clock: SimClock): Bulkhead {
  return new Bulkhead({ limit: 1, queue: { limit: 5 }, releaseOnTimeout: true, clock })
}

describe('H5: calls that share a signal', () => {
  it.each<[string, (bulkhead: Bulkhead, clock: SimClock) => Policy<unknown>]>([
    ['of one stretch', (bulkhead) => bulkhead],
    [
      'of a further stretch',
      (bulkhead, clock) => pipeline(new Timeout({ timeoutMs: 1_000, clock }), bulkhead),
    ],
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
})

describe('an attempt beside another that waits for its slot', () => {
  const begun = (
    clock: SimClock,
    releaseOnTimeout: boolean,
  ): { starts: number[]; end: () => void; abort: () => void; bulkhead: Bulkhead } => {
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 5 }, releaseOnTimeout, clock })
    const hedge = new Hedge({ delayMs: 10, maxHedges: 2, maxExtraPercent: 1_000, clock })
    const aborting = new AbortController()
    const starts: number[] = []
    let end = (): void => undefined
    void pipeline(hedge, bulkhead).outcome(
      ({ attempt }) => (starts.push(attempt), new Promise<void>((resolve) => (end = resolve))),
      { signal: aborting.signal },
    )
    return { starts, end: () => end(), abort: () => aborting.abort(), bulkhead }
  }

  it.each(['end', 'abort'] as const)('does not start by the %s of their call', async (how) => {
    const clock = new SimClock()
    const world = begun(clock, how === 'abort')
    await clock.advance(15)
    expect(world.bulkhead.snapshot()).toMatchObject({ running: 1, queued: 1 })

    world[how]()
    await clock.flush()

    expect(world.starts).toEqual([1])
    expect(world.bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })
})
