import { MAX_DURATION_MS } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { faultsIn } from '../command.model.js'
import { collapserProperties } from './collapser-properties.js'
import { hystrixProperties } from './hystrix-properties.js'
import { watched } from './hystrix.model.js'

const HEALTH = 'metrics.healthSnapshot.intervalInMilliseconds'
const BUCKETS = 'metrics.rollingStats.numBuckets'

describe('W9: properties that do not fit together are refused', () => {
  it.each([
    [`hystrix.command.A.${BUCKETS}`, 7, `properties.${BUCKETS}`],
    [`hystrix.command.default.${BUCKETS}`, 7, `properties.${BUCKETS}`],
    [
      'hystrix.command.A.metrics.rollingPercentile.numBuckets',
      7,
      'properties.metrics.rollingPercentile.numBuckets',
    ],
    [`hystrix.command.A.${HEALTH}`, 10_001, `properties.${HEALTH}`],
    [`hystrix.threadpool.G.${BUCKETS}`, 7, `threadPool.${BUCKETS}`],
  ])('also when a source says one of them: %s = %i', (name, value, path) => {
    const { command, runtime } = watched()
    runtime.configure(hystrixProperties({ [name]: value }))

    expect(faultsIn(() => command())).toEqual([path])
    for (const compat of ['hystrix-1.5.18', 'hystrix-1.5.13'] as const)
      if (!name.endsWith(HEALTH)) command({ compat, name: 'A' }).dispose()
  })

  it('unless a source makes them fit', () => {
    const { command, runtime } = watched()
    runtime.configure(
      hystrixProperties({ 'hystrix.command.A.metrics.rollingStats.timeInMilliseconds': 7_000 }),
    )

    expect(() => command({ properties: { [BUCKETS]: 7 } })).not.toThrow()
  })

  it('with the health interval too, in the code and within a source', () => {
    const { command } = watched()
    expect(faultsIn(() => command({ properties: { [HEALTH]: 20_000 } }))).toEqual([`properties.${HEALTH}`])
    expect(faultsIn(() => command({ properties: { [HEALTH]: 300 } }))).toEqual([`properties.${HEALTH}`])
    expect(() => command({ properties: { [HEALTH]: 10_000 } })).not.toThrow()
    const both = {
      [`hystrix.command.A.${HEALTH}`]: 600,
      'hystrix.command.A.metrics.rollingStats.timeInMilliseconds': 500,
    }
    expect(faultsIn(() => hystrixProperties(both))).toEqual([`hystrix.command.A.${HEALTH}`])
  })

  it('for a collapser, by whoever they were given', () => {
    expect(faultsIn(() => collapserProperties('C', { [BUCKETS]: 7 }))).toEqual([BUCKETS])
    const source = hystrixProperties({ [`hystrix.collapser.C.${BUCKETS}`]: 7 })
    expect(faultsIn(() => collapserProperties('C', {}, source))).toEqual([BUCKETS])
  })
})

it.each([
  { 'execution.isolation.thread.timeoutInMilliseconds': MAX_DURATION_MS },
  { 'circuitBreaker.sleepWindowInMilliseconds': MAX_DURATION_MS },
  { 'metrics.rollingStats.timeInMilliseconds': MAX_DURATION_MS, [BUCKETS]: 1, [HEALTH]: MAX_DURATION_MS },
  {
    'metrics.rollingPercentile.timeInMilliseconds': MAX_DURATION_MS,
    'metrics.rollingPercentile.numBuckets': 1,
  },
])('the longest time is taken: %o', async (properties) => {
  const { command } = watched()

  expect(await command({ properties }).execute({})).toBe('ok')
  const updated = command({ name: 'B' })
  const dynamic = Object.fromEntries(
    Object.entries(properties).filter(([name]) => !name.startsWith('metrics')),
  )
  updated.update({ properties: dynamic })
  expect(await updated.execute({})).toBe('ok')
})

describe('properties of a collapser that Hystrix reads again', () => {
  it('are read again at each look, and the others once', () => {
    const source = hystrixProperties({ 'hystrix.collapser.default.maxRequestsInBatch': 5 })
    const properties = collapserProperties('C', {}, source)
    const look = (): unknown[] => [
      properties.maxRequestsInBatch,
      properties['requestCache.enabled'],
      properties.timerDelayInMilliseconds,
    ]
    expect(look()).toEqual([5, true, 10])
    source.replace({
      'hystrix.collapser.C.maxRequestsInBatch': 6,
      'hystrix.collapser.C.requestCache.enabled': 'false',
      'hystrix.collapser.C.timerDelayInMilliseconds': 50,
    })

    expect(look()).toEqual([6, false, 10])
  })

  it('K5: are those that were given, whatever becomes of what gave them', () => {
    const given = { maxRequestsInBatch: 5 }
    const properties = collapserProperties('C', given)
    given.maxRequestsInBatch = 0

    expect(properties.maxRequestsInBatch).toBe(5)
  })

  it('K5: are read off what gives them once', () => {
    let reads = 0
    const given = Object.defineProperty({}, 'maxRequestsInBatch', { get: () => ++reads, enumerable: true })
    const properties = collapserProperties('C', given)

    expect([properties.maxRequestsInBatch, properties.maxRequestsInBatch]).toEqual([1, 1])
    expect(reads).toBe(1)
  })
})
