import { withRequestContext } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { THREAD_POOL_PROPERTIES, COMMAND_PROPERTIES } from './core/property-table.js'
import type { HystrixCommand } from './hystrix-command.js'
import { hystrixProperties } from './hystrix-properties.js'
import type { HystrixPropertyMap } from './hystrix-properties.js'
import { watched } from './hystrix.model.js'
import type { Step, Watched } from './hystrix.model.js'
import { currentRequest } from './request-context.js'

const boom = new Error('boom')
type Asked = HystrixCommand<[step: Step, instead?: Step], unknown>
type Look = (command: Asked, world: Watched) => unknown

/** The events of a call, once all that it does is over. */
const events =
  (step: Step, instead?: Step): Look =>
  async (command, { clock }) => {
    const execution = command.start(step, instead)
    execution.result.catch(() => undefined)
    await clock.advance(1_000)
    return execution.events.join()
  }
/** How many of so many calls at once were let in. */
const admitted =
  (calls: number): Look =>
  async (command, { clock }) => {
    const all = Array.from({ length: calls }, () => command.start({ afterMs: 10 }))
    for (const { result } of all) result.catch(() => undefined)
    await clock.advance(1_000)
    return all.filter((one) => one.events.includes('SUCCESS')).length
  }
/** What comes of a call after so many failures and so much time. */
const afterFailures =
  (failures: number, ms: number): Look =>
  async (command, { clock }) => {
    for (let call = 0; call < failures; call++) await command.outcome({ throws: boom })
    await clock.advance(500)
    await command.outcome({ throws: boom })
    await clock.advance(ms)
    const execution = command.start({})
    await execution.result.catch(() => undefined)
    return execution.events[0]
  }
/** Whether work was stopped when its caller got another answer, or left. */
const stops =
  (leaves: boolean): Look =>
  async (command, { clock }) => {
    const caller = new AbortController()
    void command.with({ signal: caller.signal }).outcome({ afterMs: 2_000 })
    if (leaves) caller.abort(boom)
    await clock.advance(1_500)
    const { active } = command.metrics().pool
    await clock.advance(1_000)
    return active === 0
  }
const inRequest =
  (look: (command: Asked) => Promise<unknown>): Look =>
  (command) =>
    withRequestContext(() => look(command))

const C = 'hystrix.command.A.'
const P = 'hystrix.threadpool.G.'
const SEMAPHORE = { [`${C}execution.isolation.strategy`]: 'SEMAPHORE' }
const TRIP = { [`${C}circuitBreaker.requestVolumeThreshold`]: 4 }
const QUEUE = { [`${P}coreSize`]: 1, [`${P}maxQueueSize`]: 5 }
const GROWS = {
  [`${P}coreSize`]: 1,
  [`${P}allowMaximumSizeToDivergeFromCoreSize`]: true,
  [`${P}maximumSize`]: 3,
}

