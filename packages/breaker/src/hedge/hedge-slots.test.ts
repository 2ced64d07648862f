import { guard, pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { Retry } from '../retry/retry.js'
import { Hedge } from './hedge.js'

type Between = (clock: SimClock) => Policy<unknown>[]

interface Begun {
  readonly clock: SimClock
  readonly bulkhead: Bulkhead
  readonly outcome: Promise<unknown>
  /** The attempts whose work was started. */
  readonly starts: number[]
  /** End the work that was started last. */
  answer: (value: unknown) => void
  fail: (error: unknown) => void
  abort: () => void
}

/** A call of which one attempt runs, and another waits for the only slot. */
async function begun(between: Between, releaseOnTimeout = false): Promise<Begun> {
  const clock = new SimClock()
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 5 }, releaseOnTimeout, clock })
  const hedge = new Hedge({ delayMs: 10, maxHedges: 1, maxExtraPercent: 1_000, clock })
  const aborting = new AbortController()
  const world = { clock, bulkhead, starts: [], abort: () => aborting.abort() } as unknown as Begun
  const work = ({ attempt }: { readonly attempt: number }): Promise<unknown> => {
    world.starts.push(attempt)
    return new Promise((resolve, reject) => Object.assign(world, { answer: resolve, fail: reject }))
  }
  const outcome = pipeline(hedge, ...between(clock), bulkhead).outcome(work, { signal: aborting.signal })
  await clock.advance(15)
  expect(bulkhead.snapshot()).toMatchObject({ running: 1, queued: 1 })
  return Object.assign(world, { outcome })
}

describe('an attempt beside another that waits for its slot', () => {
  const shapes: [string, Between][] = [
    ['next to the hedge', () => []],
    ['in a further stretch', (clock) => [new Bulkhead({ clock })]],
    ['of a hedge inside', (clock) => [new Hedge({ delayMs: 1_000, clock })]],
  ]

  describe.each(shapes)('%s', (_title, between) => {
    it.each(['answer', 'abort'] as const)('does not start by the %s of their call', async (how) => {
      const world = await begun(between, how === 'abort')

      world[how]('done')
      await world.clock.flush()

      expect(world.starts).toEqual([1])
      expect(world.bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
    })
  })

  it('starts after an answer that is to be had again', async () => {
    const backoff = constant({ ms: 1 })
    const retryOnResult = (value: unknown): boolean => value === 'not yet'
    const world = await begun((clock) => [new Retry({ backoff, retryOnResult, clock })])

    world.answer('not yet')
    await world.clock.advance(5)
    expect(world.starts).toEqual([1, 2])
    world.answer('done')

    expect(await world.outcome).toEqual({ kind: 'success', value: 'done' })
  })

  it('starts after a failure of which a guard hears', async () => {
    const world = await begun(() => [guard({ enter: () => undefined, exit: () => undefined })])

    world.fail(new Error('down'))
    await world.clock.flush()
    expect(world.starts).toEqual([1, 2])
    world.answer('done')

    expect(await world.outcome).toEqual({ kind: 'success', value: 'done' })
  })
})
