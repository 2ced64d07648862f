import { CallTimeoutError, createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import type { CommandTotals } from '../command-shape.js'
import type { HystrixCompat } from './core/line.js'
import type { IsolationStrategy } from './core/property-table.js'
import type { HystrixExecution } from './execution-view.js'

interface Seen {
  readonly execution: HystrixExecution<string>
  readonly told: readonly string[]
  readonly asked: number
  readonly totals: CommandTotals
}

interface Ending {
  readonly strategy?: IsolationStrategy
  readonly error?: Error
  readonly leavesAt?: number
}

const DOWN = new Error('down')

/** A call whose work fails at 50, and that is cancelled before, or when it says. */
async function cancelled(
  compat: HystrixCompat | undefined,
  fallback?: (clock: SimClock) => string | Promise<string>,
  { strategy = 'THREAD', error = DOWN, leavesAt = 10 }: Ending = {},
): Promise<Seen> {
  const clock = new SimClock()
  const told: string[] = []
  let asked = 0
  const caller = new AbortController()
  const command = createCommand({
    name: 'Late',
    preset: 'hystrix',
    clock,
    runtime: createRuntime(),
    compat,
    properties: { 'execution.isolation.strategy': strategy },
    notifier: { markEvent: (event) => void told.push(event) },
    run: (): Promise<string> => new Promise((_, reject) => void clock.schedule(50, () => reject(error))),
    fallback:
      fallback &&
      (() => {
        asked++
        return fallback(clock)
      }),
  })
  const execution = command.with({ signal: caller.signal }).start()
  execution.result.catch(() => undefined)
  clock.schedule(leavesAt, () => caller.abort())
  await clock.advance(100)
  return { execution, told, asked, totals: command.totals }
}

describe('a fallback that fails after its caller has gone', () => {
  const failsLater = (clock: SimClock): Promise<string> =>
    new Promise((_, reject) => void clock.schedule(80, () => reject(new Error('late'))))
  const late = (compat: HystrixCompat | undefined): Promise<Seen> =>
    cancelled(compat, failsLater, { leavesAt: 60 })

  it('is told like any other', async () => {
    const { execution, told } = await late('hystrix-1.5.18')

    expect(told).toEqual(['FAILURE', 'CANCELLED', 'FALLBACK_FAILURE', 'EXCEPTION_THROWN'])
    expect(execution.events).toEqual(['FAILURE', 'CANCELLED'])
  })

  it.each([10, 60])('is counted as no answer of a caller who left at %d', async (leavesAt) => {
    const { totals, asked } = await cancelled('hystrix-1.5.18', failsLater, { leavesAt })

    expect(asked).toBe(1)
    expect(totals.exceptionsThrown).toBe(0)
    expect(Object.values(totals.fallbacks)).toEqual([0, 0, 0, 0])
  })

  it('is told to nobody in our own line', async () => {
    const { told } = await late(undefined)

    expect(told).toEqual(['FAILURE', 'CANCELLED'])
  })
})

describe('work that fails after its caller has gone', () => {
  it.each(['hystrix-1.5.18', 'hystrix-1.5.13'] as const)(
    'is told and asks the fallback, with compat %s',
    async (compat) => {
      const { execution, told, asked } = await cancelled(compat, () => 'instead')

      expect(told).toEqual(['CANCELLED', 'FAILURE'])
      expect(asked).toBe(1)
      expect(execution.events).toEqual(['CANCELLED'])
      expect(execution).toMatchObject({ executionError: DOWN, failedExecutionError: DOWN })
    },
  )

  it('is told as an exception when there is no fallback', async () => {
    const { execution, told } = await cancelled('hystrix-1.5.18')

    expect(told).toEqual(['CANCELLED', 'FAILURE', 'FALLBACK_MISSING', 'EXCEPTION_THROWN'])
    expect(execution.events).toEqual(['CANCELLED'])
  })

  it('says nothing of a timeout that the work throws, as only the timer tells of one', async () => {
    const error = new CallTimeoutError('inside')
    const { told, asked } = await cancelled('hystrix-1.5.13', () => 'instead', { error })

    expect(told).toEqual(['CANCELLED'])
    expect(asked).toBe(1)
  })

  it('says nothing when it ran in the thread of its caller, which cannot outlive him', async () => {
    const { told, asked } = await cancelled('hystrix-1.5.13', () => 'instead', { strategy: 'SEMAPHORE' })

    expect(told).toEqual(['CANCELLED'])
    expect(asked).toBe(0)
  })

  it('says nothing to anybody in our own line', async () => {
    const { told, asked } = await cancelled(undefined, () => 'instead')

    expect(told).toEqual(['CANCELLED'])
    expect(asked).toBe(0)
  })
})
