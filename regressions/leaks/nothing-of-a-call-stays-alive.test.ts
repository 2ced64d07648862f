/**
 * The heap may be flat by luck; here each thing that belongs to a call is watched by itself, while the policies and
 * a signal of the caller that outlives all calls stay.
 */
import { getEventListeners } from 'node:events'
import { Bulkhead, CircuitBreaker, Retry, Timeout } from '@breakwater/breaker'
import type { Call, Work } from '@breakwater/kernel'
import { pipeline } from '@breakwater/kernel'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering } from '../calls.model.js'
import { aliveOf, failOnWarnings } from './leaks.model.js'
import { caller, loadOf, WAYS } from './loads.model.js'
import type { Manner, Target, Way } from './loads.model.js'
import { commandFor, stackFor } from './targets.model.js'

failOnWarnings()

const CALLS = 1_000
/** Of the last failure a breaker keeps the error, to name it as the cause of its refusals. */
const MOST_ALIVE = 2

/** The same, with all that one call of it is made of watched. */
function watched(target: Target, references: WeakRef<object>[]): Target {
  const watchWork =
    (work: Work<unknown>): Work<unknown> =>
    (call: Call) => {
      const answer = work(call)
      for (const part of [call, call.signal, answer]) {
        if (typeof part === 'object' && part !== null) references.push(new WeakRef(part))
      }
      return answer
    }
  const watchEnd = <E extends object>(promise: Promise<E>): Promise<E> => {
    references.push(new WeakRef(promise))
    return promise.then((end) => {
      references.push(new WeakRef(end))
      return end
    })
  }
  return {
    execute: (work, options) => {
      const own = watchWork(work)
      references.push(new WeakRef(own))
      return watchEnd(target.execute(own, options).then((value) => ({ value })))
    },
    outcome: (work, options) => watchEnd(target.outcome(watchWork(work), options)),
  }
}

const stacks: [string, (way: Way, clock: SimClock) => Target][] = [
  ['pipeline', stackFor],
  ['command', commandFor],
]

for (const [name, make] of stacks) {
  test.each(Object.keys(WAYS) as Way[])(`nothing of a call in a ${name} stays alive: %s`, async (way) => {
    const clock = new SimClock()
    const target = make(way, clock)
    const references: WeakRef<object>[] = []
    const manner = (): Manner => WAYS[way](clock)

    await loadOf(watched(target, references), manner)(CALLS)

    expect(references.length).toBeGreaterThanOrEqual(CALLS)
    expect(await aliveOf(references)).toBeLessThanOrEqual(MOST_ALIVE)
    expect(getEventListeners(caller.signal, 'abort').length).toBe(0)
    // What was called is still there, and works.
    if (way !== 'rejection') expect(await target.execute(answering)).toBe('up')
  })
}

test('policies that nobody holds are collected, though their clock, and a signal they heard, live on', async () => {
  const clock = new SimClock()
  const references: WeakRef<object>[] = []
  const use = async (): Promise<void> => {
    const own = [
      new Bulkhead({ clock }),
      new CircuitBreaker({ clock }),
      new Retry({ clock }),
      new Timeout({ timeoutMs: 60_000, clock }),
    ] as const
    const fallback = new Fallback({ chain: [answering] })
    const stack = pipeline(fallback, ...own)
    for (const policy of [...own, fallback, stack]) {
      references.push(new WeakRef(policy))
      await policy.execute(answering, { signal: caller.signal, budgetMs: 50_000 })
    }
  }

  for (let life = 0; life < CALLS; life++) await use()

  expect(references).toHaveLength(6 * CALLS)
  expect(await aliveOf(references)).toBeLessThanOrEqual(6)
  expect(clock.pending.timers).toBe(0)
})
