import { createRuntime, LatencyHistogram, onInternalError } from '@breakwater/kernel'
import type { Instrument } from '@breakwater/kernel'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  executions,
  fakeBreaker,
  fakeBulkhead,
  fakeCommand,
  latencies,
  quietBreaker,
} from './fake-instruments.model.js'
import { renderPrometheus } from './render-prometheus.js'
import { parseText, valueOf } from './strict-parser.model.js'
import type { ParsedFamily } from './strict-parser.model.js'

const heard = vi.fn()
let stopListening: () => void
beforeEach(() => {
  heard.mockClear()
  stopListening = onInternalError(heard)
})
afterEach(() => {
  stopListening()
})

const command = { command: 'x' }
const read = (runtime: ReturnType<typeof createRuntime>, buckets = [0.1, 1]): ParsedFamily[] =>
  parseText(renderPrometheus({ runtime, buckets }))

test('adds the counters and histograms of two commands with one name', () => {
  const runtime = createRuntime()
  fakeCommand(
    runtime,
    { name: 'x' },
    { executions: executions({ success: 3 }), latency: latencies(50, 500), timeoutMs: 200 },
  )
  fakeCommand(
    runtime,
    { name: 'x' },
    { executions: executions({ success: 4 }), latency: latencies(5_000), timeoutMs: 300 },
  )

  read(runtime)
  const families = read(runtime)

  expect(valueOf(families, 'breakwater_command_executions_total', { ...command, outcome: 'success' })).toBe(7)
  expect(valueOf(families, 'breakwater_command_duration_seconds_count', command)).toBe(3)
  expect(valueOf(families, 'breakwater_command_duration_seconds_sum', command)).toBe(5.55)
  expect(valueOf(families, 'breakwater_command_duration_seconds_bucket', { ...command, le: '1' })).toBe(2)
  expect(valueOf(families, 'breakwater_command_duration_seconds_bucket', { ...command, le: '0.3' })).toBe(1)
  expect(valueOf(families, 'breakwater_command_timeout_seconds', command)).toBe(0.3)
})

test('counts breakers by state, takes the larger threshold, and weighs error ratios by calls', () => {
  const runtime = createRuntime()
  fakeBreaker(
    runtime,
    { name: 'x' },
    {
      state: 'open',
      window: { requests: 30, errorRatio: 0.8 },
      errorThresholdRatio: 0.5,
      lastTransitionAt: 9_000,
      transitions: [{ from: 'closed', to: 'open', count: 2 }],
    },
  )
  fakeBreaker(
    runtime,
    { name: 'x' },
    {
      state: 'closed',
      window: { requests: 10, errorRatio: 0.4 },
      errorThresholdRatio: 0.6,
      lastTransitionAt: 4_000,
      transitions: [
        { from: 'closed', to: 'open', count: 3 },
        { from: 'closed', to: 'disabled', count: 1 },
      ],
    },
  )
  fakeBreaker(runtime, { name: 'x' })

  const families = read(runtime)

  const state = (name: string): number | undefined =>
    valueOf(families, 'breakwater_circuit_breaker_state', { ...command, state: name })
  expect([state('open'), state('closed'), state('half_open')]).toEqual([1, 2, 0])
  expect(valueOf(families, 'breakwater_circuit_breaker_window_error_ratio', command)).toBeCloseTo(0.7, 12)
  expect(valueOf(families, 'breakwater_circuit_breaker_window_requests', command)).toBe(40)
  expect(valueOf(families, 'breakwater_circuit_breaker_error_threshold_ratio', command)).toBe(0.6)
  expect(valueOf(families, 'breakwater_circuit_breaker_last_transition_timestamp_seconds', command)).toBe(9)
  const edge = (from: string, to: string): number | undefined =>
    valueOf(families, 'breakwater_circuit_breaker_transitions_total', { ...command, from, to })
  expect([edge('closed', 'open'), edge('closed', 'disabled'), edge('open', 'half_open')]).toEqual([5, 1, 0])
})

