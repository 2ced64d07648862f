/**
 * Every breaker of opossum 10 keeps two intervals: 5,000 idle ones burn 6.6 % of a core (reproduced), and its statistics
 * grow with the traffic (nodeshift/opossum#648, #799 and #809 are about memory and timers).
 */
import { createHook } from 'node:async_hooks'
import { CircuitBreaker, slowCalls } from '@breakwater/breaker'
import { expect, test } from 'vitest'
import { answering, failing, hanging, times } from '../calls.model.js'

/** The kinds of timers that were made meanwhile. */
async function timersMadeBy(run: () => Promise<unknown>): Promise<string[]> {
  const made: string[] = []
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'Timeout' || type === 'Immediate') made.push(type)
    },
  }).enable()
  await run()
  hook.disable()
  return made
}

const activeTimers = (): number =>
  process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length

test('breakers make no timers: closed, failing, or open', async () => {
  const breakers: CircuitBreaker[] = []
  const before = activeTimers()

  const made = await timersMadeBy(async () => {
    for (let count = 0; count < 1_000; count++) {
      const breaker = new CircuitBreaker()
      breakers.push(breaker)
      await breaker.execute(answering)
      await breaker.outcome(failing)
      breaker.openFor(60_000)
    }
  })

  // One immediate may tell a busy process that its turn of the loop is over; it is shared by all.
  expect(made.filter((type) => type === 'Timeout')).toEqual([])
  expect(made.length).toBeLessThanOrEqual(1)
  expect(activeTimers()).toBe(before)
  expect(breakers).toHaveLength(1_000)
})

test('breakers that watch for slow calls share one timer', async () => {
  const before = activeTimers()

  const made = await timersMadeBy(() => {
    for (let count = 0; count < 1_000; count++) {
      const breaker = new CircuitBreaker({ trip: slowCalls({ slowerThanMs: 60_000 }) })
      for (const work of times(3, hanging)) void breaker.execute(work)
    }
    return Promise.resolve()
  })

  expect(made.filter((type) => type === 'Timeout')).toHaveLength(1)
  expect(activeTimers() - before).toBeLessThanOrEqual(1)
})
