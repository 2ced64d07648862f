/**
 * Limits keep lines of those who wait, algorithms keep what they have learned, and a hedge has two attempts of one call
 * of which one is dropped: more to forget than other policies have.
 */
import { getEventListeners } from 'node:events'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import { LIMIT_SCENES } from './limits.model.js'
import { caller, loadOf } from './loads.model.js'

failOnWarnings()

test.each(LIMIT_SCENES)('%s', async (_name, make) => {
  const clock = new SimClock()
  const { target, manner } = make(clock)

  expect(await bytesEach(loadOf(target, manner))).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(getEventListeners(caller.signal, 'abort').length).toBe(0)
  expect(clock.pending.timers + clock.pending.io + clock.pending.afterPoll).toBe(0)
})
