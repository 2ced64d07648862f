import { createRuntime, defaultRuntime, onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { executions, fakeBreaker, fakeBulkhead, fakeCommand, latencies } from './fake-instruments.model.js'
import { renderPrometheus } from './render-prometheus.js'
import { parseOpenMetrics, parseText, valueOf } from './strict-parser.model.js'
import { VERSION } from './version.js'

const heard = vi.fn()
let stopListening: () => void
beforeEach(() => {
  heard.mockClear()
  stopListening = onInternalError(heard)
})
afterEach(() => {
  stopListening()
})

/** One command, its breaker and a bulkhead, with a few numbers each. */
function smallRuntime(): ReturnType<typeof createRuntime> {
  const runtime = createRuntime()
  fakeCommand(
    runtime,
    { name: 'GetUser', group: 'users' },
    {
      executions: executions({ success: 3, timeout: 1 }),
      fallbacks: { success: 1, failure: 0, rejected: 0, missing: 0 },
      retries: { attempts: 4, success: 2, failure: 0, exhausted: 1 },
      exceptionsThrown: 1,
      inFlight: 2,
      latency: latencies(2, 4, 30, 800),
      timeoutMs: 800,
    },
  )
  fakeBreaker(
    runtime,
    { name: 'GetUser', group: 'users' },
    {
      state: 'half-open',
      stateMs: {
        closed: 61_500,
        open: 5_000,
        'half-open': 250,
        'forced-open': 0,
        'forced-closed': 0,
        disabled: 0,
        'metrics-only': 0,
      },
      transitions: [
        { from: 'closed', to: 'open', count: 1 },
        { from: 'open', to: 'half-open', count: 1 },
      ],
      lastTransitionAt: 1_767_225_600_500,
      window: { requests: 40, errorRatio: 0.525 },
      errorThresholdRatio: 0.5,
      requestVolumeThreshold: 20,
      openMs: 5_000,
      probes: { success: 1, failure: 0, timeout: 0, rejected: 0, cancelled: 0, ignored: 0 },
      rejections: 17,
    },
  )
  fakeBulkhead(
    runtime,
    { name: 'users-pool' },
    {
      active: 3,
      limit: 10,
      queueSize: 1,
      queueLimit: 5,
      rejections: { concurrency: 0, queue_full: 2, queue_timeout: 1 },
      queueWait: latencies(5, 50),
    },
  )
  return runtime
}

const OPTIONS = { clock: new SimClock(), buckets: [0.005, 1] }

test('writes exactly this page for a small runtime', async () => {
  const page = renderPrometheus({ ...OPTIONS, runtime: smallRuntime() })

  await expect(page.replace(VERSION, 'VERSION')).toMatchFileSnapshot('__golden__/small-runtime.txt')
  parseText(page)
})

test('writes the same numbers in OpenMetrics', async () => {
  const page = renderPrometheus({ ...OPTIONS, runtime: smallRuntime(), openMetrics: true })

  await expect(page.replace(VERSION, 'VERSION')).toMatchFileSnapshot(
    '__golden__/small-runtime.openmetrics.txt',
  )
  parseOpenMetrics(page)
})

test('shows zero for every known outcome before the first call', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'GetUser' })
  fakeBreaker(runtime, { name: 'GetUser' })
  fakeBulkhead(runtime, { name: 'pool' })

  const families = parseText(renderPrometheus({ runtime }))

  const found = (name: string, label: string): (string | undefined)[] =>
    families
      .find((family) => family.name === `breakwater_${name}`)
      ?.samples.map(({ labels }) => labels[label]) ?? []
  expect(found('command_executions_total', 'outcome')).toEqual([
    'success',
    'failure',
    'timeout',
    'short_circuited',
    'semaphore_rejected',
    'bad_request',
    'cancelled',
  ])
  expect(found('command_fallbacks_total', 'outcome')).toEqual(['success', 'failure', 'rejected', 'missing'])
  expect(found('command_retries_total', 'outcome')).toEqual(['success', 'failure', 'exhausted'])
  expect(found('circuit_breaker_state_seconds_total', 'state')).toEqual([
    'closed',
    'open',
    'half_open',
    'forced_open',
    'forced_closed',
    'disabled',
    'metrics_only',
  ])
  expect(found('bulkhead_rejections_total', 'reason')).toEqual(['concurrency', 'queue_full', 'queue_timeout'])
  for (const [from, to] of [
    ['closed', 'open'],
    ['open', 'half_open'],
    ['half_open', 'open'],
    ['half_open', 'closed'],
  ] as const) {
    const edge = { command: 'GetUser', from, to }
    expect(valueOf(families, 'breakwater_circuit_breaker_transitions_total', edge)).toBe(0)
  }
})

