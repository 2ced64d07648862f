import { withRequestContext } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { errorIn } from '../command.model.js'
import { EVENT_NAMES } from './core/events.js'
import type { EventCounts, HystrixEvent } from './core/events.js'
import type { HystrixCommand } from './hystrix-command.js'
import { HystrixBadRequestError } from './hystrix-errors.js'
import type { HystrixCommandOptions } from './hystrix-options.js'
import { watched } from './hystrix.model.js'
import type { Step, Watched } from './hystrix.model.js'
import { createStreamCommand } from './stream-command.js'

const boom = new Error('boom')
const worse = new Error('worse')
type Asked = HystrixCommand<[step: Step, instead?: Step], unknown>
type Options = Partial<
  Omit<HystrixCommandOptions<[step: Step, instead?: Step], unknown, unknown>, 'preset' | 'run'>
>

interface Case {
  /** How the event comes about; calls of other kinds before and beside it belong to it. */
  readonly act: (command: Asked, world: Watched) => unknown
  readonly options?: Options
  readonly hasFallback?: boolean
  /** What is counted in all. */
  readonly counts: EventCounts
  readonly health: readonly [total: number, errors: number]
}

const short = { timeoutMs: 100 } as const
const semaphore = {
  properties: {
    'execution.isolation.strategy': 'SEMAPHORE',
    'execution.isolation.semaphore.maxConcurrentRequests': 1,
  },
} as const
const CASES: Partial<Record<HystrixEvent, Case>> = {
  SUCCESS: { act: (command) => command.outcome({}), counts: { SUCCESS: 1 }, health: [1, 0] },
  FAILURE: {
    act: (command) => command.outcome({ throws: boom }),
    counts: { FAILURE: 1, FALLBACK_SUCCESS: 1 },
    health: [1, 1],
  },
  TIMEOUT: {
    act: (command) => command.outcome({ afterMs: 400 }),
    options: short,
    counts: { TIMEOUT: 1, FALLBACK_SUCCESS: 1 },
    health: [1, 1],
  },
  BAD_REQUEST: {
    act: (command) => command.outcome({ throws: new HystrixBadRequestError('bad') }),
    counts: { BAD_REQUEST: 1, EXCEPTION_THROWN: 1 },
    health: [0, 0],
  },
  SHORT_CIRCUITED: {
    act: (command) => command.outcome({}),
    options: { properties: { 'circuitBreaker.forceOpen': true } },
    counts: { SHORT_CIRCUITED: 1, FALLBACK_SUCCESS: 1 },
    health: [0, 0],
  },
  THREAD_POOL_REJECTED: {
    act: (command) => Promise.all([command.outcome({ afterMs: 50 }), command.outcome({})]),
    options: { threadPool: { coreSize: 1 } },
    counts: { SUCCESS: 1, THREAD_POOL_REJECTED: 1, FALLBACK_SUCCESS: 1 },
    health: [2, 1],
  },
  SEMAPHORE_REJECTED: {
    act: (command) => Promise.all([command.outcome({ afterMs: 50 }), command.outcome({})]),
    options: semaphore,
    counts: { SUCCESS: 1, SEMAPHORE_REJECTED: 1, FALLBACK_SUCCESS: 1 },
    health: [2, 1],
  },
  FALLBACK_SUCCESS: {
    act: (command) => command.outcome({ throws: boom }, { afterMs: 10 }),
    counts: { FAILURE: 1, FALLBACK_SUCCESS: 1 },
    health: [1, 1],
  },
  FALLBACK_FAILURE: {
    act: (command) => command.outcome({ throws: boom }, { throws: worse }),
    counts: { FAILURE: 1, FALLBACK_FAILURE: 1, EXCEPTION_THROWN: 1 },
    health: [1, 1],
  },
  FALLBACK_REJECTION: {
    act: (command) =>
      Promise.all([command.outcome({ throws: boom }, { afterMs: 50 }), command.outcome({ throws: boom })]),
    options: { fallbackLimit: 1 },
    counts: { FAILURE: 2, FALLBACK_SUCCESS: 1, FALLBACK_REJECTION: 1, EXCEPTION_THROWN: 1 },
    health: [2, 2],
  },
  FALLBACK_MISSING: {
    act: (command) => command.outcome({ throws: boom }),
    hasFallback: false,
    counts: { FAILURE: 1, FALLBACK_MISSING: 1, EXCEPTION_THROWN: 1 },
    health: [1, 1],
  },
  RESPONSE_FROM_CACHE: {
    act: (command) =>
      withRequestContext(async () => {
        for (let call = 0; call < 3; call++) await command.outcome({ key: 'k' })
      }),
    options: { cacheKey: ({ key }) => key },
    counts: { SUCCESS: 1, RESPONSE_FROM_CACHE: 2 },
    health: [1, 0],
  },
  CANCELLED: {
    act: async (command) => {
      const caller = new AbortController()
      const outcome = command.with({ signal: caller.signal }).outcome({ afterMs: 50 })
      caller.abort(boom)
      expect(errorIn(await outcome)).toBe(boom)
    },
    counts: { CANCELLED: 1 },
    health: [0, 0],
  },
  COLLAPSED: {
    act: (command) => command.with({ collapsed: 7 }).outcome({}),
    counts: { SUCCESS: 1, COLLAPSED: 7 },
    health: [1, 0],
  },
}
/** Told of, and never counted: as in Hystrix, whose unreleased head alone has it. */
const UNCOUNTED: readonly HystrixEvent[] = ['FALLBACK_DISABLED', 'COMMAND_MAX_ACTIVE']
/** Counted by streams below, and derived. */
const OTHERS: readonly HystrixEvent[] = ['EMIT', 'FALLBACK_EMIT', 'EXCEPTION_THROWN']

