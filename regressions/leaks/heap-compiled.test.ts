/**
 * The other measurements are of interpreted code. Here each policy is as users run it: the compiler keeps objects in registers and moves or
 * spares their making, and a leak that only it makes would be seen nowhere else.
 */
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { bytesEachCompiled, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import { LIMIT_SCENES } from './limits.model.js'
import { loadOf, WAYS } from './loads.model.js'
import { SINGLE_POLICIES } from './targets.model.js'

failOnWarnings()

test.each(SINGLE_POLICIES)('a %s keeps nothing of a call: %s', async (_name, way, make) => {
  const clock = new SimClock()

  const load = loadOf(make(way, clock), () => WAYS[way](clock))

  expect(await bytesEachCompiled(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})

test.each(LIMIT_SCENES)('%s', async (_name, make) => {
  const { target, manner } = make(new SimClock())

  expect(await bytesEachCompiled(loadOf(target, manner))).toBeLessThanOrEqual(MAX_BYTES_EACH)
})
