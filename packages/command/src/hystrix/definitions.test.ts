import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { faultsIn, instrumentsOf } from '../command.model.js'
import { CommandRegistry } from '../command-registry.js'
import { watched } from './hystrix.model.js'

const boom = new Error('boom')

describe('a name', () => {
  it('is one set of properties, numbers and circuit for all its commands', async () => {
    const { command, clock } = watched()
    const [one, two] = [command(), command()]
    await one.execute({ throws: boom })
    await clock.advance(500)
    expect(two.metrics().health.total).toBe(1)
    expect(two.breaker).toBe(one.breaker)
    two.update({ timeoutMs: 50 })
    expect(one.metrics().properties['execution.isolation.thread.timeoutInMilliseconds']).toBe(50)
  })

  it.each([
    ['properties', { timeoutMs: 50 }, 'name'],
    ['group', { group: 'H', pool: 'G' }, 'name'],
    ['pool', { pool: 'P' }, 'name'],
    ['line', { compat: 'hystrix-1.5.18' }, undefined],
    ['thread pool', { threadPool: { coreSize: 3 } }, 'threadPool'],
  ] as const)(
    '#1504 #1758: cannot be defined again with another %s, unless Hystrix is to be matched',
    (_what, options, path) => {
      const { command } = watched()
      command({ threadPool: { coreSize: 2 } })
      if (path === undefined) expect(() => command(options)).not.toThrow()
      else expect(faultsIn(() => command(options))).toEqual([path])
    },
  )

  it('keeps its first definition in the lines of Hystrix', async () => {
    const { command, clock } = watched()
    const compat = 'hystrix-1.5.18'
    command({ compat, timeoutMs: 100 })
    const execution = command({ compat, timeoutMs: 1_000 }).start({ afterMs: 300 })
    await clock.advance(100)
    expect(await execution.result).toBe('fb')
    expect(execution.events).toEqual(['TIMEOUT', 'FALLBACK_SUCCESS'])
  })

  it('#1737: is forgotten with the last of its commands, and leaves nothing behind', () => {
    const { command, runtime, clock } = watched()
    const [one, two] = [command(), command()]
    one.dispose()
    one.dispose()
    expect(instrumentsOf(runtime)).toEqual(['breaker A', 'bulkhead G', 'command A'])
    two.dispose()
    expect(instrumentsOf(runtime)).toEqual([])
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
    expect(() => command({ timeoutMs: 5 })).not.toThrow()
  })

  it('remembers whether it has a fallback from the first execution that needs one, as Hystrix does', async () => {
    const { command, hooks } = watched()
    const compat = 'hystrix-1.5.13'
    await command({ compat }, false).outcome({ throws: boom })
    hooks.length = 0
    await command({ compat }).execute({ throws: boom })
    expect(hooks).not.toContain('onFallbackStart')
    expect(hooks).toContain('onFallbackEmit')
  })
})

describe('options of the preset hystrix', () => {
  it('name every fault at once', () => {
    const bad = {
      ...{ preset: 'hystrix', group: '', timeoutMs: 0, fallbackLimit: -1, compat: 'hystrix-1.5.12' },
      ...{ hooks: { onStart: 1 }, notifier: { markEvents: 1 }, breaker: {}, retry: {} },
      properties: { 'circuitBreaker.forceOpen': 'maybe', 'circuitBreaker.forcedOpen': true },
    }
    expect(faultsIn(() => createCommand(bad as never)).sort()).toEqual(
      [
        ...['breaker', 'compat', 'fallbackLimit', 'group', 'hooks.onStart', 'name', 'notifier.markEvents'],
        ...[
          'properties.circuitBreaker.forceOpen',
          'properties.circuitBreaker.forcedOpen',
          'retry',
          'run',
          'timeoutMs',
        ],
      ].sort(),
    )
  })

  it('W9: refuse windows that their buckets do not divide', () => {
    const { command } = watched()
    expect(faultsIn(() => command({ properties: { 'metrics.rollingStats.numBuckets': 7 } }))).toEqual([
      'properties.metrics.rollingStats.numBuckets',
    ])
  })

  it('have shorthands', () => {
    const { command } = watched()
    const { properties } = command({ timeoutMs: false, fallbackLimit: 3, breaker: false }).metrics()
    expect(properties).toMatchObject({
      'execution.timeout.enabled': false,
      'fallback.isolation.semaphore.maxConcurrentRequests': 3,
      'circuitBreaker.enabled': false,
    })
  })

  it('take a breaker to share, whose rules stay its own', async () => {
    const { command, clock } = watched()
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1) })
    const asked = command({ breaker })
    await asked.execute({ throws: boom })
    const execution = asked.start({})
    await execution.result
    expect(execution.events).toEqual(['SHORT_CIRCUITED', 'FALLBACK_SUCCESS'])
  })

  it.each([undefined, 'hystrix-1.5.18'] as const)(
    'show the health of their own calls beside a breaker that is shared (%s)',
    async (compat) => {
      const { command, clock } = watched()
      const breaker = new CircuitBreaker({ clock, openMs: 1_000 })
      const [one, two] = [command({ breaker, compat }), command({ breaker, compat, name: 'B' })]
      await one.execute({ throws: boom })
      await two.execute({})
      breaker.openFor(1_000)
      await clock.advance(500)

      expect([one.metrics().health, two.metrics().health]).toEqual([
        { isOpen: true, total: 1, errors: 1, errorPercentage: 100 },
        { isOpen: true, total: 1, errors: 0, errorPercentage: 0 },
      ])

      breaker.reset()
      await two.execute({})
      await clock.advance(500)

      // That it closes is a new beginning for the health of both.
      expect([one.metrics().health, two.metrics().health]).toEqual([
        { isOpen: false, total: 0, errors: 0, errorPercentage: 0 },
        { isOpen: false, total: 1, errors: 0, errorPercentage: 0 },
      ])
    },
  )
})

