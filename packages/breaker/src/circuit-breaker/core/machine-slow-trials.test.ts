import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant } from '../../backoff/backoff.js'
import { newLease } from '../breaker-steps.model.js'
import { consecutiveFailures } from '../trip-rules.js'
import { BreakerMachine } from './machine.js'
import type { AdmittedCall } from './machine-data.js'
import type { Lease } from './lease.js'

/** A breaker that is half-open from 500 on, with its one trial. */
function halfOpen(): { machine: BreakerMachine; lease: Lease; trial: AdmittedCall } {
  const config = {
    trip: [consecutiveFailures(1)],
    open: constant({ ms: 500 }),
    probeLimit: 1,
    leaseMs: 200,
    closeAfter: 1,
    rampMs: 0,
    slowerThanMs: 100,
  }
  const machine = new BreakerMachine(config, seededRandom(1), 0)
  machine.freeFailure(0)
  const lease = newLease()
  machine.admit(lease, 500)
  machine.takeTransitions()
  return { machine, lease, trial: { generation: machine.generation, lease } }
}

describe('a slow trial', () => {
  it('opens again at its end, however well it ended', () => {
    const { machine, trial } = halfOpen()

    expect(machine.settle(trial, 'success', 650, true)).toBe(true)

    expect(machine.takeTransitions()).toMatchObject([{ to: 'open', reason: 'trial was slow' }])
    expect(machine.waitMs(700)).toBe(450)
  })

  it('changes nothing once its lease is over', () => {
    const { machine, lease, trial } = halfOpen()

    machine.slowInFlight(lease, trial.generation, 700)
    expect(machine.settle(trial, 'success', 700, true)).toBe(false)

    expect(machine.state).toBe('half-open')
    expect(machine.waitMs(700)).toBe(0)
  })

  it('changes nothing where its end tells nothing about the dependency', () => {
    const { machine, trial } = halfOpen()

    expect(machine.settle(trial, 'neutral', 650, true)).toBe(true)

    expect(machine.state).toBe('half-open')
    expect(machine.admit(newLease(), 650)).toBe(true)
  })
})