test('shows a ratio of two idle breakers as zero', () => {
  const runtime = createRuntime()
  fakeBreaker(runtime, { name: 'x' })
  fakeBreaker(runtime, { name: 'x' })

  expect(valueOf(read(runtime), 'breakwater_circuit_breaker_window_error_ratio', command)).toBe(0)
})

test('adds the limits of bulkheads as it adds what is in them', () => {
  const runtime = createRuntime()
  fakeBulkhead(runtime, { name: 'x', group: 'a' }, { active: 2, limit: 10 })
  fakeBulkhead(runtime, { name: 'x', group: 'b' }, { active: 3, limit: 20 })

  const families = read(runtime)

  const labels = { bulkhead: 'x', kind: 'semaphore' }
  expect(valueOf(families, 'breakwater_bulkhead_active', labels)).toBe(5)
  expect(valueOf(families, 'breakwater_bulkhead_limit', labels)).toBe(30)
})

test('removes the series of what is disposed of, and begins anew with a new one', () => {
  const runtime = createRuntime()
  const old = fakeCommand(runtime, { name: 'x' }, { executions: executions({ success: 3 }) })
  const success = { ...command, outcome: 'success' }
  const before = valueOf(read(runtime), 'breakwater_command_executions_total', success)

  old.dispose()
  const without = valueOf(read(runtime), 'breakwater_command_executions_total', success)
  fakeCommand(runtime, { name: 'x' }, { executions: executions({ success: 1 }) })

  expect([before, without, valueOf(read(runtime), 'breakwater_command_executions_total', success)]).toEqual([
    3,
    undefined,
    1,
  ])
})

test('keeps the counts of a namesake that is gone, but not its gauges', () => {
  const runtime = createRuntime()
  const latency = latencies(50)
  const gone = fakeCommand(
    runtime,
    { name: 'x' },
    { executions: executions({ success: 3 }), inFlight: 2, latency },
  )
  fakeCommand(runtime, { name: 'x' }, { executions: executions({ success: 4 }), inFlight: 1 })
  read(runtime)
  read(runtime)

  gone.reading.executions = executions({ success: 10 })
  gone.dispose()
  latency.record(50)
  const families = read(runtime)

  expect(valueOf(families, 'breakwater_command_executions_total', { ...command, outcome: 'success' })).toBe(
    14,
  )
  expect(valueOf(families, 'breakwater_command_duration_seconds_count', command)).toBe(1)
  expect(valueOf(families, 'breakwater_command_concurrent_executions', command)).toBe(1)
})

test('lets no sum of fractions go back by a last digit when one of three namesakes leaves', () => {
  const runtime = createRuntime()
  const times = [0.1, 0.2, 0.4]
  const { stateMs } = quietBreaker()
  const leaving = times.flatMap((ms) => [
    fakeBreaker(runtime, { name: 'x' }, { stateMs: { ...stateMs, open: ms } }),
    fakeCommand(runtime, { name: 'x' }, { latency: latencies(ms) }),
  ])
  const sums = (): (number | undefined)[] => {
    const families = read(runtime)
    const open = { ...command, state: 'open' }
    return [
      valueOf(families, 'breakwater_circuit_breaker_state_seconds_total', open),
      valueOf(families, 'breakwater_command_duration_seconds_sum', command),
    ]
  }
  const before = sums()

  // As they are rounded, 0.4 + 0.1 + 0.2 is less than 0.1 + 0.2 + 0.4.
  for (const fake of leaving.slice(-2)) fake.dispose()

  expect(sums()).toEqual(before)
  for (const sum of before) expect(sum).toBeCloseTo(0.0007, 5)
})

test('counts a namesake that came and went between two pages', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'x' })
  read(runtime)

  fakeCommand(runtime, { name: 'x' }, { executions: executions({ success: 3 }) }).dispose()

  expect(
    valueOf(read(runtime), 'breakwater_command_executions_total', { ...command, outcome: 'success' }),
  ).toBe(3)
})

