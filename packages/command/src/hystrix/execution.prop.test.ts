import type { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENTS, EVENT_NAMES } from './core/events.js'
import type { HystrixExecution } from './execution-view.js'
import { watched } from './hystrix.model.js'
import type { Step } from './hystrix.model.js'

interface Planned {
  readonly afterMs: number
  readonly run: Step
  readonly instead: Step
  readonly leavesAfterMs: number | undefined
}
interface Life {
  readonly compat: 'hystrix-1.5.18' | 'hystrix-1.5.13' | undefined
  readonly strategy: 'THREAD' | 'SEMAPHORE'
  readonly queue: number
  readonly hasFallback: boolean
  readonly calls: readonly Planned[]
}

const step: fc.Arbitrary<Step> = fc
  .record({
    afterMs: fc.constantFrom(undefined, 0, 50, 100, 150, 400),
    fails: fc.boolean(),
    isDeaf: fc.boolean(),
  })
  .map(({ afterMs, fails, isDeaf }) => ({
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(fails ? { throws: new Error('down') } : {}),
    isDeaf,
  }))
const lives: fc.Arbitrary<Life> = fc.record({
  compat: fc.constantFrom(undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'),
  strategy: fc.constantFrom('THREAD', 'SEMAPHORE'),
  queue: fc.nat(2),
  hasFallback: fc.boolean(),
  calls: fc.array(
    fc.record({
      afterMs: fc.constantFrom(0, 0, 1, 50, 100),
      run: step,
      instead: step,
      leavesAfterMs: fc.constantFrom(undefined, undefined, 0, 20, 100, 120),
    }),
    { minLength: 1, maxLength: 20 },
  ),
})

interface Lived {
  readonly command: ReturnType<ReturnType<typeof watched>['command']>
  readonly executions: readonly HystrixExecution<unknown>[]
  readonly settled: readonly string[]
  readonly clock: SimClock
  readonly mostAtOnce: number
}

async function live({ compat, strategy, queue, hasFallback, calls }: Life): Promise<Lived> {
  const { command: make, clock } = watched()
  const command = make(
    {
      compat,
      timeoutMs: 100,
      fallbackLimit: 2,
      properties: {
        'execution.isolation.strategy': strategy,
        'execution.isolation.semaphore.maxConcurrentRequests': 2,
        'circuitBreaker.requestVolumeThreshold': 4,
        'circuitBreaker.sleepWindowInMilliseconds': 200,
      },
      threadPool: { coreSize: 2, maxQueueSize: queue === 0 ? -1 : queue },
    },
    hasFallback,
  )
  command.metrics()
  const executions: HystrixExecution<unknown>[] = []
  const settled: string[] = []
  let mostAtOnce = 0
  for (const { afterMs, run, instead, leavesAfterMs } of calls) {
    await clock.advance(afterMs)
    const caller = new AbortController()
    const execution = command.with({ signal: caller.signal }).start(run, instead)
    executions.push(execution)
    execution.result.then(
      () => settled.push('answered'),
      (error: unknown) => settled.push(error === caller.signal.reason ? 'left' : 'failed'),
    )
    if (leavesAfterMs !== undefined)
      clock.io(clock.now() + leavesAfterMs, () => caller.abort(new Error('gone')))
    mostAtOnce = Math.max(mostAtOnce, command.bulkhead.snapshot().running)
  }
  await clock.advance(20_000)
  return { command, executions, settled, clock, mostAtOnce }
}

describe('executions of the preset hystrix, whatever becomes of them', () => {
  const check = (property: (lived: Lived) => unknown): Promise<void> =>
    fc.assert(
      fc.asyncProperty(lives, async (life) => void (await property(await live(life)))),
      { numRuns: 300 },
    )

  it('X2: each ends in exactly one way', () =>
    check(({ executions, settled, command }) => {
      expect(settled).toHaveLength(executions.length)
      for (const { events } of executions) {
        const terminal = events.filter((event) => EVENTS[event].isTerminal === true)
        expect(terminal).toHaveLength(1)
      }
      const { executions: counted, inFlight } = command.snapshot()
      expect(inFlight).toBe(0)
      expect(Object.values(counted).reduce((sum, count) => sum + count, 0)).toBe(executions.length)
    }))

  it('X2: the counts of all time are those of the executions', () =>
    check(({ executions, command }) => {
      const { cumulative } = command.metrics()
      for (const event of EVENT_NAMES) {
        if (event === 'EXCEPTION_THROWN') continue
        const happened = executions.filter(({ events }) => events.includes(event)).length
        expect([event, cumulative[event] ?? 0]).toEqual([event, happened])
      }
    }))

  it('H1 H6: slots are never exceeded, and all are free in the end, each once', () =>
    check(({ command, mostAtOnce }) => {
      expect(mostAtOnce).toBeLessThanOrEqual(2)
      const { running, queued } = command.bulkhead.snapshot()
      const { concurrent, pool } = command.metrics()
      expect([running, queued, concurrent, pool.active, pool.queue]).toEqual([0, 0, 0, 0, 0])
    }))

  it('B4 B6: no permit of the circuit is lost: a success closes it, whatever was before', () =>
    check(async ({ command, clock }) => {
      for (let call = 0; call < 2; call++) {
        expect(await command.execute({}, {})).toBe('ok')
        await clock.advance(1_000)
      }
      expect(command.breaker.state).toBe('closed')
    }))

  it('K4 T7: no timer is left', () =>
    check(({ clock }) => {
      expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
    }))
})
