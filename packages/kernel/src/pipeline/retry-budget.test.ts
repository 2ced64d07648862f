import { expect, it, vi } from 'vitest'
import { SimClock } from '@breakwater/testing'
import { buildRunner } from './pipeline.js'
import type { RetryPart, Stage } from './stage.js'

it.each([
  ['with a budget', {}, [[1_000]]],
  ['without one', undefined, []],
] as const)('a retry %s is told of a call only to count it', async (_, budget, heard) => {
  const called = vi.fn<RetryPart['called']>()
  const part: RetryPart = {
    budget,
    called,
    judgesResults: false,
    wants: () => false,
    delayMs: () => undefined,
    ended: () => undefined,
  }
  const clock = new SimClock({ startMs: 1_000 })
  const stage: Stage = { slot: 'retry', part, clock, describe: () => ({ kind: 'retry' }) }

  await expect(buildRunner([stage], 'users').execute(() => 1, undefined)).resolves.toBe(1)

  expect(called.mock.calls).toEqual(heard)
})
