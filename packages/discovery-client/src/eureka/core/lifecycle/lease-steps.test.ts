import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { FIRST_FETCH, finishFetch, isCurrent } from './fetch-plan.js'
import { NO_LEASE, stepLease } from './lease.js'
import type { LeaseEvent, LeaseOptions, LeaseStep } from './lease.js'

const OPTIONS: LeaseOptions = {
  renewalIntervalMs: 30_000,
  backOffBound: 10,
  onDemand: { burst: 1, perTokenMs: 1e6 },
}

/** The last step of these events, one after the other, at the same moment. */
function after(...events: readonly (LeaseEvent | LeaseEvent['kind'])[]): LeaseStep {
  const moment = { now: 0, epochNow: 1_000, random: seededRandom(1) }
  return events
    .map((event) => (typeof event === 'string' ? ({ kind: event } as LeaseEvent) : event))
    .reduce<LeaseStep>(({ state }, event) => stepLease(state, event, moment, OPTIONS), {
      state: NO_LEASE,
      effects: [],
    })
}

const FAILED: LeaseEvent = { kind: 'register-failed', isRefused: false }
const STOP: LeaseEvent = { kind: 'stop', deregister: true }

test('counts failures in a row, until a registration or a heartbeat succeeds', () => {
  expect(after('start', FAILED, 'due', FAILED).state.failures).toBe(2)
  expect(after('start', FAILED, 'due', 'registered').state.failures).toBe(0)
  const beaten = ['start', 'registered', 'due', 'heartbeat-failed', 'due', 'heartbeat-failed'] as const
  const again = ['start', 'registered', 'due', 'heartbeat-failed', 'due', 'renewed'] as const
  expect([after(...beaten).state.failures, after(...again).state.failures]).toEqual([2, 0])
})

test('an end of a heartbeat that is not in the air changes nothing', () => {
  const before = after('start', 'registered')

  expect(after('start', 'registered', 'renewed')).toEqual({ state: before.state, effects: [] })
  expect(after('start', 'registered', 'unknown-instance')).toEqual({ state: before.state, effects: [] })
})

test('a change without a token waits for it, but no longer than until the next heartbeat', () => {
  const idle = ['start', 'registered', 'changed', 'registered'] as const
  const { wakeAt } = after(...idle).state

  expect(wakeAt).toBeLessThan(33_001)
  expect(after(...idle, 'changed').effects).toEqual([{ kind: 'wake', at: wakeAt }])
  expect(after(...idle, 'due', 'changed').effects).toEqual([{ kind: 'wake', at: 1e6 }])
  expect(after(...idle, 'due', 'changed', 'renewed').effects).toEqual([])
})

test('a change can be told above which stamp it has to be', () => {
  const stampAfter = (least: number | undefined): number | undefined =>
    after('start', 'registered', { kind: 'changed', after: least }).state.dirtyStamp

  expect([undefined, 500, 1_000, 5_000].map(stampAfter)).toEqual([1_001, 1_001, 1_001, 5_001])
  expect(after({ kind: 'changed', after: 7_000 }, 'start').effects.at(-1)).toEqual({
    kind: 'register',
    stamp: 7_002,
  })
})

test('a heartbeat that was overtaken by a registration is stale', () => {
  expect(after('start', 'registered', 'due', 'changed').state.beating).toEqual({ since: 0, isStale: true })
})

test('a start while the last registration is in the air changes nothing', () => {
  const leaving = after('start', STOP)

  expect(leaving.state.stage).toBe('leaving')
  expect(leaving.effects).toEqual([{ kind: 'sleep' }])
  expect(after('start', STOP, 'start')).toEqual({ state: leaving.state, effects: [] })
})

test('who has left is known to nobody, nor is who has never come', () => {
  expect(after('start', 'registered', STOP).state).toMatchObject({ stage: 'left', mayBeKnown: false })
  expect(after(STOP).state).toMatchObject({ stage: 'left', mayBeKnown: false })
})

test('an answer that is in use is not used again', () => {
  const state = finishFetch(FIRST_FETCH, { kind: 'full', number: 3 }, false)

  expect([2, 3, 4].map((number) => isCurrent(state, { kind: 'delta', number }))).toEqual([false, false, true])
})
