/**
 * A failsafe bulkhead loses a permit with each waiter whose time is over, until its capacity is 0 and every call is refused
 * (failsafe-lib/failsafe#393, #400). Late releases must add none either: more than the limit ran in #391.
 */
import { Bulkhead, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'

test('whatever ends the wait of a thousand waiters, all slots are there afterwards, and no more', async () => {
  const clock = new SimClock()
  const bulkhead = new Bulkhead({ limit: 3, queue: { limit: 50, maxWaitMs: 20 }, clock })
  const script = [{ afterMs: 35, value: 'slow', ignoreAbort: true }]
  const dependency = createScriptedDependency<string>({ clock, script })
  const timed = pipeline(
    new Timeout({ timeoutMs: 15, clock }),
    bulkhead,
    new Timeout({ timeoutMs: 10, clock }),
  )
  const ends = new Map<string, number>()
  const count = ({ kind }: { kind: string }): unknown => ends.set(kind, (ends.get(kind) ?? 0) + 1)

  for (let round = 0; round < 250; round++) {
    const controller = new AbortController()
    void bulkhead.outcome(dependency.run).then(count)
    void timed.outcome(dependency.run).then(count)
    void bulkhead.outcome(dependency.run, { signal: controller.signal }).then(count)
    void bulkhead.outcome(dependency.run, { budgetMs: 12 }).then(count)
    await clock.advance(7)
    controller.abort()
  }
  await clock.advance(1_000)

  expect([...ends.keys()].sort()).toEqual(['cancelled', 'rejected', 'success', 'timeout'])
  expect([...ends.values()].reduce((sum, some) => sum + some)).toBe(1_000)
  expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  expect(dependency.maxRunning).toBe(3)
  const again = [1, 2, 3].map(() => bulkhead.outcome(dependency.run))
  await clock.advance(100)
  expect((await Promise.all(again)).map(({ kind }) => kind)).toEqual(['success', 'success', 'success'])
})
