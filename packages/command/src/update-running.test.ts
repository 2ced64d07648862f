import { createRuntime } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { failing, never, world } from './command.model.js'
import { createCommand } from './command.js'

describe('an update while things run', () => {
  it('F2: counts the fallbacks that run already within their new limit', async () => {
    const around = world()
    let asked = 0
    using command = createCommand({
      ...{ name: 'limited', ...around, retry: false, breaker: false, fallbackLimit: 2 },
      run: failing,
      fallback: () => {
        asked++
        return never()
      },
    })
    const callThrice = async (): Promise<void> => {
      for (let call = 0; call < 3; call++) void command.outcome()
      await around.clock.flush()
    }

    await callThrice()
    expect(asked).toBe(2)
    command.update({ fallbackLimit: 3 })
    await callThrice()

    expect(asked).toBe(3)
    expect(command.isIdle).toBe(false)
    expect(command.totals.fallbacks).toMatchObject({ rejected: 3 })
    expect(command.describe()).toContainEqual(
      expect.objectContaining({ kind: 'fallback', options: { limit: 3, handlers: 1 } }),
    )
  })

  it('leaves in force what a listener that hears of it updates', () => {
    using command = createCommand({ name: 'told', ...world(), run: never })
    const stop = command.on('update', () => {
      stop()
      command.update({ bulkhead: { limit: 5 } })
    })

    command.update({ breaker: { openMs: 77 }, bulkhead: { limit: 50, queue: { limit: 4 } } })

    expect(command.bulkhead?.snapshot()).toMatchObject({ limit: 5, queueLimit: 4 })
  })

  it('leaves in force what a listener updates, with the preset hystrix', () => {
    using command = createCommand({ name: 'told', preset: 'hystrix', runtime: createRuntime(), run: never })
    const stop = command.on('update', () => {
      stop()
      command.update({ threadPool: { coreSize: 5 }, fallbackLimit: 6 })
    })

    command.update({
      properties: { 'circuitBreaker.sleepWindowInMilliseconds': 77 },
      threadPool: { coreSize: 50, keepAliveTimeMinutes: 3 },
    })

    expect(command.bulkhead.snapshot().limit).toBe(5)
    expect(command.metrics().pool.properties).toMatchObject({ coreSize: 5, keepAliveTimeMinutes: 3 })
    expect(command.metrics().properties).toMatchObject({
      'circuitBreaker.sleepWindowInMilliseconds': 77,
      'fallback.isolation.semaphore.maxConcurrentRequests': 6,
    })
  })
})
