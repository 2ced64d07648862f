import { describe, expect, it } from 'vitest'
import { edges, newLease } from '../breaker-steps.model.js'
import type { HystrixMachine } from './hystrix-machine.js'
import { admitted, call, hystrixOf, hystrixRules, told, trippedHystrix } from './machine.model.js'
import { constant } from '../../backoff/backoff.js'
import type { MachineConfig, Verdict } from './machine-data.js'

// Opens at half of 2 calls when their bucket of 10 is over, for 50; a trial's lease lasts 40.
const machineOf = (): HystrixMachine => hystrixOf('hystrix')
const tripped = (): HystrixMachine => trippedHystrix('hystrix')

describe('the trial of the line hystrix', () => {
  it('B2 begins at the very end of the sleep window, not before', () => {
    const machine = tripped()

    expect(machine.admit(newLease(), 59)).toBe(false)
    expect(machine.waitMs(59)).toBe(1)
    expect(machine.admit(newLease(), 60)).toBe(true)

    expect(machine.takeTransitions()?.map(told)).toEqual([
      { edge: 'closed > open', reason: 'error-rate', openMs: 50 },
      { edge: 'open > half-open', reason: 'sleep window over' },
    ])
  })

  it('B3 B6 is one at a time, until its lease is over, and has no say after that', () => {
    const machine = tripped()
    const lost = admitted(machine, 60)
    expect(machine.admit(newLease(), 99)).toBe(false)
    expect(machine.waitMs(99)).toBe(1)

    const next = admitted(machine, 100)

    expect(machine.settle(lost, 'success', 101)).toBe(false)
    expect(machine.state).toBe('half-open')
    expect(machine.settle(next, 'success', 102)).toBe(true)
    expect(machine.state).toBe('closed')
  })

  it('has no say after its lease, though nobody took its place', () => {
    const machine = tripped()
    const lost = admitted(machine, 60)

    expect(machine.workEnded(lost, 'success', 100)).toBe(false)
    expect(machine.state).toBe('half-open')
    expect(machine.admit(newLease(), 100)).toBe(true)
  })

  it('lasts as long as the time of its call, where the lease follows it', () => {
    const rules = { ...hystrixRules('hystrix'), lease: { leaseMs: 40, leaseFollowsTimeout: true } }
    const machine = tripped()
    machine.configure(configOf(rules), 10)
    const lease = { ...newLease(), timeoutMs: 500 }
    expect(machine.admit(lease, 60)).toBe(true)

    expect(machine.waitMs(60)).toBe(1_500)
  })

  it('B10 gives its place to the next call at once when it ends without a result', () => {
    const machine = tripped()
    const trial = admitted(machine, 60)
    expect(machine.admit(newLease(), 61)).toBe(false)

    machine.settle(trial, 'neutral', 62)

    expect([machine.state, machine.waitMs(62)]).toEqual(['half-open', 0])
    call(machine, 'success', 62)
    expect(machine.state).toBe('closed')
  })

  it('opens it again by a failure, for another sleep window', () => {
    const machine = tripped()
    const trial = admitted(machine, 60)
    machine.takeTransitions()

    machine.settle(trial, 'failure', 70)

    expect(machine.takeTransitions()?.map(told)).toEqual([
      { edge: 'half-open > open', reason: 'trial failed', openMs: 50 },
    ])
    expect(machine.admit(newLease(), 119)).toBe(false)
    expect(machine.admit(newLease(), 120)).toBe(true)
  })

  it('of a period that is over has no say in the next one', () => {
    const machine = tripped()
    const lost = admitted(machine, 60)
    machine.openFor(10, 'asked', 61)
    admitted(machine, 71)

    expect(machine.settle(lost, 'failure', 72)).toBe(false)

    expect(machine.state).toBe('half-open')
  })

  it('takes a lease from new rules when it begins after them, in the same period too', () => {
    const machine = tripped()
    machine.settle(admitted(machine, 60), 'neutral', 61)
    machine.configure(configOf({ ...hystrixRules('hystrix'), lease: { leaseMs: 7 } }), 61)
    admitted(machine, 62)

    expect(machine.waitMs(62)).toBe(7)
  })
})

