import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { isDirty, NO_LEASE, stepLease } from './lease.js'
import type { LeaseEvent, LeaseState, LeaseStep } from './lease.js'
import { onDemandLimit } from './token-bucket.js'

const INTERVAL_MS = 30_000
const OPTIONS = { renewalIntervalMs: INTERVAL_MS, backOffBound: 10, onDemand: onDemandLimit(INTERVAL_MS) }

function step(state: LeaseState, event: LeaseEvent, now = 0): LeaseStep {
  return stepLease(state, event, { now, epochNow: 1_000_000 + now, random: seededRandom(1) }, OPTIONS)
}

const after = (state: LeaseState, ...events: LeaseEvent[]): LeaseState =>
  events.reduce((present, event, index) => step(present, event, index).state, state)

const HEARTBEAT_ANSWERS: readonly LeaseEvent[] = [
  { kind: 'renewed' },
  { kind: 'unknown-instance' },
  { kind: 'heartbeat-failed' },
]
const ANSWERS: readonly LeaseEvent[] = [
  { kind: 'due' },
  { kind: 'registered' },
  { kind: 'register-failed', isRefused: false },
  ...HEARTBEAT_ANSWERS,
]

describe('what comes too late for a lease', () => {
  it.each(ANSWERS)('changes nothing before it began: $kind', (event) => {
    expect(step(NO_LEASE, event)).toEqual({ state: NO_LEASE, effects: [] })
  })

  it.each(ANSWERS)('changes nothing after it was given up: $kind', (event) => {
    const left = after(
      NO_LEASE,
      { kind: 'start' },
      { kind: 'registered' },
      { kind: 'stop', deregister: true },
    )

    expect(step(left, event)).toEqual({ state: left, effects: [] })
  })

  const beating = after(NO_LEASE, { kind: 'start' }, { kind: 'registered' }, { kind: 'due' })

  it.each(HEARTBEAT_ANSWERS)(
    'ends a heartbeat, and no more, after the lease was given up: $kind',
    (answer) => {
      const left = after(beating, { kind: 'stop', deregister: true })

      expect(left.beating).toBeDefined()
      expect(step(left, answer)).toEqual({ state: { ...left, beating: undefined }, effects: [] })
    },
  )

  it.each(HEARTBEAT_ANSWERS)(
    'ends a heartbeat, and no more, while a registration is in the air: $kind',
    (answer) => {
      const registering = after(beating, { kind: 'changed' })

      expect(registering.registering).toBeDefined()
      expect(step(registering, answer)).toEqual({
        state: { ...registering, beating: undefined },
        effects: [],
      })
    },
  )

  it('does not begin it a second time', () => {
    const running = after(NO_LEASE, { kind: 'start' })

    expect(step(running, { kind: 'start' })).toEqual({ state: running, effects: [] })
  })

  it('does not wake it while a registration is in the air', () => {
    const running = after(NO_LEASE, { kind: 'start' })

    expect(step(running, { kind: 'due' })).toEqual({ state: running, effects: [] })
  })

  it('sends no second heartbeat while one is in the air', () => {
    expect(beating.beating).toBeDefined()
    expect(step(beating, { kind: 'due' }).effects).toEqual([])
  })

  it('gives it up only once, and one that never began at once', () => {
    const stop: LeaseEvent = { kind: 'stop', deregister: true }
    const [never, once] = [
      step(NO_LEASE, stop),
      after(NO_LEASE, { kind: 'start' }, { kind: 'registered' }, stop),
    ]

    expect([never.state.stage, never.effects]).toEqual(['left', []])
    expect(step(once, stop)).toEqual({ state: once, effects: [] })
  })

  it('is noted for the next beginning when it is a change', () => {
    const changed = step(NO_LEASE, { kind: 'changed' })

    expect(changed.effects).toEqual([])
    expect(isDirty(changed.state)).toBe(true)
  })
})
