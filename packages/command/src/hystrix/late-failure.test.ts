import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import type { HystrixCompat } from './core/line.js'
import type { HystrixExecution } from './execution-view.js'

interface Seen {
  readonly execution: HystrixExecution<string>
  readonly told: readonly string[]
  readonly asked: number
}

/** A call that is cancelled after 10 ms, and whose work fails after 50. */
async function cancelled(compat: HystrixCompat | undefined, fallback?: () => string): Promise<Seen> {
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
    notifier: { markEvent: (event) => void told.push(event) },
    run: (): Promise<string> =>
      new Promise((_, reject) => void clock.schedule(50, () => reject(new Error('down')))),
    fallback:
      fallback &&
      (() => {
        asked++
        return fallback()
      }),
  })
  const execution = command.with({ signal: caller.signal }).start()
  execution.result.catch(() => undefined)
  clock.schedule(10, () => caller.abort())
  await clock.advance(100)
  return { execution, told, asked }
}

describe('work that fails after its caller has gone', () => {
  it.each(['hystrix-1.5.18', 'hystrix-1.5.13'] as const)(
    'is told and asks the fallback, with compat %s',
    async (compat) => {
      const { execution, told, asked } = await cancelled(compat, () => 'instead')

      expect(told).toEqual(['CANCELLED', 'FAILURE'])
      expect(asked).toBe(1)
      expect(execution.events).toEqual(['CANCELLED'])
    },
  )

  it('is told as an exception when there is no fallback', async () => {
    const { execution, told } = await cancelled('hystrix-1.5.18')

    expect(told).toEqual(['CANCELLED', 'FAILURE', 'FALLBACK_MISSING', 'EXCEPTION_THROWN'])
    expect(execution.events).toEqual(['CANCELLED'])
  })

  it('says nothing to anybody in our own line', async () => {
    const { told, asked } = await cancelled(undefined, () => 'instead')

    expect(told).toEqual(['CANCELLED'])
    expect(asked).toBe(0)
  })
})
