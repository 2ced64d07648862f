import { expect, it, vi } from 'vitest'
import { Bulkhead, constant, Hedge, Retry, RetryBudget, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import type { Policy } from '../policy.js'
import { buildRunner, pipeline } from './pipeline.js'
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

it.each([
  ['retry', 'hedge'],
  ['retry', 'timeout', 'bulkhead', 'hedge'],
  ['hedge', 'retry'],
  ['retry', 'timeout', 'retry'],
] as const)(
  'R5: counts a call once for all in a pipeline that share a budget: %s, %s, …',
  async (...kinds) => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 20, minPerSecond: 0 })
    const make: Record<(typeof kinds)[number], () => Policy> = {
      retry: () => new Retry({ budget, backoff: constant({ ms: 10 }), clock }),
      hedge: () => new Hedge({ budget, delayMs: 10, maxExtraPercent: 1_000, clock }),
      timeout: () => new Timeout({ timeoutMs: 1_000, clock }),
      bulkhead: () => new Bulkhead({ clock }),
    }
    const guarded = pipeline(...kinds.map((kind) => make[kind]()))

    for (let call = 0; call < 100; call++) void guarded.outcome(() => Promise.reject(new Error('down')))
    await clock.advance(2_000)

    expect(budget.snapshot()).toEqual({ calls: 100, retries: 20 })
  },
)