describe('the numbers of each event', () => {
  it('are shown here for all there are', () => {
    expect([...Object.keys(CASES), ...UNCOUNTED, ...OTHERS].sort()).toEqual([...EVENT_NAMES].sort())
  })

  it.each(Object.entries(CASES))('%s: in its window, and for ever', async (event, subject) => {
    const world = watched()
    const { command: make, clock, heard } = world
    const command = make(subject.options, subject.hasFallback)
    const counted = (): unknown => {
      const { rolling, cumulative } = command.metrics()
      return [rolling, cumulative]
    }
    const acted = Promise.resolve(subject.act(command, world))
    expect(counted()).toEqual([{}, {}])
    await clock.advance(999)
    await acted
    expect(counted()).toEqual([{}, {}])
    await clock.advance(1)

    expect(counted()).toEqual([subject.counts, subject.counts])
    const { health } = command.metrics()
    expect([health.total, health.errors]).toEqual(subject.health)
    expect(heard).toContain(event)
    await clock.advance(10_000)
    expect(counted()).toEqual([{}, subject.counts])
    expect(command.metrics().health.total).toBe(0)
  })

  it('EMIT, FALLBACK_EMIT: each value, in its window, and for ever', async () => {
    const { clock, runtime } = watched()
    const command = createStreamCommand<[], unknown, unknown>({
      ...{ name: 'S', clock, runtime },
      run: function* () {
        yield* [1, 2]
        throw boom
      },
      fallback: () => [3, 4, 5],
    })
    for await (const value of command.execute()) expect(value).toBeTypeOf('number')
    await clock.advance(1_000)

    const counts = { EMIT: 2, FAILURE: 1, FALLBACK_EMIT: 3, FALLBACK_SUCCESS: 1 }
    expect(command.metrics()).toMatchObject({ rolling: counts, cumulative: counts })
    await clock.advance(10_000)
    expect(command.metrics().rolling).toEqual({})
    expect(command.metrics().cumulative).toEqual(counts)
  })

  it('FALLBACK_DISABLED: is told, and counted as the failure that it was', async () => {
    const { command: make, clock, heard } = watched()
    const command = make({ properties: { 'fallback.enabled': false } })
    await command.outcome({ throws: boom })
    await clock.advance(1_000)

    expect(heard).toContain('FALLBACK_DISABLED')
    expect(command.metrics().cumulative).toEqual({ FAILURE: 1 })
  })
})

describe('the rolling maximum of concurrency', () => {
  it('is that of the starts in the window, of the command and of its pool', async () => {
    const { command: make, clock } = watched()
    const [one, other] = [make(), make({ name: 'B' })]
    for (let call = 0; call < 3; call++) void one.outcome({ afterMs: 1_500 })
    void other.outcome({ afterMs: 1_500 })
    await clock.advance(1_000)

    expect([one, other].map((it) => it.metrics().maxConcurrent)).toEqual([3, 1])
    expect(one.metrics().pool.maxActive).toBe(4)
    await clock.advance(9_999)
    expect(one.metrics().maxConcurrent).toBe(3)
    await clock.advance(1)
    expect([one.metrics().maxConcurrent, one.metrics().pool.maxActive]).toEqual([0, 0])
  })
})

describe('latencies', () => {
  it('are those of runs that ended in the window of a minute, with what they waited', async () => {
    const { command: make, clock } = watched()
    const command = make({ threadPool: { coreSize: 1, maxQueueSize: 5 }, timeoutMs: false })
    void command.outcome({ afterMs: 100 })
    void command.outcome({ afterMs: 100 })
    void command.outcome({ afterMs: 100 })
    void command.outcome({ afterMs: 100 })
    await clock.advance(9_999)
    expect(command.metrics().latency.count).toBe(0)
    await clock.advance(1)

    const { latency, totalLatency } = command.metrics()
    expect([latency.count, latency.mean, totalLatency.count]).toEqual([4, 250, 4])
    expect([0, 25, 50, 75, 90, 99.5, 100].map((p) => latency.percentile(p))).toEqual([
      ...[100, 100, 200, 300, 400, 400, 400],
    ])
    await clock.advance(60_000)
    expect(command.metrics().latency).toMatchObject({ count: 0, mean: 0 })
    expect(command.metrics().latency.percentile(50)).toBe(0)
  })
})
