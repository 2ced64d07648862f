/**
 * Caches and batches hold what several calls share, so they have more to forget. A cache without a bound grows with its
 * keys, and a key for each user is a key for each attacker.
 */
import { createCommand } from '@breakwater/command'
import { createCollapser, RequestCache, StaleCache } from '@breakwater/fallback'
import { createRuntime, withRequestContext } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { failing } from '../calls.model.js'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import type { Load } from './leaks.model.js'

failOnWarnings()

const GROUP = 250
const caller = new AbortController()
const answer = (key: string) => () => Promise.resolve({ key })

/** Calls side by side, each with a key that two of them share and nobody ever uses again. */
function sideBySide(call: (key: string, index: number) => Promise<unknown>): Load {
  let begun = 0
  return async (count) => {
    for (let done = 0; done < count; done += GROUP) {
      const calls = Array.from({ length: GROUP }, (_, index) => call(`key ${String(begun++ >> 1)}`, index))
      await Promise.allSettled(calls)
    }
  }
}

test('a process cache keeps no more answers than allowed, however many keys there are', async () => {
  const cache = new RequestCache({ key: () => 'unused', scope: 'process', ttlMs: 60_000, max: 50 })

  const load = sideBySide((key) => cache.load(key, answer(key), { signal: caller.signal }))

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(cache.size).toBeLessThanOrEqual(50)
})

test('a shared run keeps nothing of callers who left it', async () => {
  const cache = new RequestCache({ key: () => 'unused', scope: 'process' })
  const waitForAbort = ({ signal }: { signal: AbortSignal }): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })

  const load = sideBySide((key) => {
    const controller = new AbortController()
    const call = cache.load(key, waitForAbort, { signal: controller.signal })
    queueMicrotask(() => controller.abort(new Error('enough')))
    return call
  })

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(cache.size).toBe(0)
})

test('a request that has ended leaves none of its answers', async () => {
  const cache = new RequestCache({ key: () => 'unused' })

  const load = sideBySide((key) => withRequestContext(() => cache.load(key, answer(key))))

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})

test('a stale cache keeps no more answers than allowed, and nothing of failures', async () => {
  const clock = new SimClock()
  const cache = new StaleCache({ key: () => 'unused', staleMs: 60_000, max: 50, clock })

  const load = sideBySide((key, index) => cache.load(key, index % 3 === 0 ? failing : answer(key)))

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})

test('a collapser keeps nothing of a batch', async () => {
  const clock = new SimClock()
  const collapser = createCollapser({
    batch: (keys: readonly string[]) => Promise.resolve(new Map(keys.map((key) => [key, key]))),
    scope: 'process',
    maxSize: 20,
    clock,
  })

  const load: Load = async (count) => {
    for (let done = 0; done < count; done += GROUP) {
      const calls = Array.from({ length: GROUP }, (_, index) =>
        collapser.load(`key ${String(index >> 1)}`, { signal: caller.signal }),
      )
      await clock.advance(10)
      await Promise.all(calls)
    }
  }

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})

test('a command of the preset hystrix keeps nothing of an execution', async () => {
  const clock = new SimClock()
  const command = createCommand({
    name: 'Leaks',
    preset: 'hystrix',
    clock,
    runtime: createRuntime(),
    properties: { 'circuitBreaker.enabled': false },
    threadPool: { coreSize: GROUP },
    run: (_call, key: string) => (key.endsWith('3') ? failing() : Promise.resolve(key)),
    fallback: () => 'instead',
    cacheKey: (key) => key,
  })

  const load = sideBySide((key) => withRequestContext(() => command.execute(key)))

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  command.dispose()
})
