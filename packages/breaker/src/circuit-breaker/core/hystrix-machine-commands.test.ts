import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant } from '../../backoff/backoff.js'
import { newLease } from '../breaker-steps.model.js'
import { LINES } from './line.js'
import type { Compat } from './line.js'
import { hystrixOf } from './machine.model.js'
import { BreakerMachine } from './machine.js'

const COMPATS = Object.keys(LINES) as Compat[]

describe.each(COMPATS)('commands to the machine of %s', (compat) => {
  it('change nothing where they have nothing to change', () => {
    const machine = hystrixOf(compat)

    machine.release(0)
    machine.reset(0)

    expect([machine.state, machine.takeTransitions() ?? []]).toEqual(['closed', []])
    expect([machine.refusesUntil, machine.waitMs(0)]).toEqual([-Infinity, 0])
  })

  it('refuse for ever while it is forced open, and until the end of its sleep when it is released', () => {
    const machine = hystrixOf(compat)
    machine.openFor(80, 'test', 0)
    machine.force('forced-open', 'test', 0)
    expect([machine.refusesUntil, machine.waitMs(10)]).toEqual([Infinity, Infinity])

    machine.release(10)

    expect([machine.state, machine.refusesUntil, machine.waitMs(10)]).toEqual(['open', 80, 70])
  })

  it('keep the rules where the other options name none', () => {
    const machine = hystrixOf(compat)
    const other = {
      trip: [],
      open: constant({ ms: 1 }),
      probeLimit: 1,
      leaseMs: 1,
      closeAfter: 1,
      rampMs: 0,
      slowerThanMs: undefined,
    }

    machine.configure(other, 0)
    machine.openFor(50, 'test', 0)

    expect(machine.waitMs(0)).toBe(50)
    expect(machine.admit(newLease(), 49)).toBe(false)
  })

  it.each([
    [0, 'closed'],
    [30, 'open'],
  ] as const)('restore a held state with %i ms of sleep, to release it to %s', (openForMs, state) => {
    const machine = hystrixOf(compat)
    const { statistics } = new BreakerMachine(
      {
        trip: [],
        open: constant({ ms: 1 }),
        probeLimit: 1,
        leaseMs: 1,
        closeAfter: 1,
        rampMs: 0,
        slowerThanMs: undefined,
      },
      seededRandom(1),
      0,
    ).save(0)

    machine.restore({ state: 'disabled', openForMs, trips: 0, statistics }, 1_000)
    expect(machine.state).toBe('disabled')
    machine.release(1_000)

    expect([machine.state, machine.waitMs(1_000)]).toEqual([state, openForMs])
  })
})
