import { createRuntime, MAX_INSTRUMENTS, onInternalError } from '@breakwater/kernel'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { executions, fakeBreaker, fakeBulkhead, fakeCommand, latencies } from './fake-instruments.model.js'
import { renderPrometheus } from './render-prometheus.js'
import { parseText, valueOf } from './strict-parser.model.js'

const heard = vi.fn()
let stopListening: () => void
beforeEach(() => {
  heard.mockClear()
  stopListening = onInternalError(heard)
})
afterEach(() => {
  stopListening()
})

const success = (page: string, command: string): number | undefined =>
  valueOf(parseText(page), 'breakwater_command_executions_total', { command, outcome: 'success' })

test('sums names above the limit up in one series, counts them, and warns once', () => {
  const runtime = createRuntime()
  for (const [index, name] of ['a', 'b', 'c', 'd'].entries())
    fakeCommand(runtime, { name }, { executions: executions({ success: 10 ** index }) })
  fakeBreaker(runtime, { name: 'd' }, { rejections: 7 })
  fakeBulkhead(runtime, { name: 'd' }, { active: 2 })

  const page = renderPrometheus({ runtime, maxCommands: 2 })
  renderPrometheus({ runtime, maxCommands: 2 })

  expect(['a', 'b', 'c', 'd', '__other__'].map((name) => success(page, name))).toEqual([
    1,
    10,
    undefined,
    undefined,
    1100,
  ])
  const families = parseText(page)
  expect(valueOf(families, 'breakwater_circuit_breaker_rejections_total', { command: '__other__' })).toBe(7)
  expect(valueOf(families, 'breakwater_bulkhead_active', { bulkhead: '__other__', kind: 'semaphore' })).toBe(
    2,
  )
  expect(valueOf(families, 'breakwater_metrics_dropped_series_total', {})).toBe(4)
  expect(heard).toHaveBeenCalledTimes(1)
})

test('counts a name with its group, and a command with its breaker as one', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'a', group: 'x' })
  fakeBreaker(runtime, { name: 'a', group: 'x' })
  fakeBulkhead(runtime, { name: 'a', group: 'x' })
  fakeCommand(runtime, { name: 'a', group: 'y' })

  const page = renderPrometheus({ runtime, maxCommands: 1 })

  expect(
    valueOf(parseText(page), 'breakwater_circuit_breaker_rejections_total', { command: 'a', group: 'x' }),
  ).toBe(0)
  expect(valueOf(parseText(page), 'breakwater_metrics_dropped_series_total', {})).toBe(1)
})

test('does not take two names for one because of a comma', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'a,b', group: 'c' }, { inFlight: 1 })
  fakeCommand(runtime, { name: 'a', group: 'b,c' }, { inFlight: 2 })

  const families = parseText(renderPrometheus({ runtime, maxCommands: 1 }))

  const inFlight = 'breakwater_command_concurrent_executions'
  expect(valueOf(families, inFlight, { command: 'a,b', group: 'c' })).toBe(1)
  expect(valueOf(families, inFlight, { command: '__other__' })).toBe(2)
})

test('shows 500 names by default', () => {
  const runtime = createRuntime()
  for (let index = 0; index < 502; index++) fakeBulkhead(runtime, { name: String(index) }, { active: 1 })

  const families = parseText(renderPrometheus({ runtime }))

  expect(families.find(({ name }) => name === 'breakwater_bulkhead_active')?.samples).toHaveLength(501)
  expect(valueOf(families, 'breakwater_bulkhead_active', { bulkhead: '__other__', kind: 'semaphore' })).toBe(
    2,
  )
})

test('keeps a name in the sum until it is gone, so that the sum never falls', () => {
  const runtime = createRuntime()
  const first = fakeCommand(runtime, { name: 'first' })
  const second = fakeCommand(runtime, { name: 'second' }, { executions: executions({ success: 5 }) })
  const options = { runtime, maxCommands: 1 }
  renderPrometheus(options)

  first.dispose()
  const withPlace = renderPrometheus(options)
  second.dispose()
  fakeCommand(runtime, { name: 'second' }, { executions: executions({ success: 2 }) })
  const anew = renderPrometheus(options)

  expect([success(withPlace, '__other__'), success(withPlace, 'second')]).toEqual([5, undefined])
  expect([success(anew, '__other__'), success(anew, 'second')]).toEqual([5, 2])
})

test('gives the places of a runtime that was disposed of to those who come after', () => {
  const runtime = createRuntime()
  const options = { runtime, maxCommands: 1 }
  fakeCommand(runtime, { name: 'before' }, { executions: executions({ success: 5 }) })
  renderPrometheus(options)

  runtime.dispose()
  fakeCommand(runtime, { name: 'after' }, { executions: executions({ success: 2 }) })
  const page = renderPrometheus(options)

  expect(['before', 'after', '__other__'].map((name) => success(page, name))).toEqual([
    undefined,
    2,
    undefined,
  ])
})

test('gives the sum no bucket bounds of its own', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'a' })
  for (const timeoutMs of [111, 222])
    fakeCommand(runtime, { name: `slow ${String(timeoutMs)}` }, { timeoutMs, latency: latencies(1) })

  const page = renderPrometheus({ runtime, maxCommands: 1, buckets: [1] })

  const buckets = page.split('\n').filter((line) => /duration_seconds_bucket.*__other__/.test(line))
  expect(buckets).toEqual([
    'breakwater_command_duration_seconds_bucket{command="__other__",le="1"} 2',
    'breakwater_command_duration_seconds_bucket{command="__other__",le="+Inf"} 2',
  ])
})

test('counts what the runtime refused, too', () => {
  const runtime = createRuntime()
  for (let index = 0; index < MAX_INSTRUMENTS + 3; index++) fakeBulkhead(runtime, { name: 'same' })

  const page = renderPrometheus({ runtime })

  expect(page).toContain('breakwater_metrics_dropped_series_total 3\n')
})
