import { AdaptiveLimiter, Bulkhead, CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { renderPrometheus } from './render-prometheus.js'
import { parseText, valueOf } from './strict-parser.model.js'

test('shows the life of a real breaker', async () => {
  const runtime = createRuntime()
  const clock = new SimClock()
  using breaker = new CircuitBreaker({
    name: 'users',
    group: 'edge',
    runtime,
    clock,
    openMs: 5_000,
    trip: consecutiveFailures(2),
  })
  const fail = (): Promise<never> => Promise.reject(new Error('down'))

  await clock.advance(30_000)
  for (let call = 0; call < 5; call++) await breaker.outcome(fail)
  await clock.advance(5_000)
  await breaker.outcome(fail)
  await clock.advance(1_000)

  const families = parseText(renderPrometheus({ runtime }))
  const shown = (name: string, labels: Record<string, string> = {}): number | undefined =>
    valueOf(families, `breakwater_circuit_breaker_${name}`, { command: 'users', group: 'edge', ...labels })
  expect(shown('state', { state: 'open' })).toBe(1)
  expect(shown('state_seconds_total', { state: 'closed' })).toBe(30)
  expect(shown('state_seconds_total', { state: 'open' })).toBe(6)
  expect(shown('transitions_total', { from: 'closed', to: 'open' })).toBe(1)
  expect(shown('transitions_total', { from: 'half_open', to: 'open' })).toBe(1)
  expect(shown('probes_total', { outcome: 'failure' })).toBe(1)
  expect(shown('rejections_total')).toBe(3)
  expect(shown('sleep_window_seconds')).toBe(5)
  expect(shown('last_transition_timestamp_seconds')).toBe((clock.epochNow() - 1_000) / 1000)
})

test('shows who runs, waits and was refused in a real bulkhead', async () => {
  const runtime = createRuntime()
  const clock = new SimClock()
  using bulkhead = new Bulkhead({ name: 'pool', runtime, clock, limit: 1, queue: { limit: 1 } })
  const finish: (() => void)[] = []
  const work = (): Promise<void> => new Promise((resolve) => finish.push(resolve))

  const calls = [bulkhead.outcome(work), bulkhead.outcome(work), bulkhead.outcome(work)]
  await clock.advance(40)
  const busy = parseText(renderPrometheus({ runtime }))
  finish[0]?.()
  await calls[0]
  const after = parseText(renderPrometheus({ runtime }))
  finish[1]?.()
  await Promise.all(calls)

  const pool = { bulkhead: 'pool', kind: 'semaphore' }
  expect(valueOf(busy, 'breakwater_bulkhead_active', pool)).toBe(1)
  expect(valueOf(busy, 'breakwater_bulkhead_limit', pool)).toBe(1)
  expect(valueOf(busy, 'breakwater_bulkhead_queue_size', pool)).toBe(1)
  expect(valueOf(busy, 'breakwater_bulkhead_rejections_total', { ...pool, reason: 'queue_full' })).toBe(1)
  expect(valueOf(after, 'breakwater_bulkhead_queue_wait_seconds_count', pool)).toBe(1)
  expect(valueOf(after, 'breakwater_bulkhead_queue_wait_seconds_sum', pool)).toBe(0.04)
})

test('forgets a policy that is disposed of', () => {
  const runtime = createRuntime()
  const breaker = new CircuitBreaker({ name: 'users', runtime })
  const before = renderPrometheus({ runtime })

  breaker.dispose()

  expect(before).toContain('command="users"')
  expect(renderPrometheus({ runtime })).not.toContain('command="users"')
})

test('shows the limits that adaptive limiters of one name have found, and the lowest latency of all', () => {
  const runtime = createRuntime()
  const limiters = [5, 3].map(
    (noLoadMs) =>
      new AdaptiveLimiter({ algorithm: 'vegas', initial: 7, vegas: { noLoadMs }, name: 'pool', runtime }),
  )
  const gradient = new AdaptiveLimiter({ name: 'other', runtime })

  const families = parseText(renderPrometheus({ runtime }))

  const [pool, other] = ['pool', 'other'].map((bulkhead) => ({ bulkhead, kind: 'semaphore' }))
  expect(valueOf(families, 'breakwater_concurrency_limit', pool ?? {})).toBe(14)
  expect(valueOf(families, 'breakwater_concurrency_min_rtt_seconds', pool ?? {})).toBe(0.003)
  expect(valueOf(families, 'breakwater_concurrency_limit', other ?? {})).toBe(20)
  expect(valueOf(families, 'breakwater_concurrency_min_rtt_seconds', other ?? {})).toBeUndefined()
  for (const limiter of [...limiters, gradient]) limiter.dispose()
})