describe('an update', () => {
  it('#1717 #1763: applies whole or not at all', () => {
    const { command } = watched()
    const asked = command()
    expect(() => {
      asked.update({ timeoutMs: 50, properties: { 'circuitBreaker.requestVolumeThreshold': -1 } })
    }).toThrow(InvalidOptionsError)
    expect(asked.metrics().properties['execution.isolation.thread.timeoutInMilliseconds']).toBe(1_000)
  })

  it('refuses what is read once', () => {
    const { command } = watched()
    const asked = command()
    const paths = faultsIn(() => {
      asked.update({
        properties: { 'metrics.rollingStats.numBuckets': 5 },
        threadPool: { maxQueueSize: 5 },
      })
    })
    expect(paths).toEqual(['properties.metrics.rollingStats.numBuckets', 'threadPool.maxQueueSize'])
  })

  it('limits the time again after it had no limit', async () => {
    const { command, clock } = watched()
    using asked = command({ timeoutMs: false })
    asked.update({ timeoutMs: 50 })

    const answer = asked.execute({ afterMs: 100 })
    await clock.advance(100)

    expect(await answer).toBe('fb')
    asked.update({ timeoutMs: 60, properties: { 'execution.timeout.enabled': false } })
    expect(asked.snapshot().timeoutMs).toBeUndefined()
  })

  it('opens and frees the circuit', async () => {
    const { command } = watched()
    const asked = command()
    asked.update({ properties: { 'circuitBreaker.forceOpen': true } })
    expect(asked.metrics().health.isOpen).toBe(true)
    asked.update({ properties: { 'circuitBreaker.forceOpen': false } })
    expect(await asked.execute({})).toBe('ok')
  })
})

it('a registry keeps commands of the preset too, and throws out those that are idle', async () => {
  const { command } = watched()
  const registry = new CommandRegistry({ max: 1, keysFromInput: true, define: (name) => command({ name }) })
  await registry.get('a').execute({})
  const busy = registry.get('b')
  expect(busy.isIdle).toBe(true)
  expect(registry.size).toBe(1)
  registry.dispose()
})

it('#1466: what is disabled is still counted', async () => {
  const { command, clock } = watched()
  const asked = command({ breaker: false, properties: { 'circuitBreaker.requestVolumeThreshold': 1 } })
  await asked.execute({ throws: boom })
  await asked.execute({})
  await clock.advance(500)
  expect(asked.metrics().health).toMatchObject({ isOpen: false, total: 2, errors: 1, errorPercentage: 50 })
})

it('#1477: tells of the circuit and of executions while they happen', async () => {
  const { command, clock } = watched()
  const asked = command({ properties: { 'circuitBreaker.requestVolumeThreshold': 2 } })
  const told: string[] = []
  asked.on('execution', ({ outcome }) => told.push(outcome))
  asked.on('fallback', ({ outcome }) => told.push(`fallback ${outcome}`))
  asked.on('transition', ({ to }) => told.push(to))
  for (let call = 0; call < 2; call++) await asked.execute({ throws: boom })
  await clock.advance(500)
  await asked.execute({})
  await clock.advance(5_000)
  await asked.execute({})
  expect(told).toEqual([
    ...['failure', 'fallback success', 'failure', 'fallback success', 'open'],
    ...['short_circuited', 'fallback success', 'half-open', 'closed', 'success'],
  ])
})

it.each([
  ['hystrix-1.5.18', ['markCommandExecution[]', 'SUCCESS']],
  ['hystrix-1.5.13', ['SUCCESS', 'markCommandExecution[SUCCESS]']],
  [undefined, ['SUCCESS', 'markCommandExecution[SUCCESS]']],
] as const)('the notifier hears of a success in the order of its line (%s)', async (compat, expected) => {
  const { command, heard } = watched()
  await command({ compat }).execute({})
  expect(heard).toEqual(expected)
})
