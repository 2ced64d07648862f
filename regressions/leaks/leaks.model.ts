/** How leaks are seen: the slope of the heap, what is still alive, and what the process complains about. For tests only. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, vi } from 'vitest'

/** Runs so many operations. */
export type Load = (count: number) => Promise<unknown>

export const MAX_BYTES_EACH = 0.5
const OBJECT_SPACES = ['new_space', 'old_space', 'large_object_space', 'new_large_object_space']
const SAMPLES = 9
const TRIES = 3

// On a busy machine a measurement may take much longer than a test usually may.
vi.setConfig({ testTimeout: 60_000 })

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** A turn of the loop first: until then, what a job made or looked at is held by the engine itself. */
async function collectGarbage(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    gc()
  }
}

/**
 * Bytes that each operation leaves behind. Compiled code comes and goes on the same heap, many times as much as is looked for: from the first
 * call on, this process only interprets.
 */
export function bytesEach(load: Load, perSample = 1_500): Promise<number> {
  for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-flush-bytecode'])
    setFlagsFromString(flag)
  return slopeUnder(load, perSample, () => process.memoryUsage().heapUsed)
}

/** The same of code that is compiled, as it is for users; counted are the spaces that hold no code. */
export function bytesEachCompiled(load: Load): Promise<number> {
  return slopeUnder(load, 5_000, objectBytes)
}

/**
 * What the process does beside the operations makes a step now and then, which weighs less the longer one looks; a leak
 * goes on. So samples are added until it looks flat, or there are enough. With `SHOW_SLOPES` in the environment, what was
 * found is printed.
 */
async function slopeUnder(load: Load, perSample: number, heapBytes: () => number): Promise<number> {
  // Compiles the code, fills the caches and lets arrays grow to the size that they keep.
  await load(perSample)
  await load(perSample)
  const samples: number[] = []
  let slope = Infinity
  while (slope > MAX_BYTES_EACH && samples.length < TRIES * SAMPLES) {
    for (let sample = 0; sample < SAMPLES; sample++) {
      await load(perSample)
      await collectGarbage()
      samples.push(heapBytes())
    }
    slope = slopeOf(samples) / perSample
  }
  if (process.env['SHOW_SLOPES'] !== undefined) console.log(expect.getState().currentTestName, slope)
  return slope
}

function objectBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => OBJECT_SPACES.includes(name))
  return spaces.reduce((sum, { space_used_size: size }) => sum + size, 0)
}

/** Least squares over samples at 0, 1, 2, … */
function slopeOf(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length
  let products = 0
  let squares = 0
  for (const [index, value] of samples.entries()) {
    products += (index - middle) * (value - mean)
    squares += (index - middle) ** 2
  }
  return products / squares
}

/** How many of these are still alive after a garbage collection. */
export async function aliveOf(references: readonly WeakRef<object>[]): Promise<number> {
  await collectGarbage()
  return references.filter((reference) => reference.deref() !== undefined).length
}

/** Whatever the process warns of while the tests of a file run is a failure. */
export function failOnWarnings(): void {
  const warnings: string[] = []
  const note = ({ name, message }: Error): void => {
    warnings.push(`${name}: ${message}`)
  }
  beforeAll(() => {
    process.on('warning', note)
  })
  afterAll(async () => {
    // Warnings are told on a later tick.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })
}
