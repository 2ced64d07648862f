import { describe, expect, it } from 'vitest'
import { constant } from '../../backoff/backoff.js'
import { edges } from '../breaker-steps.model.js'
import type { HystrixMachine } from './hystrix-machine.js'
import { LINES } from './line.js'
import type { Compat, HystrixRules } from './line.js'
import { admitted, hystrixOf, hystrixRules, trippedHystrix } from './machine.model.js'
import type { MachineConfig } from './machine-data.js'

const COMPATS = Object.keys(LINES) as Compat[]

/** Two failures at 0, enough to open it, and nobody has asked since. */
function failed(compat: Compat): HystrixMachine {
  const machine = hystrixOf(compat)
  machine.freeFailure(0)
  machine.freeFailure(0)
  return machine
}

/** What opens by itself does so at 10, when the bucket of the failures is over. */
const isTicking = (compat: Compat): boolean => LINES[compat].opensBy === 'ticking'

function configOf(hystrix: HystrixRules): MachineConfig {
  const { percent, volume, ...shape } = hystrix
  return {
    trip: [{ kind: 'error-rate', percent, volume, windowMs: shape.windowMs, buckets: shape.buckets }],
    open: constant({ ms: hystrix.sleepMs }),
    probeLimit: 1,
    leaseMs: 1,
    closeAfter: 1,
    rampMs: 0,
    slowerThanMs: undefined,
    hystrix,
  }
}

describe.each(COMPATS)('the time that has passed before something is told to %s', (compat) => {
  const opened = isTicking(compat) ? ['closed > open'] : []
  const before = isTicking(compat) ? 'open' : 'closed'

  it('closes health buckets as soon as it is told', () => {
    const machine = failed(compat)

    machine.advance(10)

    expect(machine.stats()).toMatchObject({ total: 2 })
    expect(edges(machine.takeTransitions() ?? [])).toEqual(opened)
  })

  it('comes before a state that is forced', () => {
    const machine = failed(compat)

    machine.force('forced-closed', 'hold', 30)

    const transitions = machine.takeTransitions() ?? []
    expect(edges(transitions)).toEqual([...opened, `${before} > forced-closed`])
    expect(transitions.at(-1)?.counts.total).toBe(2)
  })

  it('comes before the release of one', () => {
    const machine = failed(compat)
    machine.force('forced-closed', 'hold', 0)

    machine.release(30)

    const transitions = machine.takeTransitions() ?? []
    expect(edges(transitions)).toEqual(['closed > forced-closed', `forced-closed > ${before}`])
    expect(transitions.at(-1)?.counts.total).toBe(2)
  })

  it('comes before it opens for a time that is asked for', () => {
    const machine = failed(compat)

    machine.openFor(80, 'asked', 30)

    expect(machine.takeTransitions()).toMatchObject([
      { at: isTicking(compat) ? 10 : 30, counts: { total: 2 } },
    ])
    expect(machine.waitMs(30)).toBe(80)
  })

  it('comes before new rules', () => {
    const machine = failed(compat)

    machine.configure(configOf({ ...hystrixRules(compat), volume: 5 }), 30)
    machine.judge(40)

    expect([machine.state, machine.since]).toEqual(isTicking(compat) ? ['open', 10] : ['closed', 0])
  })

  it('comes before what is saved', () => {
    const machine = failed(compat)

    const { state, openForMs } = machine.save(30)

    expect([state, openForMs]).toEqual(isTicking(compat) ? ['open', 30] : ['closed', 0])
  })

  it('comes before the success that closes it', () => {
    const machine = trippedHystrix(compat)
    machine.freeFailure(60.5)
    const trial = admitted(machine, 61)

    machine.workEnded(trial, 'success', 75)

    expect(machine.takeTransitions()?.at(-1)).toMatchObject({ to: 'closed', counts: { total: 3 } })
  })

  it('decides by a lower threshold when its line next asks the rule', () => {
    const machine = hystrixOf(compat)
    machine.freeFailure(0)
    machine.judge(10)
    machine.configure(configOf({ ...hystrixRules(compat), volume: 1 }), 12)

    machine.judge(15)
    expect(machine.state).toBe(isTicking(compat) ? 'closed' : 'open')
    machine.judge(25)

    expect(machine.takeTransitions()).toMatchObject([{ to: 'open', at: isTicking(compat) ? 20 : 15 }])
  })
})

describe.each(COMPATS)('the two ends of a call of %s', (compat) => {
  it('close it once: what opened since is not closed by the second', () => {
    const machine = trippedHystrix(compat)
    const trial = admitted(machine, 61)
    trial.lease.isHeard = machine.workEnded(trial, 'success', 65)
    expect(machine.state).toBe('closed')
    machine.openFor(20, 'asked', 65)
    admitted(machine, 86)

    machine.settle(trial, 'success', 87)

    // Where any end is heard, this is one.
    expect(machine.state).toBe(LINES[compat].leasesTrial ? 'half-open' : 'open')
  })

  it('open it at the first, where any end does', () => {
    const machine = trippedHystrix(compat)
    const trial = admitted(machine, 61)

    machine.workEnded(trial, 'failure', 65)

    expect([machine.state, machine.since]).toEqual(['open', LINES[compat].hasHalfOpen ? 65 : 10])
  })
})

describe.each(COMPATS)('held states of %s', (compat) => {
  it.each([
    ['forced-closed', 'forced-closed', []],
    ['forced-open', 'forced-open', []],
    ['forced-open', 'forced-closed', []],
    ['forced-open', 'disabled', ['forced-open > disabled']],
    ['forced-open', 'metrics-only', ['forced-open > metrics-only']],
    ['forced-closed', 'forced-open', ['forced-closed > forced-open']],
  ] as const)('from %s, asked for %s, move so: %j', (held, asked, expected) => {
    const machine = hystrixOf(compat)
    machine.force(held, 'first', 0)
    machine.takeTransitions()

    machine.force(asked, 'then', 10)

    expect(edges(machine.takeTransitions() ?? [])).toEqual(expected)
  })
})
