/**
 * A breaker of opossum 10 takes almost 7 kB, and its statistics grow with the traffic (nodeshift/opossum#648 and #799).
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CircuitBreaker } from '@breakwater/breaker'
import { expect, test } from 'vitest'
import { answering, failing, times } from '../calls.model.js'

const BREAKERS = 10_000
const MAX_BYTES_EACH = 900

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) gc()
}

test('ten thousand breakers that were used once and are idle take less than 900 bytes each', async () => {
  // The code of the first ones is compiled and cached before anything is measured.
  for (let count = 0; count < 2_000; count++) await new CircuitBreaker().execute(answering)
  const bytesEach: number[] = []
  const kept: CircuitBreaker[][] = []

  // What else the process does meanwhile can only add to the number, so the smallest of a few is the truth.
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    const breakers: CircuitBreaker[] = []
    for (let index = 0; index < BREAKERS; index++) {
      const breaker = new CircuitBreaker()
      await breaker.execute(answering)
      breakers.push(breaker)
    }
    collectGarbage()
    bytesEach.push((process.memoryUsage().heapUsed - before) / BREAKERS)
    kept.push(breakers)
  }

  expect(kept.flat().every((breaker) => breaker.snapshot().successes === 1)).toBe(true)
  expect(Math.min(...bytesEach)).toBeGreaterThan(100)
  expect(Math.min(...bytesEach)).toBeLessThan(MAX_BYTES_EACH)
})

test('a breaker that nobody holds any more is collected', async () => {
  const dropped = times(100, 0).map(() => new WeakRef(new CircuitBreaker()))
  for (const reference of dropped) await reference.deref()?.execute(answering)
  await new Promise((resolve) => setImmediate(resolve))

  collectGarbage()

  expect(dropped.filter((reference) => reference.deref() !== undefined).length).toBeLessThanOrEqual(1)
})

test('B12: refusals leave nothing behind, however many there are', { timeout: 60_000 }, async () => {
  const breaker = new CircuitBreaker()
  await breaker.outcome(failing)
  breaker.openFor(600_000)
  let thrown = 0
  const refuse = async (count: number): Promise<void> => {
    for (let call = 0; call < count; call++) {
      await breaker.execute(answering).catch(() => undefined)
      breaker.tryAcquire()
      try {
        breaker.executeSync(() => 'up')
      } catch {
        thrown++
      }
    }
  }
  const bytesEach: number[] = []

  for (let round = 0; round < 12; round++) {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    await refuse(10_000)
    collectGarbage()
    bytesEach.push((process.memoryUsage().heapUsed - before) / 30_000)
  }

  expect(thrown).toBe(120_000)
  expect(breaker.snapshot().rejections).toBe(360_000)
  expect(Math.min(...bytesEach)).toBeLessThan(1)
})
