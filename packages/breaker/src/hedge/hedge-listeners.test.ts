import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { Hedge } from './hedge.js'

describe('H6: the slot of a hedged call comes back', () => {
  it.each(['hedge', 'denied'] as const)('when who hears of %s aborts the call', async (event) => {
    const clock = new SimClock()
    const aborting = new AbortController()
    const bulkhead = new Bulkhead({ limit: 1, clock })
    // A lone call has budget for one hedge: the second is denied.
    const hedge = new Hedge({ delayMs: 3, maxHedges: 2, clock })
    hedge.on(event, () => aborting.abort('gone'))
    const failing = (): Promise<never> => Promise.reject(new Error('down'))

    const outcome = pipeline(bulkhead, hedge).outcome(failing, { signal: aborting.signal })
    await clock.advance(100)

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'gone' })
    expect(bulkhead.snapshot().running).toBe(0)
  })
})

it('T6: no attempt begins in the part of a millisecond by which a deadline is late', async () => {
  const clock = new SimClock()
  const hedge = new Hedge({ delayMs: 100, maxHedges: 1, clock })
  const starts: number[] = []
  const failsLate = (attempt: number): Promise<never> => {
    starts.push(attempt)
    return new Promise((_resolve, reject) => clock.io(4.7, () => reject(new Error('down'))))
  }

  const outcome = hedge.outcome(({ attempt }) => failsLate(attempt), { budgetMs: 4.5 })
  await clock.advance(10)

  expect(await outcome).toMatchObject({ kind: 'failure' })
  expect(starts).toEqual([1])
  expect(hedge.counts).toMatchObject({ hedges: 0, denied: 0 })
})

it('another attempt begins in the last millisecond', async () => {
  const clock = new SimClock()
  const hedge = new Hedge({ delayMs: 99, clock })
  const starts: number[] = []

  const outcome = hedge.outcome(({ attempt }) => (starts.push(attempt), new Promise(() => undefined)), {
    budgetMs: 100,
  })
  await clock.advance(100)

  expect(await outcome).toMatchObject({ kind: 'timeout' })
  expect(starts).toEqual([1, 2])
})
