/**
 * A command with everything that it may have: a place in a pool, a cache, a rate and a hedge. And pools whose last command
 * has gone.
 */
import { RetryBudget, tripWhen } from '@breakwater/breaker'
import { createCommand } from '@breakwater/command'
import type { Command } from '@breakwater/command'
import { createRuntime, withRequestContext } from '@breakwater/kernel'
import type { Runtime, Work } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing } from '../calls.model.js'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import type { Load } from './leaks.model.js'
import { caller } from './loads.model.js'

failOnWarnings()

const GROUP = 250
const HEDGE_MS = 5

interface World {
  readonly clock: SimClock
  readonly runtime: Runtime
}

const world = (): World => ({ clock: new SimClock(), runtime: createRuntime() })

type Arguments = [work: Work<unknown>, key: string | undefined]
type Whole = Command<Arguments, unknown>

const wholeCommand = ({ clock, runtime }: World): Whole =>
  createCommand({
    ...{ name: 'Whole', group: 'leaks', preset: 'hedged', pool: 'leaks', clock, runtime },
    run: (call, ...[work]: Arguments) => work(call),
    fallback: () => 'instead',
    cacheKey: (_work, key) => key,
    breaker: { trip: tripWhen(() => false) },
    bulkhead: { limit: 2 * GROUP },
    rate: { rate: 1_000_000, queue: { limit: GROUP } },
    retry: false,
    hedge: { delayMs: HEDGE_MS, maxExtraPercent: 1_000, budget: new RetryBudget({ percent: 100 }) },
    fallbackLimit: GROUP,
  })

// Work that lost and does not heed its signal would keep its slot.
const slowAtFirst: Work<unknown> = ({ attempt, signal }) =>
  attempt > 1
    ? 'up'
    : new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })

test.each<[string, Work<unknown>, boolean]>([
  ['is answered', answering, false],
  ['is answered from the cache', answering, true],
  ['is answered by a further attempt', slowAtFirst, false],
  ['fails and is put to the fallback', failing, true],
])('a command with everything keeps nothing of a call that %s', async (_name, work, shares) => {
  const around = world()
  using command = wholeCommand(around)
  let begun = 0

  const load: Load = async (count) => {
    for (let done = 0; done < count; done += GROUP) {
      await withRequestContext(async () => {
        const calls = Array.from({ length: GROUP }, () => {
          const key = shares ? `key ${String(begun++ >> 1)}` : undefined
          return command.with({ signal: caller.signal }).outcome(work, key)
        })
        await around.clock.advance(HEDGE_MS)
        for (const { kind } of await Promise.all(calls)) if (kind !== 'success') throw new Error(kind)
      })
    }
  }

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(command.bulkhead?.snapshot().running).toBe(0)
})

test('a pool that all of its commands have left leaves nothing', async () => {
  const around = world()

  const load: Load = async (count) => {
    for (let life = 0; life < count; life++) {
      const command = wholeCommand(around)
      command.on('execution', () => undefined)
      await command.execute(answering, undefined)
      command.dispose()
    }
  }

  expect(await bytesEach(load, 500)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect([...around.runtime.instruments()]).toHaveLength(0)
})
