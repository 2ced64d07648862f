/**
 * What keeps nothing alone may do so together: records of one policy point to those of another.
 */
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import { loadOf, WAYS } from './loads.model.js'
import type { Way } from './loads.model.js'
import { stackFor } from './targets.model.js'

failOnWarnings()

test.each(Object.keys(WAYS) as Way[])('a pipeline of all five keeps nothing of a call: %s', async (way) => {
  const clock = new SimClock()

  const load = loadOf(stackFor(way, clock), () => WAYS[way](clock))

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(clock.pending.timers + clock.pending.io + clock.pending.afterPoll).toBe(0)
})
