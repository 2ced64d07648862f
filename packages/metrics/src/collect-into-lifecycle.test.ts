import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test, vi } from 'vitest'
import { clients, parsePlain, twoPolicies } from './clients.model.js'
import { collectInto } from './collect-into.js'
import { fakeBulkhead } from './fake-instruments.model.js'
import { metricCatalogue } from './metric-catalogue.js'
import { valueOf } from './strict-parser.model.js'

const clock = new SimClock()

describe.each(clients)('with %s', (_, client) => {
  test('a second call changes nothing and returns the same collector', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    const first = collectInto(registry, { runtime, clock })
    const before = await registry.metrics()

    const second = collectInto(registry, { runtime, clock, buckets: [1] })

    expect(second).toBe(first)
    expect(await registry.metrics()).toBe(before)
  })

  test('a second call also works after an OpenMetrics scrape, which renames counters', async () => {
    const runtime = twoPolicies()
    const registry = client.open()
    collectInto(registry, { runtime, clock })
    const before = await registry.metrics()

    collectInto(registry, { runtime, clock })

    expect(await registry.metrics()).toBe(before)
  })

  test('a second copy of this package, as after a hot reload, knows of the first', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    const first = collectInto(registry, { runtime })

    vi.resetModules()
    const copy = await import('./collect-into.js')

    expect(copy.collectInto).not.toBe(collectInto)
    expect(copy.collectInto(registry, { runtime })).toBe(first)
  })

  test('comes back after the application has cleared its registry', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    collectInto(registry, { runtime, clock })
    const before = await registry.metrics()
    registry.clear()

    collectInto(registry, { runtime, clock })

    expect(await registry.metrics()).toBe(before)
  })

  test('shows two runtimes under one set of names, until each is stopped', async () => {
    const [one, other] = [createRuntime(), createRuntime()]
    fakeBulkhead(
      one,
      { name: 'same' },
      { active: 1, rejections: { concurrency: 2, queue_full: 0, queue_timeout: 0 } },
    )
    fakeBulkhead(
      other,
      { name: 'same' },
      { active: 10, rejections: { concurrency: 20, queue_full: 0, queue_timeout: 0 } },
    )
    fakeBulkhead(other, { name: 'only here' })
    const registry = client.plain()
    const collectors = [collectInto(registry, { runtime: one }), collectInto(registry, { runtime: other })]
    const labels = { bulkhead: 'same', kind: 'semaphore' }
    const numbers = async (): Promise<(number | undefined)[]> => {
      const families = parsePlain(await registry.metrics())
      return [
        valueOf(families, 'breakwater_bulkhead_active', labels),
        valueOf(families, 'breakwater_bulkhead_rejections_total', { ...labels, reason: 'concurrency' }),
      ]
    }

    const both = await numbers()
    collectors[1]!.stop()
    const left = await numbers()
    collectors[0]!.stop()

    expect(both).toEqual([11, 22])
    expect(left).toEqual([1, 22])
    expect((await registry.metrics()).trim()).toBe('')
  })

  test('stops once, and can start again', async () => {
    const runtime = twoPolicies()
    const registry = client.open()
    const first = collectInto(registry, { runtime })
    await registry.metrics()

    first.stop()
    first.stop()
    const stopped = await registry.metrics()
    const second = collectInto(registry, { runtime })
    first.stop()
    const again = await registry.metrics()
    second[Symbol.dispose]()

    expect(second).not.toBe(first)
    expect(stopped.trim()).toBe('# EOF')
    expect(again).toContain('breakwater_bulkhead_active{')
    expect((await registry.metrics()).trim()).toBe('# EOF')
  })

  test('does not read what leaves the runtime once it has stopped', () => {
    const runtime = createRuntime()
    const read = vi.fn(() => fakeBulkhead(createRuntime(), { name: 'x' }).reading)
    const dispose = runtime.register({ kind: 'bulkhead', name: 'x', read })
    collectInto(client.plain(), { runtime }).stop()

    dispose()

    expect(read).not.toHaveBeenCalled()
  })

  test('takes other options once it has stopped', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    collectInto(registry, { runtime, buckets: [1] }).stop()

    collectInto(registry, { runtime, buckets: [2] })

    const page = await registry.metrics()
    expect(page).toContain('le="2"')
    expect(page).not.toContain('le="1"')
  })

  test('two prefixes in one registry stand side by side', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    collectInto(registry, { runtime })
    const shop = collectInto(registry, { runtime, prefix: 'shop_' })

    const both = await registry.metrics()
    shop.stop()
    const one = await registry.metrics()

    expect(both).toContain('\nshop_bulkhead_active{')
    expect(one).not.toContain('shop_')
    expect(one).toContain('\nbreakwater_bulkhead_active{')
  })

  test('registers nothing when a name is taken, and leaves what has it alone', async () => {
    const registry = client.plain()
    const theirs = client.counter(registry, 'breakwater_circuit_breaker_probes_total')

    expect(() => collectInto(registry, { runtime: twoPolicies() })).toThrow('already been registered')

    expect(registry.getSingleMetric?.('breakwater_circuit_breaker_probes_total')).toBe(theirs)
    expect(parsePlain(await registry.metrics())).toHaveLength(1)
  })

  test('leaves nothing of ours when a name has been taken since the first call', async () => {
    const runtime = twoPolicies()
    const registry = client.plain()
    collectInto(registry, { runtime })
    registry.removeSingleMetric('breakwater_circuit_breaker_probes_total')
    const theirs = client.counter(registry, 'breakwater_circuit_breaker_probes_total')

    expect(() => collectInto(registry, { runtime })).toThrow('already been registered')

    expect(registry.getSingleMetric?.('breakwater_circuit_breaker_probes_total')).toBe(theirs)
    expect(parsePlain(await registry.metrics())).toHaveLength(1)
  })

  test('does not take away what has got its name meanwhile', async () => {
    const registry = client.plain()
    const collector = collectInto(registry, { runtime: twoPolicies() })
    registry.clear()
    const theirs = client.counter(registry, 'breakwater_circuit_breaker_probes_total')

    collector.stop()

    expect(registry.getSingleMetric?.('breakwater_circuit_breaker_probes_total')).toBe(theirs)
  })
})

test.each([[undefined], [null], [{}], [{ registerMetric: () => {} }]])(
  'refuses %j as a registry',
  (registry) => {
    expect(() => collectInto(registry as never)).toThrow(InvalidOptionsError)
  },
)

test('refuses wrong options before it touches the registry', () => {
  const registry = { registerMetric: vi.fn(), removeSingleMetric: vi.fn() }

  expect(() => collectInto(registry, { prefix: 'a-b', buckets: [] })).toThrow(
    expect.objectContaining({ issues: [expect.anything(), expect.anything()] }),
  )
  expect(registry.registerMetric).not.toHaveBeenCalled()
})

test('works with a registry that cannot be asked for a metric', () => {
  const registry = { registerMetric: vi.fn(), removeSingleMetric: vi.fn() }

  collectInto(registry, { runtime: createRuntime() }).stop()

  expect(registry.removeSingleMetric.mock.calls.flat()).toEqual(metricCatalogue().map(({ name }) => name))
})