test('goes on with the count of one that made way for a namesake between two pages', () => {
  const runtime = createRuntime()
  const old = fakeCommand(runtime, { name: 'x' }, { executions: executions({ success: 3 }) })
  read(runtime)

  fakeCommand(runtime, { name: 'x' }, { executions: executions({ success: 1 }) })
  old.dispose()

  expect(
    valueOf(read(runtime), 'breakwater_command_executions_total', { ...command, outcome: 'success' }),
  ).toBe(4)
})

test('forgets everything when the runtime is disposed of', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'x' })
  read(runtime)

  runtime.dispose()

  expect(read(runtime).map(({ name }) => name)).toEqual([
    'breakwater_metrics_collect_duration_seconds',
    'breakwater_metrics_collect_errors_total',
    'breakwater_metrics_dropped_series_total',
    'breakwater_build_info',
  ])
})

test('shows the last good numbers of an instrument that throws, and counts that', () => {
  const runtime = createRuntime()
  const broken = fakeCommand(runtime, { name: 'x' }, { executions: executions({ success: 3 }) })
  fakeCommand(runtime, { name: 'healthy' }, { inFlight: 1 })
  read(runtime)

  Object.defineProperty(broken, 'reading', {
    get: () => {
      throw new Error('broken')
    },
  })
  const families = read(runtime)

  expect(valueOf(families, 'breakwater_command_executions_total', { ...command, outcome: 'success' })).toBe(3)
  expect(valueOf(families, 'breakwater_command_concurrent_executions', { command: 'healthy' })).toBe(1)
  expect(valueOf(families, 'breakwater_metrics_collect_errors_total', {})).toBe(1)
  expect(heard).toHaveBeenCalledWith(
    expect.objectContaining({ message: 'broken' }),
    'metrics: reading an instrument',
  )
})

const malformed: [string, object][] = [
  ['nothing', {}],
  ['a number that is none', { inFlight: NaN }],
  ['an outcome that is no number', { executions: { ...executions(), success: '3' } }],
  ['a map where a number belongs', { exceptionsThrown: {} }],
  ['a number where a map belongs', { fallbacks: 3 }],
  ['a histogram that is none', { latency: {} }],
]

test.each(malformed)('leaves out an instrument that has %s, and nothing else', (what, reading) => {
  const runtime = createRuntime()
  const fake = fakeCommand(runtime, { name: 'x' })
  fakeCommand(runtime, { name: 'healthy' }, { inFlight: 1 })
  fake.reading = (what === 'nothing' ? reading : { ...fake.reading, ...reading }) as never

  const families = read(runtime)

  expect(
    families.flatMap(({ samples }) => samples).filter(({ labels }) => labels['command'] === 'x'),
  ).toEqual([])
  expect(valueOf(families, 'breakwater_command_concurrent_executions', { command: 'healthy' })).toBe(1)
  expect(valueOf(families, 'breakwater_metrics_collect_errors_total', {})).toBe(1)
})

test('leaves out a histogram that cannot be asked, and counts that in the next page', () => {
  const runtime = createRuntime()
  const latency = Object.assign(new LatencyHistogram(), {
    bucketCounts: () => {
      throw new Error('broken')
    },
  })
  fakeCommand(runtime, { name: 'x' }, { latency, inFlight: 1 })

  const first = read(runtime)

  expect(valueOf(first, 'breakwater_command_concurrent_executions', command)).toBe(1)
  expect(valueOf(first, 'breakwater_command_duration_seconds_count', command)).toBeUndefined()
  expect(valueOf(read(runtime), 'breakwater_metrics_collect_errors_total', {})).toBe(1)
})

test('ignores instruments of a kind that it does not know', () => {
  const runtime = createRuntime()
  runtime.register({ kind: 'newer', name: 'x', read: () => ({}) } as unknown as Instrument)
  runtime.register({ kind: 'toString', name: 'x', read: () => ({}) } as unknown as Instrument)

  expect(valueOf(read(runtime), 'breakwater_metrics_collect_errors_total', {})).toBe(0)
})