interface Effect {
  readonly name: string
  readonly to: string | number | boolean
  readonly given?: HystrixPropertyMap
  readonly look: Look
  readonly before: unknown
  readonly after: unknown
}
const EFFECTS: readonly Effect[] = [
  {
    ...{
      name: `${C}execution.isolation.strategy`,
      to: 'SEMAPHORE',
      before: 10,
      after: 2,
      look: admitted(12),
    },
    given: { [`${C}execution.isolation.semaphore.maxConcurrentRequests`]: 2 },
  },
  {
    ...{
      name: `${C}execution.isolation.thread.timeoutInMilliseconds`,
      to: 50,
      look: events({ afterMs: 100 }),
    },
    ...{ before: 'SUCCESS', after: 'TIMEOUT,FALLBACK_SUCCESS' },
  },
  {
    ...{ name: `${C}execution.timeout.enabled`, to: false, look: events({ afterMs: 999 }) },
    given: { [`${C}execution.isolation.thread.timeoutInMilliseconds`]: 50 },
    ...{ before: 'TIMEOUT,FALLBACK_SUCCESS', after: 'SUCCESS' },
  },
  {
    ...{ name: `${C}execution.isolation.thread.interruptOnTimeout`, to: false, look: stops(false) },
    ...{ before: true, after: false },
  },
  {
    ...{ name: `${C}execution.isolation.thread.interruptOnFutureCancel`, to: true, look: stops(true) },
    ...{ before: false, after: true },
  },
  {
    ...{ name: `${C}execution.isolation.semaphore.maxConcurrentRequests`, to: 3, look: admitted(12) },
    ...{ given: SEMAPHORE, before: 10, after: 3 },
  },
  {
    ...{ name: `${C}fallback.enabled`, to: false, look: events({ throws: boom }) },
    ...{ before: 'FAILURE,FALLBACK_SUCCESS', after: 'FAILURE' },
  },
  {
    ...{
      name: `${C}fallback.isolation.semaphore.maxConcurrentRequests`,
      to: 0,
      look: events({ throws: boom }),
    },
    ...{ before: 'FAILURE,FALLBACK_SUCCESS', after: 'FAILURE,FALLBACK_REJECTION' },
  },
  {
    ...{ name: `${C}circuitBreaker.enabled`, to: false, given: TRIP, look: afterFailures(4, 100) },
    ...{ before: 'SHORT_CIRCUITED', after: 'SUCCESS' },
  },
  {
    ...{ name: `${C}circuitBreaker.requestVolumeThreshold`, to: 4, look: afterFailures(4, 100) },
    ...{ before: 'SUCCESS', after: 'SHORT_CIRCUITED' },
  },
  {
    ...{
      name: `${C}circuitBreaker.sleepWindowInMilliseconds`,
      to: 90,
      given: TRIP,
      look: afterFailures(4, 100),
    },
    ...{ before: 'SHORT_CIRCUITED', after: 'SUCCESS' },
  },
  {
    ...{
      name: `${C}circuitBreaker.errorThresholdPercentage`,
      to: 101,
      given: TRIP,
      look: afterFailures(4, 100),
    },
    ...{ before: 'SHORT_CIRCUITED', after: 'SUCCESS' },
  },
  {
    ...{ name: `${C}circuitBreaker.forceOpen`, to: true, look: events({}) },
    ...{ before: 'SUCCESS', after: 'SHORT_CIRCUITED,FALLBACK_SUCCESS' },
  },
  {
    ...{ name: `${C}circuitBreaker.forceClosed`, to: true, given: TRIP, look: afterFailures(4, 100) },
    ...{ before: 'SHORT_CIRCUITED', after: 'SUCCESS' },
  },
  {
    ...{ name: `${C}requestCache.enabled`, to: false, before: true, after: false },
    look: inRequest(async (command) => {
      await command.execute({ key: 'k' })
      return command.start({ key: 'k' }).isResponseFromCache
    }),
  },
  {
    ...{ name: `${C}requestLog.enabled`, to: false, before: 1, after: 0 },
    look: inRequest(async (command) => {
      await command.execute({})
      return currentRequest()?.log.executed.length
    }),
  },
  {
    ...{ name: `${C}threadPoolKeyOverride`, to: 'P', before: 'G', after: 'P' },
    look: (command) => command.metrics().pool.key,
  },
  { name: `${P}coreSize`, to: 2, look: admitted(12), before: 10, after: 2 },
  { name: `${P}maximumSize`, to: 4, given: GROWS, look: admitted(12), before: 3, after: 4 },
  {
    ...{ name: `${P}allowMaximumSizeToDivergeFromCoreSize`, to: false, given: GROWS, look: admitted(12) },
    ...{ before: 3, after: 1 },
  },
  { name: `${P}queueSizeRejectionThreshold`, to: 2, given: QUEUE, look: admitted(12), before: 6, after: 3 },
]

function scene(given: HystrixPropertyMap): {
  readonly command: Asked
  readonly world: Watched
  readonly source: ReturnType<typeof hystrixProperties>
} {
  const world = watched()
  const source = hystrixProperties(given)
  world.runtime.configure(source)
  return { world, source, command: world.command({ cacheKey: ({ key }) => key }) }
}

describe('a dynamic property', () => {
  it('is each of these, and keepAliveTimeMinutes, which has nothing to keep', () => {
    const dynamic = [
      ...Object.entries(COMMAND_PROPERTIES).map(([name, row]) => ({ name: C + name, row })),
      ...Object.entries(THREAD_POOL_PROPERTIES).map(([name, row]) => ({ name: P + name, row })),
    ].filter(({ row }) => row.isDynamic)
    expect([...EFFECTS.map(({ name }) => name), `${P}keepAliveTimeMinutes`].sort()).toEqual(
      dynamic.map(({ name }) => name).sort(),
    )
  })

  it.each(EFFECTS)(
    '$name = $to changes what the next call does',
    async ({ name, to, given = {}, look, before, after }) => {
      const untouched = scene(given)
      expect(await look(untouched.command, untouched.world)).toEqual(before)

      const { command, world, source } = scene(given)
      await command.execute({})
      await world.clock.advance(20_000)
      source.set(name, to)
      expect(await look(command, world)).toEqual(after)
    },
  )
})
