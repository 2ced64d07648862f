import { describe, expect, it } from 'vitest'
import { createCommand } from '../../command.js'
import { faultsIn } from '../../command.model.js'
import { hystrixProperties } from '../hystrix-properties.js'
import { watched } from '../hystrix.model.js'
import { commandFaults, threadPoolFaults } from './hystrix-numbers.js'
import { healthShapeOf } from './numbers-taken.js'
import { resolveProperties } from './properties.js'

const TIMEOUT = 'execution.isolation.thread.timeoutInMilliseconds'
const HEALTH = 'metrics.healthSnapshot.intervalInMilliseconds'
const compat = 'hystrix-1.5.18'
const run = (): string => 'up'
const nowhere = { lookup: () => undefined, takesAnyNumber: true }

describe('a command in a line of Hystrix', () => {
  it.each(['THREAD', 'SEMAPHORE'] as const)(
    'fails each run that has no time, says why, and holds no slot (%s)',
    async (strategy) => {
      const { command, clock } = watched()
      using broken = command({
        compat,
        properties: { [TIMEOUT]: 0, 'execution.isolation.strategy': strategy },
      })

      const execution = broken.start({ returns: 'never' })
      expect(await execution.result).toBe('fb')

      expect(execution).toMatchObject({ events: ['FAILURE', 'FALLBACK_SUCCESS'], latencyMs: 0 })
      expect(String(execution.executionError)).toContain(TIMEOUT)
      expect(broken.bulkhead.snapshot().running).toBe(0)
      await clock.advance(1_000)
      expect(broken.metrics().health).toMatchObject({ total: 1, errors: 1 })
      expect(broken.totals.executions.failure).toBe(1)
    },
  )

  it('is not made where Hystrix could make none, and every such number is named', () => {
    const properties = { [HEALTH]: 0, 'metrics.rollingPercentile.numBuckets': -1 }
    const make = (): unknown =>
      createCommand({ name: 'A', preset: 'hystrix', compat, run, properties, threadPool: { coreSize: 0 } })

    expect(faultsIn(make)).toEqual([
      `properties.${HEALTH}`,
      'properties.metrics.rollingPercentile.numBuckets',
      'threadPool.coreSize',
    ])
  })

  it('takes the largest number as the size of a queue without a limit', async () => {
    const { command, clock } = watched()
    const unlimited = { maxQueueSize: 2 ** 31 - 1, queueSizeRejectionThreshold: 2 ** 31 - 1 }
    using queued = command({ compat, threadPool: { coreSize: 1, ...unlimited } }, false)

    const calls = [queued.execute({ afterMs: 10 }), queued.execute({ returns: 2 })]
    await clock.advance(10)

    expect(await Promise.all(calls)).toEqual(['ok', 2])
  })

  it('changes to any number while it works', async () => {
    const { command } = watched()
    using live = command({ compat }, false)

    live.update({ properties: { [TIMEOUT]: -5 } })

    await expect(live.execute({})).rejects.toMatchObject({ failureType: 'COMMAND_EXCEPTION' })
  })
})

describe('a source of properties', () => {
  it('takes with compat what Hystrix takes, of which commands without it take no notice', async () => {
    const { command, runtime } = watched()
    const source = hystrixProperties({ [`hystrix.command.default.${TIMEOUT}`]: 0 }, { compat })
    runtime.configure(source)
    using ours = command({ name: 'Ours' }, false)
    using theirs = command({ name: 'Theirs', compat }, false)

    expect(await ours.execute({ returns: 1 })).toBe(1)
    await expect(theirs.execute({})).rejects.toMatchObject({ failureType: 'COMMAND_EXCEPTION' })
  })

  it('refuses them without, and what is no int of Java always', () => {
    const name = `hystrix.command.A.${TIMEOUT}`
    expect(faultsIn(() => hystrixProperties({ [name]: 0 }))).toEqual([name])
    expect(faultsIn(() => hystrixProperties({ [name]: 2 ** 31 }, { compat }))).toEqual([name])
    expect(faultsIn(() => hystrixProperties({}, { compat: 'hystrix-2' as never }))).toEqual(['compat'])
  })
})

it('finds nothing wrong with what Hystrix has by default', () => {
  expect(commandFaults(resolveProperties('command', 'A', {}, nowhere))).toEqual([])
  expect(threadPoolFaults(resolveProperties('threadpool', 'A', {}, nowhere))).toEqual([])
})

it('asks for one thread at least, of whichever number counts', () => {
  const faultsOf = (given: object): string[] =>
    threadPoolFaults(resolveProperties('threadpool', 'A', { ...given }, nowhere)).map((one) => one.property)

  expect(faultsOf({ coreSize: 0 })).toEqual(['coreSize'])
  expect(faultsOf({ coreSize: 0, allowMaximumSizeToDivergeFromCoreSize: true })).toEqual([])
  expect(faultsOf({ coreSize: -1, allowMaximumSizeToDivergeFromCoreSize: true })).toEqual(['coreSize'])
  expect(faultsOf({ keepAliveTimeMinutes: -1 })).toEqual(['keepAliveTimeMinutes'])
})

it('keeps a window of very many health buckets as long as it is', () => {
  const shapeOf = (given: object): unknown =>
    healthShapeOf(resolveProperties('command', 'A', { ...given }, nowhere))
  const window = 'metrics.rollingStats.timeInMilliseconds'

  expect(shapeOf({ [HEALTH]: 1 })).toEqual({ windowMs: 10_000, buckets: 10_000 })
  expect(shapeOf({ [HEALTH]: 1, [window]: 60_000 })).toEqual({ windowMs: 60_000, buckets: 10_000 })
  expect(shapeOf({ [HEALTH]: 300, [window]: 1_000 })).toEqual({ windowMs: 900, buckets: 3 })
})