describe('B5 nobody but the trial', () => {
  it.each<Verdict>(['success', 'failure', 'neutral'])('moves it by a late %s', (verdict) => {
    const machine = machineOf()
    const [early, late] = [admitted(machine, 0), admitted(machine, 0)]
    call(machine, 'failure', 0)
    call(machine, 'failure', 0)
    machine.judge(10)

    expect(machine.settle(early, verdict, 20)).toBe(false)
    expect(machine.state).toBe('open')
    admitted(machine, 60)
    machine.settle(late, verdict, 61)

    expect(machine.state).toBe('half-open')
  })

  it('moves it by being refused, or by the end of that', () => {
    const machine = tripped()
    admitted(machine, 60)
    expect(machine.admit(newLease(), 61)).toBe(false)
    machine.counted('neutral', 61)

    expect(machine.state).toBe('half-open')
  })
})

describe('the health of the line hystrix', () => {
  it('counts ends while it is open as Hystrix does', () => {
    const machine = machineOf()
    const early = admitted(machine, 0)
    call(machine, 'failure', 0)
    call(machine, 'failure', 0)
    machine.judge(10)
    machine.settle(early, 'success', 20)
    machine.judge(30)

    expect(machine.hystrixHealth).toEqual({ total: 3, errors: 2, percent: 66, isOpen: true })
  })

  it('B11 counts nobody who was admitted before it closed, but for the trial that closed it', () => {
    const machine = machineOf()
    const late = [admitted(machine, 0), admitted(machine, 0)]
    call(machine, 'failure', 0)
    call(machine, 'failure', 0)
    machine.judge(10)
    call(machine, 'success', 60)
    expect(machine.state).toBe('closed')

    expect(late.map((one) => machine.settle(one, 'failure', 61))).toEqual([false, false])
    machine.judge(80)

    expect(machine.state).toBe('closed')
    expect(machine.hystrixHealth).toEqual({ total: 1, errors: 0, percent: 0, isOpen: false })
    expect(machine.stats()).toMatchObject({ total: 1, consecutiveFailures: 0 })
  })

  it('counts the trial that closed it when it is settled, be that later', () => {
    const machine = tripped()
    const trial = admitted(machine, 60)
    trial.lease.isHeard = machine.workEnded(trial, 'success', 61)
    expect(machine.state).toBe('closed')

    expect(machine.settle(trial, 'success', 65)).toBe(true)
    machine.judge(81)

    expect(machine.hystrixHealth.total).toBe(1)
  })

  it('forgets with a reset all who are under way, the trial too', () => {
    const machine = tripped()
    const trial = admitted(machine, 60)
    machine.reset(61)

    expect(machine.settle(trial, 'failure', 62)).toBe(false)
    machine.judge(80)

    expect([machine.state, machine.hystrixHealth.total]).toEqual(['closed', 0])
  })

  it('forgets a trial that closed it when it is reset before that is settled', () => {
    const machine = tripped()
    const trial = admitted(machine, 60)
    trial.lease.isHeard = machine.workEnded(trial, 'success', 61)
    machine.reset(62)

    expect(machine.settle(trial, 'success', 63)).toBe(false)
  })
})

describe('a state held over the trial of the line hystrix', () => {
  it('lets the trial close what stands underneath', () => {
    const machine = tripped()
    const early = admitted(machine, 60)
    machine.force('forced-closed', 'hold', 61)
    const underway = admitted(machine, 61)
    machine.settle(early, 'success', 62)
    // Admitted before it closed, though nothing was told.
    expect(machine.settle(underway, 'failure', 63)).toBe(false)
    machine.release(64)

    expect(edges(machine.takeTransitions() ?? []).slice(-2)).toEqual([
      'half-open > forced-closed',
      'forced-closed > closed',
    ])
  })

  it('disabled, it lets nothing move, and the place is free after', () => {
    const machine = tripped()
    const trial = admitted(machine, 60)
    machine.force('disabled', 'hold', 61)
    machine.settle(trial, 'failure', 62)
    machine.release(63)

    expect([machine.state, machine.admit(newLease(), 63)]).toEqual(['half-open', true])
  })
})

function configOf(hystrix: NonNullable<MachineConfig['hystrix']>): MachineConfig {
  return {
    ...{ trip: [], open: constant({ ms: 1 }), probeLimit: 1, leaseMs: 1, closeAfter: 1 },
    ...{ rampMs: 0, slowerThanMs: undefined, hystrix },
  }
}
