/**
 * The bulkhead of nestjs-resilience leaves one subscriber behind for each call that was queued, 200 of 200 (reproduced);
 * cockatiel's timeout left listeners on long-lived signals (connor4312/cockatiel#69, #72, #81, #82).
 */
import { getEventListeners } from 'node:events'
import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { pipeline } from '@breakwater/kernel'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { DOWN } from '../calls.model.js'

test('however calls ended, a long-lived signal has no listeners afterwards, and no timer runs', async () => {
  const clock = new SimClock()
  const { signal } = new AbortController()
  const dependency = createScriptedDependency<string>({
    clock,
    script: (index) =>
      [{ value: 'fine' }, { error: DOWN }, { never: true }, { afterMs: 3, value: 'slow' }][index % 4] ?? {},
  })
  const stack = pipeline(
    new Fallback({ chain: [() => 'instead'], when: ({ kind }) => kind === 'rejected' }),
    new Retry({ maxRetries: 1, backoff: constant({ ms: 2 }), clock }),
    new Bulkhead({ limit: 5, queue: { limit: 100, maxWaitMs: 30 }, clock }),
    new Timeout({ timeoutMs: 10, clock }),
  )

  const ends = Array.from({ length: 200 }, () => stack.outcome(dependency.run, { signal, budgetMs: 60 }))
  expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0)
  await clock.advance(1_000)
  const kinds = new Set((await Promise.all(ends)).map(({ kind }) => kind))

  expect(kinds.size).toBeGreaterThan(1)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
})
