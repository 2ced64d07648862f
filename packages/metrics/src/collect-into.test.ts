import { createRuntime, onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clients, parsePlain, twoPolicies, withSamples } from './clients.model.js'
import { collectInto } from './collect-into.js'
import { executions, fakeBreaker, fakeBulkhead, fakeCommand, latencies } from './fake-instruments.model.js'
import { metricCatalogue } from './metric-catalogue.js'
import { renderPrometheus } from './render-prometheus.js'
import { parseOpenMetrics, parseText, valueOf } from './strict-parser.model.js'

const clock = new SimClock()
const heard = vi.fn()
let stopListening: () => void
beforeEach(() => {
  heard.mockClear()
  stopListening = onInternalError(heard)
})
afterEach(() => {
  stopListening()
})

describe.each(clients)('with %s', (_, client) => {
  test('shows in text what our own page shows', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    collectInto(registry, { runtime, clock })

    const families = parsePlain(await registry.metrics())

    expect(withSamples(families)).toEqual(parseText(renderPrometheus({ runtime, clock })))
  })

  test('shows the same in OpenMetrics, scrape after scrape', async () => {
    const runtime = twoPolicies()
    const registry = client.open()
    collectInto(registry, { runtime, clock })

    const pages = [await registry.metrics(), await registry.metrics()]

    const expected = parseOpenMetrics(renderPrometheus({ runtime, clock, openMetrics: true }))
    for (const page of pages) {
      // The clients write the bound 1 as "1", where the format would rather see "1.0".
      const families = parseOpenMetrics(page.replace(/le="(\d+)"/g, 'le="$1.0"'))
      expect(withSamples(families)).toEqual(expected)
    }
  })

  test('gives JSON with aggregators', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    collectInto(registry, { runtime, buckets: [0.01] })

    const json = await registry.getMetricsAsJSON()

    expect(json).toContainEqual({
      name: 'breakwater_command_duration_seconds',
      help: expect.any(String),
      type: 'histogram',
      aggregator: 'sum',
      values: [
        ['_bucket', 1, { le: '0.01' }],
        ['_bucket', 2, { le: '0.8' }],
        ['_bucket', 2, { le: '+Inf' }],
        ['_sum', 0.032, {}],
        ['_count', 2, {}],
      ].map(([suffix, value, labels]) => ({
        metricName: `breakwater_command_duration_seconds${String(suffix)}`,
        labels: { command: 'GetUser', group: 'users', ...(labels as object) },
        value,
      })),
    })
    expect(json).toContainEqual(
      expect.objectContaining({ name: 'breakwater_command_timeout_seconds', aggregator: 'max' }),
    )
  })

  test('is not reset by the registry', async () => {
    const registry = client.plain()
    collectInto(registry, { runtime: twoPolicies(), clock })
    const before = await registry.metrics()

    registry.resetMetrics()

    expect(await registry.metrics()).toBe(before)
  })

  test('does not remember the default labels of a registry', async () => {
    const runtime = twoPolicies()
    const [labelled, plain] = [client.plain(), client.plain()]
    labelled.setDefaultLabels({ app: 'shop' })
    collectInto(labelled, { runtime })
    collectInto(plain, { runtime })

    const pages = await Promise.all([
      labelled.getMetricsAsJSON(),
      plain.getMetricsAsJSON(),
      labelled.metrics(),
    ])

    const success = { command: 'GetUser', group: 'users', outcome: 'success' }
    expect(JSON.stringify(pages[1])).not.toContain('shop')
    expect(
      valueOf(parsePlain(pages[2]), 'breakwater_command_executions_total', { ...success, app: 'shop' }),
    ).toBe(3)
  })

  test('adds up over the workers of a cluster', async () => {
    const answers = await Promise.all(
      [10, 20, 30].map(async (success) => {
        const runtime = createRuntime()
        fakeCommand(
          runtime,
          { name: 'x' },
          { executions: executions({ success }), latency: latencies(success), timeoutMs: 800 },
        )
        fakeBreaker(
          runtime,
          { name: 'x' },
          {
            state: success === 10 ? 'closed' : 'open',
            openMs: success * 100,
            window: { requests: 5, errorRatio: success / 100 },
          },
        )
        const registry = client.plain()
        collectInto(registry, { runtime, buckets: [0.025] })
        return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as unknown
      }),
    )

    const families = parsePlain(await client.aggregate(answers).metrics())

    const x = { command: 'x' }
    expect(valueOf(families, 'breakwater_command_executions_total', { ...x, outcome: 'success' })).toBe(60)
    expect(valueOf(families, 'breakwater_command_duration_seconds_count', x)).toBe(3)
    expect(valueOf(families, 'breakwater_command_duration_seconds_bucket', { ...x, le: '0.025' })).toBe(2)
    expect(valueOf(families, 'breakwater_circuit_breaker_sleep_window_seconds', x)).toBe(3)
    expect(valueOf(families, 'breakwater_circuit_breaker_state', { ...x, state: 'open' })).toBe(2)
    expect(valueOf(families, 'breakwater_circuit_breaker_window_error_ratio', x)).toBeCloseTo(0.2, 12)
    expect(valueOf(families, 'breakwater_circuit_breaker_window_requests', x)).toBe(15)
  })

  test('goes into a merged registry with what else is there', async () => {
    const [ours, theirs] = [client.plain(), client.plain()]
    collectInto(ours, { runtime: twoPolicies() })
    client.counter(theirs, 'orders_total')

    const families = parsePlain(await client.merge([ours, theirs]).metrics())

    expect(valueOf(families, 'orders_total', {})).toBe(0)
    expect(valueOf(families, 'breakwater_bulkhead_active', { bulkhead: 'pool', kind: 'semaphore' })).toBe(2)
  })

  test('reads each instrument once for a scrape, and again for the next', async () => {
    const runtime = createRuntime()
    const read = vi.fn(() => fakeBulkhead(createRuntime(), { name: 'x' }).reading)
    runtime.register({ kind: 'bulkhead', name: 'x', read })
    const registry = client.plain()
    collectInto(registry, { runtime })

    await registry.metrics()
    const once = read.mock.calls.length
    await registry.metrics()

    expect([once, read.mock.calls.length]).toEqual([1, 2])
  })

  test('shows what has happened since the last scrape, also without a turn of the loop in between', async () => {
    const runtime = createRuntime()
    const pool = fakeBulkhead(runtime, { name: 'pool' }, { active: 1 })
    const registry = client.plain()
    collectInto(registry, { runtime })
    await registry.metrics()

    pool.reading.active = 9

    expect(await registry.metrics()).toContain(
      'breakwater_bulkhead_active{bulkhead="pool",kind="semaphore"} 9',
    )
  })

  test('answers although an instrument throws', async () => {
    const runtime = twoPolicies()
    runtime.register({
      kind: 'command',
      name: 'broken',
      read: () => {
        throw new Error('broken')
      },
    })
    const registry = client.plain()
    collectInto(registry, { runtime })

    const families = parsePlain(await registry.metrics())

    expect(valueOf(families, 'breakwater_metrics_collect_errors_total', {})).toBe(1)
    expect(valueOf(families, 'breakwater_bulkhead_active', { bulkhead: 'pool', kind: 'semaphore' })).toBe(2)
  })

  test('can be asked for one metric', async () => {
    const registry = client.plain()
    collectInto(registry, { runtime: twoPolicies() })

    const page = await registry.getSingleMetricAsString('breakwater_bulkhead_limit')

    expect(page.split('\n').at(-1)).toBe('breakwater_bulkhead_limit{bulkhead="pool",kind="semaphore"} 5')
  })

  test('registers what the catalogue lists', async () => {
    const registry = client.plain()
    collectInto(registry, { runtime: createRuntime() })

    const families = parsePlain(await registry.metrics())

    expect(families.map(({ name }) => name)).toEqual(metricCatalogue().map(({ name }) => name))
  })
})
