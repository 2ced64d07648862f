/**
 * cockatiel 4 takes a queued call out in a microtask after the slot became free, and lets it ask for the slot again:
 * newcomers in that gap get it, and the call that had been accepted is rejected as one too many (reproduced, D2). One that
 * is aborted while it waits neither ends nor leaves its place (reproduced, D3, connor4312/cockatiel#112), and none has
 * a longest wait.
 */
import '@breakwater/testing/vitest'
import { Bulkhead } from '@breakwater/breaker'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { hanging } from '../calls.model.js'

test.each([0, 1, 2, 3, 4, 5, 6])(
  'newcomers %i microtasks after a slot became free cannot take it',
  async (steps) => {
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 } })
    let free: (() => void) | undefined
    const first = bulkhead.execute(
      () =>
        new Promise<void>((resolve) => {
          free = resolve
        }),
    )
    const accepted = bulkhead.outcome(() => 'ran')

    free?.()
    await microtaskSteps(steps)
    const newcomers = [bulkhead.outcome(hanging), bulkhead.outcome(hanging)]

    await first
    expect(await accepted).toEqual({ kind: 'success', value: 'ran' })
    expect(newcomers).toHaveLength(2)
  },
)

test('an abort ends the wait at once and frees the place', async () => {
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 } })
  const controller = new AbortController()
  void bulkhead.execute(hanging)
  const waiting = bulkhead.outcome(hanging, { signal: controller.signal })

  controller.abort('enough')

  expect(await waiting).toEqual({ kind: 'cancelled', error: 'enough' })
  expect(bulkhead.snapshot().queued).toBe(0)
  void bulkhead.outcome(hanging)
  expect(bulkhead.snapshot()).toMatchObject({ queued: 1, rejections: { queue_full: 0 } })
})

test('nobody waits longer than maxWaitMs', async () => {
  const clock = new SimClock()
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 100 }, clock })
  void bulkhead.execute(hanging)
  const waiting = bulkhead.outcome(hanging)

  await clock.advance(100)

  expect(await waiting).toHaveOutcome('rejected')
  expect(bulkhead.snapshot().queued).toBe(0)
})
