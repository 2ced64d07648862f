import { AsyncLocalStorage } from 'node:async_hooks'
import { constant, linear } from '@breakwater/breaker'
import { CallTimeoutError, DeadlineExceededError } from '@breakwater/kernel'
import { createScriptedDependency } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { never, watch, world } from './command.model.js'
import { createCommand } from './command.js'

const down = new Error('down')

describe('the time of the whole call', () => {
  it('ends the call in the middle of a later attempt, with DeadlineExceededError', async () => {
    const around = world()
    const dependency = createScriptedDependency({ clock: around.clock, script: [{ never: true }] })
    const command = createCommand({
      name: 'slow',
      run: dependency.run,
      ...around,
      timeoutMs: 2_500,
      retry: { backoff: constant({ ms: 100 }) },
    })

    const seen = watch(command.execute())
    await around.clock.advance(2_499)
    expect(seen.ended).toBe('not yet')
    await around.clock.advance(1)

    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
    expect(dependency.calls.map(({ startedAt, aborted }) => [startedAt, aborted])).toEqual([
      [0, true],
      [2_100, true],
    ])
  })

  it('is told with the run time of the attempt that it ends, in the numbers too', async () => {
    const around = world()
    const command = createCommand({
      name: 'slow',
      run: never,
      ...around,
      timeoutMs: 2_500,
      retry: { backoff: constant({ ms: 100 }) },
    })
    const told: unknown[] = []
    command.on('execution', ({ outcome, durationMs }) => told.push([outcome, durationMs]))

    const seen = watch(command.execute())
    await around.clock.advance(2_500)

    expect(seen.error).toBeInstanceOf(DeadlineExceededError)
    expect(told).toEqual([['timeout', 400]])
    expect(command.snapshot().latency).toMatchObject({ count: 1, max: 400 })
  })

  it('has no run time for a call that still waits for a slot', async () => {
    const around = world()
    const command = createCommand({
      name: 'slow',
      run: never,
      ...around,
      bulkhead: { limit: 1, queue: { limit: 1 } },
    })

    void command.outcome()
    const waiting = watch(command.with({ budgetMs: 40 }).execute())
    await around.clock.advance(40)

    expect(waiting.error).toBeInstanceOf(DeadlineExceededError)
    expect(command.snapshot().latency.count).toBe(0)
  })

  it('leaves the error of an attempt to the attempt when both are equally long', async () => {
    const around = world()
    const command = createCommand({
      name: 'slow',
      run: never,
      ...around,
      timeoutMs: 800,
      attemptTimeoutMs: 800,
    })

    const seen = watch(command.execute())
    await around.clock.advance(800)

    expect(seen.error).toBeInstanceOf(CallTimeoutError)
  })

  it('counts as a timeout for the breaker, whichever of the times is over', async () => {
    const around = world()
    const command = createCommand({
      name: 'slow',
      run: never,
      ...around,
      timeoutMs: 300,
      attemptTimeoutMs: false,
    })

    watch(command.execute())
    await around.clock.advance(300)

    expect(command.snapshot()).toMatchObject({ executions: { timeout: 1 }, breaker: { failures: 1 } })
  })

  it('lets no retry begin its wait that does not fit', async () => {
    const around = world()
    const dependency = createScriptedDependency({
      clock: around.clock,
      script: [{ afterMs: 400, error: down }],
    })
    const command = createCommand({
      name: 'lost',
      run: dependency.run,
      ...around,
      timeoutMs: 1_000,
      retry: { maxRetries: 5, backoff: linear({ baseMs: 100, maxMs: 1_000 }) },
    })

    const seen = watch(command.execute())
    await around.clock.advance(900)

    // The first fits (500 of 1000 ms are gone when it begins); the second would begin at 1100.
    expect(seen.error).toBe(down)
    expect(dependency.calls.map(({ startedAt }) => startedAt)).toEqual([0, 500])
    expect(command.snapshot().retries).toEqual({ attempts: 1, success: 0, failure: 0, exhausted: 1 })
  })

  it('measures the latency of what ran, not of what was refused', async () => {
    const around = world()
    const { run } = createScriptedDependency({ clock: around.clock, script: [{ afterMs: 40 }] })
    const command = createCommand({ name: 'quick', run, ...around })

    watch(command.execute())
    await around.clock.advance(40)
    command.breaker?.forceOpen()
    await command.outcome()

    expect(command.snapshot().latency).toMatchObject({ count: 1, max: 40 })
  })
})

describe('the async context of the caller', () => {
  it('is there in the work of each attempt and in the fallback', async () => {
    const storage = new AsyncLocalStorage<string>()
    const around = world()
    const seen: unknown[] = []
    const run = (call: { attempt: number }): Promise<never> => {
      seen.push([call.attempt, storage.getStore()])
      return call.attempt === 2 ? never() : Promise.reject(down)
    }
    const fallback = (): void => {
      seen.push(['fallback', storage.getStore()])
    }
    const command = createCommand({ name: 'traced', run, fallback, ...around })

    storage.run('request 1', () => watch(command.execute()))
    storage.run('request 2', () => watch(command.with({ budgetMs: 9_000 }).execute()))
    await storage.run('somebody else', () => around.clock.advance(10_000))

    expect(seen.filter((entry) => (entry as unknown[])[1] === 'request 1')).toEqual([
      [1, 'request 1'],
      [2, 'request 1'],
      [3, 'request 1'],
      ['fallback', 'request 1'],
    ])
    expect(seen.filter((entry) => (entry as unknown[])[1] === 'request 2')).toHaveLength(4)
    expect(seen).toHaveLength(8)
  })
})
