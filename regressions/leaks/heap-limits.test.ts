/**
 * Limits keep lines of those who wait, algorithms keep what they have learned, and a hedge has two attempts of one call
 * of which one is dropped: more to forget than other policies have.
 */
import { getEventListeners } from 'node:events'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import { ADAPTIVE_SCENES, HEDGE_SCENES, RATE_SCENES } from './limits.model.js'
import type { MakeScene } from './limits.model.js'
import { caller, loadOf } from './loads.model.js'

failOnWarnings()

const rows = (what: string, scenes: Readonly<Record<string, MakeScene>>): [string, MakeScene][] =>
  Object.entries(scenes).map(([way, make]) => [`${what} that ${way}`, make])

test.each([
  ...rows('a rate limiter keeps nothing of a call', RATE_SCENES),
  ...rows('an adaptive limiter keeps nothing of a call', ADAPTIVE_SCENES),
  ...rows('a hedge keeps nothing of a call', HEDGE_SCENES),
])('%s', async (_name, make) => {
  const clock = new SimClock()
  const { target, manner } = make(clock)

  expect(await bytesEach(loadOf(target, manner))).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(getEventListeners(caller.signal, 'abort').length).toBe(0)
  expect(clock.pending.timers + clock.pending.io + clock.pending.afterPoll).toBe(0)
})