test('gives a command its own timeout as a bucket bound', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'slow' }, { timeoutMs: 1_500, latency: latencies(1_400, 1_600) })
  fakeCommand(runtime, { name: 'usual' }, { timeoutMs: 1_000 })

  const families = parseText(renderPrometheus({ runtime }))

  const bucket = 'breakwater_command_duration_seconds_bucket'
  expect(valueOf(families, bucket, { command: 'slow', le: '1.5' })).toBe(1)
  expect(valueOf(families, bucket, { command: 'usual', le: '1.5' })).toBeUndefined()
  expect(valueOf(families, bucket, { command: 'usual', le: '1' })).toBe(0)
})

test('takes a snapshot of each moment, also twice without waiting in between', () => {
  const runtime = createRuntime()
  const command = fakeCommand(runtime, { name: 'x' })
  const shown = (): number | undefined =>
    valueOf(parseText(renderPrometheus({ runtime })), 'breakwater_command_concurrent_executions', {
      command: 'x',
    })

  const before = shown()
  command.reading.inFlight = 5

  expect([before, shown()]).toEqual([0, 5])
})

test('leaves an empty group out and keeps another', () => {
  const runtime = createRuntime()
  fakeCommand(runtime, { name: 'a', group: '' })
  fakeCommand(runtime, { name: 'b', group: 'g' })
  fakeCommand(runtime, { name: 'c' })

  const families = parseText(renderPrometheus({ runtime }))

  const samples = families.find(({ name }) => name === 'breakwater_command_concurrent_executions')?.samples
  expect(samples?.map(({ labels }) => labels)).toEqual([
    { command: 'a' },
    { command: 'b', group: 'g' },
    { command: 'c' },
  ])
})

test('D12: tells names apart that look like the labels of others', () => {
  const runtime = createRuntime()
  for (const [name, group] of [
    ['a', 'b'],
    ['a,group,b', ''],
    ['a,group:b', ''],
    ['a",group="b', ''],
    ['x', 'a,command:x'],
  ] as const)
    fakeCommand(runtime, { name, group })

  const families = parseText(renderPrometheus({ runtime }))

  const samples = families.find(({ name }) => name === 'breakwater_command_concurrent_executions')?.samples
  expect(samples?.map(({ labels }) => labels)).toEqual([
    { command: 'a', group: 'b' },
    { command: 'a,group,b' },
    { command: 'a,group:b' },
    { command: 'a",group="b' },
    { command: 'x', group: 'a,command:x' },
  ])
})

test('reads the runtime of the process by default, under another prefix on request', () => {
  const dispose = fakeBulkhead(defaultRuntime(), { name: 'here' }, { active: 4 }).dispose

  const page = renderPrometheus({ prefix: 'shop_' })
  dispose()

  expect(page).toContain('\nshop_bulkhead_active{bulkhead="here",kind="semaphore"} 4\n')
  expect(page).not.toContain('breakwater_')
})

test('shows a breaker without numbers of its own without those metrics', () => {
  const runtime = createRuntime()
  fakeBreaker(runtime, { name: 'x' })

  const names = parseText(renderPrometheus({ runtime })).map(({ name }) => name)

  expect(names).toContain('breakwater_circuit_breaker_window_requests')
  expect(names).not.toContain('breakwater_circuit_breaker_error_threshold_ratio')
  expect(names).not.toContain('breakwater_circuit_breaker_last_transition_timestamp_seconds')
})

test('writes what never ends as infinity', () => {
  const runtime = createRuntime()
  fakeBreaker(runtime, { name: 'x' }, { openMs: Infinity })

  expect(renderPrometheus({ runtime })).toContain('sleep_window_seconds{command="x"} +Inf\n')
})

test('says how long collecting took', () => {
  const runtime = createRuntime()
  let now = 100
  const clock = { ...new SimClock(), schedule: () => () => {}, epochNow: () => 0, now: () => now }
  runtime.register({
    kind: 'bulkhead',
    name: 'slow to read',
    read: () => {
      now += 250
      throw new Error('and broken')
    },
  })

  const page = renderPrometheus({ runtime, clock })

  expect(page).toContain('breakwater_metrics_collect_duration_seconds 0.25\n')
})
