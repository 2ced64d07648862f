/**
 * Every breaker of opossum 10 keeps two intervals: 5,000 idle ones burn 6.6 % of a core (reproduced), and its statistics
 * grow with the traffic (nodeshift/opossum#648, #799 and #809 are about memory and timers).
 */
import { createHook } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CircuitBreaker, slowCalls } from '@breakwater/breaker'
import { expect, test } from 'vitest'
import { answering, failing, hanging, times } from '../calls.model.js'

const BREAKERS = 10_000
const MAX_BYTES_EACH = 900

/** The kinds of timers that were made meanwhile. */
async function timersMadeBy(run: () => Promise<unknown>): Promise<string[]> {
  const made: string[] = []
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout' || type === 'Immediate') made.push(type)
    },
  }).enable()
  await run()
  hook.disable()
  return made
}

const activeTimers = (): number => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) gc()
}

test('breakers make no timers: closed, failing, or open', async () => {
  const breakers: CircuitBreaker[] = []
  const before = activeTimers()

  const made = await timersMadeBy(async () => {
    for (let count = 0; count < 1_000; count++) {
      const breaker = new CircuitBreaker()
      breakers.push(breaker)
      await breaker.execute(answering)
      await breaker.outcome(failing)
      breaker.openFor(60_000)
    }
  })

  // One immediate may tell a busy process that its turn of the loop is over; it is shared by all.
  expect(made.filter((type) => type === 'Timeout')).toEqual([])
  expect(made.length).toBeLessThanOrEqual(1)
  expect(activeTimers()).toBe(before)
  expect(breakers).toHaveLength(1_000)
})

test('breakers that watch for slow calls share one timer', async () => {
  const before = activeTimers()

  const made = await timersMadeBy(() => {
    for (let count = 0; count < 1_000; count++) {
      const breaker = new CircuitBreaker({ trip: slowCalls({ slowerThanMs: 60_000 }) })
      for (const work of times(3, hanging)) void breaker.execute(work)
    }
    return Promise.resolve()
  })

  expect(made.filter((type) => type === 'Timeout')).toHaveLength(1)
  expect(activeTimers() - before).toBeLessThanOrEqual(1)
})

test('ten thousand breakers that were used once and are idle take less than 900 bytes each', async () => {
  // The code of the first ones is compiled and cached before anything is measured.
  for (let count = 0; count < 2_000; count++) await new CircuitBreaker().execute(answering)
  const breakers = new Array<CircuitBreaker | undefined>(BREAKERS).fill(undefined)
  collectGarbage()
  const before = process.memoryUsage().heapUsed

  for (let index = 0; index < BREAKERS; index++) {
    const breaker = new CircuitBreaker()
    await breaker.execute(answering)
    breakers[index] = breaker
  }
  collectGarbage()

  const bytesEach = (process.memoryUsage().heapUsed - before) / BREAKERS
  expect(breakers[BREAKERS - 1]?.snapshot().successes).toBe(1)
  expect(bytesEach).toBeGreaterThan(100)
  expect(bytesEach).toBeLessThan(MAX_BYTES_EACH)
  console.log(bytesEach)
})

test('a breaker that nobody holds any more is collected', async () => {
  const dropped = times(100, 0).map(() => new WeakRef(new CircuitBreaker()))
  await Promise.all(dropped.map((reference) => reference.deref()?.execute(answering)))
  await new Promise((resolve) => setImmediate(resolve))

  collectGarbage()

  expect(dropped.filter((reference) => reference.deref() !== undefined).length).toBeLessThanOrEqual(1)
})
