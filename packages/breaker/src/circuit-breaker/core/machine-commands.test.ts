import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { linear } from '../../backoff/backoff.js'
import { edges, newLease } from '../breaker-steps.model.js'
import { consecutiveFailures, errorRate } from '../trip-rules.js'
import { BreakerMachine } from './machine.js'
import type { ForcedState, MachineConfig } from './machine-data.js'

const CONFIG: MachineConfig = {
  trip: [consecutiveFailures(1)],
  open: linear({ baseMs: 100, maxMs: 1_000 }),
  probeLimit: 1,
  leaseMs: 200,
  closeAfter: 1,
  rampMs: 0,
  slowerThanMs: undefined,
}
const FORCED: readonly ForcedState[] = ['forced-open', 'forced-closed', 'disabled', 'metrics-only']

function machineOf(config: Partial<MachineConfig> = {}): BreakerMachine {
  return new BreakerMachine({ ...CONFIG, ...config }, seededRandom(1), 0)
}

function call(machine: BreakerMachine, verdict: 'success' | 'failure', now: number): void {
  const lease = newLease()
  if (!machine.admit(lease, now)) throw new Error('refused')
  machine.settle({ generation: machine.generation, lease }, verdict, now, false)
}

describe('force', () => {
  it('holds each state until it is released', () => {
    for (const state of FORCED) {
      const machine = machineOf()

      machine.force(state, 'because', 10)

      expect(machine.state).toBe(state)
      expect(machine.takeTransitions()?.[0]).toMatchObject({ from: 'closed', to: state, reason: 'because' })
      machine.release(20)
      expect(machine.state).toBe('closed')
    }
  })

  it('refuses in forced-open only, without an end', () => {
    const refusing = FORCED.filter((state) => {
      const machine = machineOf()
      machine.force(state, 'because', 0)
      return machine.refusesUntil === Infinity && machine.waitMs(1e12) === Infinity
    })

    expect(refusing).toEqual(['forced-open'])
  })

  it('lets forced-open win over forced-closed, and does nothing twice', () => {
    const machine = machineOf()
    machine.force('forced-open', 'first', 0)
    machine.force('forced-closed', 'weaker', 0)
    machine.force('forced-open', 'again', 0)

    expect(machine.takeTransitions()?.map(({ reason }) => reason)).toEqual(['first'])
  })

  it('gives way to any other state, but forced-open not to forced-closed', () => {
    const reached = FORCED.map((next) => {
      const machine = machineOf()
      machine.force('forced-open', 'first', 0)
      machine.force(next, 'then', 0)
      return machine.state
    })

    expect(reached).toEqual(['forced-open', 'forced-open', 'disabled', 'metrics-only'])
  })

  it('asks no call anything where all are admitted and counted', () => {
    const frees = FORCED.map((state) => {
      const machine = machineOf()
      machine.force(state, 'because', 0)
      return machine.isFree
    })

    expect(frees).toEqual([false, true, false, true])
  })

  it.each([...FORCED, 'closed'] as const)('hears in time what ends in %s, counted or not', (state) => {
    const machine = machineOf({ trip: [consecutiveFailures(9)] })
    if (state !== 'closed') machine.force(state, 'because', 0)
    const admission = { generation: machine.generation, lease: null }

    const heard = (['neutral', 'failure', 'success'] as const).map((verdict) =>
      machine.settle(admission, verdict, 5, false),
    )

    expect(heard).toEqual([true, true, true])
  })

  it('counts and never trips, except in disabled, which counts nothing', () => {
    const counted = FORCED.slice(1).map((state) => {
      const machine = machineOf()
      machine.force(state, 'because', 0)
      for (let failures = 0; failures < 5; failures++) call(machine, 'failure', 0)
      expect(machine.state).toBe(state)
      return machine.stats(0).failures
    })

    expect(counted).toEqual([5, 0, 5])
  })
})

