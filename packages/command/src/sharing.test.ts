import { Bulkhead, CircuitBreaker, constant, consecutiveFailures, Retry } from '@breakwater/breaker'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { errorIn, failing, instrumentsOf, kindsOf, never, watch, world } from './command.model.js'
import type { World } from './command.model.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import type { CommandTuning } from './command-options.js'

function lost(around: World, tuning: CommandTuning, name: string): Command<[], never> {
  return createCommand({ name, run: failing, ...around, ...tuning })
}

describe('shared policies', () => {
  it('lets one breaker protect two commands', async () => {
    const around = world()
    const breaker = new CircuitBreaker({ ...around, name: 'shared', trip: consecutiveFailures(2) })
    const tuning = { breaker, retry: false } as const
    const [one, two] = [lost(around, tuning, 'one'), lost(around, tuning, 'two')]

    await one.outcome()
    await two.outcome()

    expect(await one.outcome()).toHaveOutcome('rejected')
    expect(await two.outcome()).toHaveOutcome('rejected')
    expect(one.breaker).toBe(breaker)
    expect(instrumentsOf(around.runtime)).toEqual([
      'breaker shared',
      'bulkhead one',
      'bulkhead two',
      'command one',
      'command two',
    ])
  })

  it('lets one bulkhead limit two commands together', async () => {
    const around = world()
    const bulkhead = new Bulkhead({ limit: 1, clock: around.clock })
    const busy = createCommand({ name: 'busy', run: never, ...around, bulkhead })
    const other = createCommand({ name: 'other', run: () => 'free', ...around, bulkhead })

    watch(busy.execute())

    expect(errorIn(await other.outcome())).toMatchObject({ code: 'ERR_BULKHEAD_FULL' })
    expect(other.bulkhead).toBe(bulkhead)
  })

  it('counts and tells the retries of each command that shares a retry for itself', async () => {
    const around = world()
    const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 0 }) })
    const one = lost(around, { retry }, 'one')
    const two = createCommand({
      name: 'two',
      run: ({ attempt }) => (attempt === 1 ? failing() : 'saved'),
      ...around,
      retry,
    })
    const told: string[] = []
    one.on('retry', ({ attempt }) => told.push(`one ${String(attempt)}`))
    two.on('retry', ({ attempt }) => told.push(`two ${String(attempt)}`))

    expect(kindsOf([await one.outcome(), await two.outcome()])).toEqual(['failure', 'success'])

    expect(one.snapshot().retries).toEqual({ attempts: 2, success: 0, failure: 0, exhausted: 1 })
    expect(two.snapshot().retries).toEqual({ attempts: 1, success: 1, failure: 0, exhausted: 0 })
    expect(retry.counts).toEqual({ attempts: 3, success: 1, failure: 0, exhausted: 1 })
    expect(told).toEqual(['one 2', 'one 3', 'two 2'])
  })
})
