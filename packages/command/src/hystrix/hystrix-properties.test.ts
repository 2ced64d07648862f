import { createRuntime } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { faultsIn } from '../command.model.js'
import { hystrixProperties } from './hystrix-properties.js'
import type { PropertyChange } from './hystrix-properties.js'
import { watched } from './hystrix.model.js'

const FORCE = 'hystrix.command.A.circuitBreaker.forceOpen'

describe('a source of Hystrix properties', () => {
  it('opens and frees a circuit while commands run', async () => {
    const { command, runtime } = watched()
    const properties = hystrixProperties()
    runtime.configure(properties)
    const asked = command()
    properties.set(FORCE, 'true')
    expect(await asked.execute({})).toBe('fb')
    expect(asked.breaker.state).toBe('forced-open')
    properties.set(FORCE, undefined)
    expect(await asked.execute({})).toBe('ok')
  })

  it('tells of each change, and the runtime of all', () => {
    const runtime = createRuntime()
    const properties = hystrixProperties({ [FORCE]: true })
    const told: PropertyChange[] = []
    const names: unknown[] = []
    properties.on('change', (change) => told.push(change))
    runtime.on('configured', (change) => names.push(change.names))
    const remove = runtime.configure(properties)
    properties.replace({ 'hystrix.threadpool.G.coreSize': '3' })
    properties.set('hystrix.threadpool.G.coreSize', 3)
    remove()
    remove()
    properties.set(FORCE, true)
    expect(told).toEqual([
      { name: FORCE, from: true, to: undefined },
      { name: 'hystrix.threadpool.G.coreSize', from: undefined, to: 3 },
      { name: FORCE, from: undefined, to: true },
    ])
    expect(names).toEqual([undefined, [FORCE, 'hystrix.threadpool.G.coreSize'], undefined])
  })

  it('is asked before those that were added earlier', () => {
    const { command, runtime } = watched()
    runtime.configure(hystrixProperties({ 'hystrix.threadpool.G.coreSize': 2 }))
    const remove = runtime.configure(hystrixProperties({ 'hystrix.threadpool.G.coreSize': 3 }))
    const asked = command()
    expect(asked.metrics().pool.limit).toBe(3)
    remove()
    expect(asked.metrics().pool.limit).toBe(2)
  })

  it.each([
    ['hystrix.command.A.circuitBreaker.forcOpen', true],
    ['hystrix.command.A.', 1],
    ['hystrix.command.circuitBreaker.forceOpen.x', true],
    ['hystrix.command.default.threadPoolKeyOverride', 'P'],
    ['hystrix.command.A.threadPoolKeyOverride', ''],
    ['hystrix.command.A.threadPoolKeyOverride', 'P'.repeat(257)],
    ['hystrix.commands.A.fallback.enabled', true],
    ['ribbon.MaxAutoRetries', 1],
    ['hystrix.command.A.execution.isolation.strategy', 'thread'],
    ['hystrix.command.A.circuitBreaker.requestVolumeThreshold', '1e3'],
    ['hystrix.command.A.circuitBreaker.requestVolumeThreshold', NaN],
  ] as const)('refuses %s = %s by name', (name, value) => {
    expect(faultsIn(() => hystrixProperties({ [name]: value }))).toEqual([name])
  })

  it('says what was probably meant', () => {
    expect(() => hystrixProperties({ 'hystrix.command.A.circuitBreaker.forcOpen': true })).toThrow(
      'did you mean circuitBreaker.forceOpen?',
    )
  })

  it('names every fault at once, and windows that do not fit', () => {
    const faults = faultsIn(() =>
      hystrixProperties({
        'hystrix.command.A.fallback.enabled': 1,
        'hystrix.command.A.metrics.rollingStats.timeInMilliseconds': 1_000,
        'hystrix.command.A.metrics.rollingStats.numBuckets': 7,
      }),
    )
    expect(faults).toEqual([
      'hystrix.command.A.fallback.enabled',
      'hystrix.command.A.metrics.rollingStats.numBuckets',
    ])
    expect(faultsIn(() => hystrixProperties([] as never))).toEqual([''])
  })

  it('lets through what belongs to threads and streams, and means nothing here', () => {
    expect(() => hystrixProperties({ 'hystrix.timer.threadpool.default.coreSize': 4 })).not.toThrow()
  })

  it('understands keys with dots, also such that look like properties', () => {
    const properties = hystrixProperties({ 'hystrix.command.a.coreSize.b.fallback.enabled': 'false' })
    expect(properties.get('hystrix.command.a.coreSize.b.fallback.enabled')).toBe(false)
  })

  it('K3: tells last of the value that is in force, also when a listener changes what was changed with it', () => {
    const properties = hystrixProperties()
    const first = 'hystrix.command.A.circuitBreaker.requestVolumeThreshold'
    const second = 'hystrix.command.B.circuitBreaker.requestVolumeThreshold'
    properties.on('change', ({ name, to }) => {
      if (name === first && to === 1) properties.set(second, 2)
    })
    const told = new Map<string, unknown>()
    properties.on('change', ({ name, to }) => told.set(name, to))

    properties.replace({ [first]: 1, [second]: 1 })

    expect(told).toEqual(
      new Map([
        [first, 1],
        [second, 2],
      ]),
    )
    expect(properties.get(second)).toBe(2)
  })

  it('K5: copies what it is given', () => {
    const given = { [FORCE]: true }
    const properties = hystrixProperties(given)
    given[FORCE] = false
    expect(properties.get(FORCE)).toBe(true)
  })
})

it('a runtime refuses what is no source', () => {
  expect(faultsIn(() => createRuntime().configure({} as never))).toEqual(['source'])
  expect(faultsIn(() => createRuntime().configure(undefined as never))).toEqual(['source'])
})