describe('release', () => {
  it('opens when the window says so, else closes, whatever was before', () => {
    const trip = [errorRate({ percent: 50, volume: 2, windowMs: 1_000 })]
    const sick = machineOf({ trip })
    sick.force('metrics-only', 'watch', 0)
    for (let failures = 0; failures < 2; failures++) call(sick, 'failure', 0)
    const healed = machineOf({ trip })
    for (let failures = 0; failures < 2; failures++) call(healed, 'failure', 0)
    healed.force('forced-open', 'hold', 0)

    sick.release(500)
    healed.release(1_000)

    expect(sick.takeTransitions()?.at(-1)).toMatchObject({ to: 'open', reason: 'error-rate' })
    expect(edges(healed.takeTransitions() ?? [])).toEqual([
      'closed > open',
      'open > forced-open',
      'forced-open > closed',
    ])
  })

  it('counts as a recovery when it closes: the next trip is a first one', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)
    call(machine, 'failure', 100)
    machine.force('forced-closed', 'hold', 100)
    call(machine, 'success', 100)

    machine.release(100)
    call(machine, 'failure', 100)

    expect(machine.takeTransitions()?.at(-1)?.openMs).toBe(100)
  })

  it('does nothing in a state that is not held', () => {
    const machine = machineOf()
    machine.release(0)
    call(machine, 'failure', 0)
    machine.release(0)

    expect(edges(machine.takeTransitions() ?? [])).toEqual(['closed > open'])
  })

  it('leaves the trials of a half-open state alone', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)
    machine.admit(newLease(), 100)

    machine.release(100)

    expect(machine.state).toBe('half-open')
  })
})

describe('openFor', () => {
  it('opens for exactly so long, and moves the end of an open time both ways', () => {
    const machine = machineOf()

    machine.openFor(700, 'asked', 0)
    expect(machine.waitMs(0)).toBe(700)
    machine.openFor(50, 'asked', 0)
    expect(machine.waitMs(0)).toBe(50)
    machine.openFor(900, 'asked', 10)
    expect(machine.waitMs(10)).toBe(900)

    expect(machine.takeTransitions()).toHaveLength(1)
  })

  it('does not make the next trip longer', () => {
    const machine = machineOf()
    machine.openFor(700, 'asked', 0)

    call(machine, 'failure', 700)

    expect(machine.takeTransitions()?.at(-1)?.openMs).toBe(100)
  })

  it('keeps the step of the back-off that it is at', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)
    machine.openFor(50, 'asked', 0)

    call(machine, 'failure', 50)

    expect(machine.takeTransitions()?.at(-1)?.openMs).toBe(200)
  })

  it('does nothing in a held state', () => {
    for (const state of FORCED) {
      const machine = machineOf()
      machine.force(state, 'because', 0)

      machine.openFor(700, 'asked', 0)

      expect(machine.state).toBe(state)
    }
  })
})

describe('reset', () => {
  it('closes from any state, and tells the counts that it forgets', () => {
    for (const state of FORCED) {
      const machine = machineOf()
      call(machine, 'failure', 0)
      machine.force(state, 'because', 0)

      machine.reset(10)

      expect(machine.state).toBe('closed')
      expect(machine.stats(10)).toMatchObject({ total: 0, consecutiveFailures: 0 })
      expect(machine.takeTransitions()?.at(-1)).toMatchObject({ reason: 'reset', counts: { failures: 1 } })
    }
  })

  it('begins a new generation also when it was closed, without a transition', () => {
    const machine = machineOf({ trip: [consecutiveFailures(2)] })
    call(machine, 'failure', 0)
    const early = { generation: machine.generation, lease: null }

    machine.reset(0)

    expect(machine.settle(early, 'failure', 0, false)).toBe(false)
    expect(machine.takeTransitions()).toBeNull()
    call(machine, 'failure', 0)
    expect(machine.state).toBe('closed')
  })

  it('does not hear a call from before it in any later state', () => {
    const machine = machineOf()
    const early = { generation: machine.generation, lease: null }

    machine.reset(0)
    machine.force('forced-closed', 'hold', 0)

    expect(machine.settle(early, 'failure', 0, false)).toBe(false)
  })
})
