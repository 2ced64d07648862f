/**
 * Callers who leave in the moment between the end of the work, or of its time, and the next step of the execution.
 */
import { Timeout } from '@breakwater/breaker'
import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import type { HystrixCommand } from './hystrix-command.js'
import type { HystrixCommandOptions } from './hystrix-options.js'
import { createStreamCommand } from './stream-command.js'

const STRATEGIES = ['THREAD', 'SEMAPHORE'] as const
const LINES = [undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const
const LIMITS = STRATEGIES.flatMap((strategy) => LINES.map((compat) => ({ strategy, compat })))

interface Scene {
  readonly clock: SimClock
  readonly caller: AbortController
  readonly command: HystrixCommand<[work: () => unknown], unknown>
}

/** A command for one call at a time. */
function scene({ strategy, compat }: (typeof LIMITS)[number], queue = -1): Scene {
  const clock = new SimClock()
  const options: HystrixCommandOptions<[work: () => unknown], unknown> = {
    ...{ name: 'A', preset: 'hystrix', clock, runtime: createRuntime(), timeoutMs: 100 },
    ...(compat === undefined ? {} : { compat }),
    properties: {
      'execution.isolation.strategy': strategy,
      'execution.isolation.semaphore.maxConcurrentRequests': 1,
    },
    threadPool: { coreSize: 1, maxQueueSize: queue },
    run: (_call, work) => work(),
  }
  return { clock, caller: new AbortController(), command: createCommand(options) }
}

/** That one call was counted, as cancelled, and the next one finds a slot. */
async function expectWhole({ command }: Scene): Promise<void> {
  const { executions, inFlight } = command.snapshot()
  const total = Object.values(executions).reduce((sum, count) => sum + count, 0)
  expect([total, executions.cancelled, inFlight]).toEqual([1, 1, 0])
  expect(await command.outcome(() => 'next')).toEqual({ kind: 'success', value: 'next' })
}

describe.each(LIMITS)('a caller who leaves, with $strategy in the line $compat,', (limits) => {
  it.each(['answered', 'failed'])('just when the work has %s, takes no slot along', async (end) => {
    const at = scene(limits)
    const { caller, clock, command } = at
    const work = new Promise((resolve, reject) => {
      clock.io(10, () => (end === 'answered' ? resolve('value') : reject(new Error('down'))))
    })

    const outcome = command.with({ signal: caller.signal }).outcome(() => work)
    const leave = (): void => caller.abort()
    work.then(leave, leave)
    await clock.advance(10)

    expect(await outcome).toMatchObject({ kind: 'cancelled' })
    await expectWhole(at)
  })

  it('just when the time is over, is counted once', async () => {
    const at = scene(limits)
    const { caller, clock, command } = at
    const timeout = new Timeout({ timeoutMs: 100, clock })
    timeout.on('timeout', () => caller.abort())

    const work = new Promise((resolve) => {
      clock.io(200, () => resolve('late'))
    })
    const outcome = command.with({ signal: caller.signal }).outcome(() => work)
    void timeout.outcome(() => new Promise(() => undefined))
    await clock.advance(300)

    expect(await outcome).toMatchObject({ kind: 'cancelled' })
    await expectWhole(at)
  })
})

it('a caller who leaves a queue just when his time is over is counted once', async () => {
  const at = scene({ strategy: 'THREAD', compat: undefined }, 1)
  const { caller, clock, command } = at
  const first = command
    .with({ budgetMs: 50 })
    .outcome(() => new Promise((resolve) => clock.io(300, () => resolve(1))))
  const timeout = new Timeout({ timeoutMs: 100, clock })
  timeout.on('timeout', () => caller.abort())

  const second = command.with({ signal: caller.signal }).outcome(() => 'never runs')
  void timeout.outcome(() => new Promise(() => undefined))
  await clock.advance(500)

  expect([await first, await second]).toMatchObject([{ kind: 'timeout' }, { kind: 'cancelled' }])
  expect(command.snapshot()).toMatchObject({ inFlight: 0, executions: { timeout: 1, cancelled: 1 } })
})

it.each(['ended', 'failed'])(
  'a caller who leaves a stream about when it has %s is counted once',
  async (end) => {
    for (let microtasks = 0; microtasks < 8; microtasks++) {
      const caller = new AbortController()
      const clock = new SimClock()
      const step = new Promise<IteratorResult<number>>((resolve, reject) => {
        clock.io(10, () => (end === 'ended' ? resolve({ done: true, value: 0 }) : reject(new Error('down'))))
      })
      const command = createStreamCommand({
        ...{ name: 'S', clock, runtime: createRuntime() },
        run: () => ({ [Symbol.asyncIterator]: () => ({ next: () => step }) }),
      })
      const next = command.with({ signal: caller.signal }).execute().next()
      next.catch(() => undefined)
      const leave = async (): Promise<void> => {
        for (let passed = 0; passed < microtasks; passed++) await Promise.resolve()
        caller.abort()
      }
      // After the command, which has asked for it by then.
      await clock.advance(5)
      step.then(leave, leave)
      await clock.advance(5)
      await next.catch(() => undefined)

      const { executions, inFlight } = command.snapshot()
      const total = Object.values(executions).reduce((sum, count) => sum + count, 0)
      expect([microtasks, total, inFlight, command.metrics().concurrent]).toEqual([microtasks, 1, 0, 0])
      command.dispose()
    }
  },
)
