import { describe, expect, it } from 'vitest'
import { edges, newLease } from '../breaker-steps.model.js'
import type { HystrixMachine } from './hystrix-machine.js'
import { LINES } from './line.js'
import type { Compat } from './line.js'
import { admitted, hystrixOf, told, trippedHystrix } from './machine.model.js'
import type { SavedMachine } from './machine-data.js'

const COMPATS = Object.keys(LINES) as Compat[]

/** Of a machine without calls. */
function savedAs(state: SavedMachine['state'], openForMs: number): SavedMachine {
  return { ...hystrixOf('hystrix-1.5.18').save(0), state, openForMs }
}

/** With a trial under way. */
function onTrial(compat: Compat): HystrixMachine {
  const machine = trippedHystrix(compat)
  admitted(machine, 61)
  return machine
}

/** With a trial that succeeded. */
function afterTrial(compat: Compat): HystrixMachine {
  const machine = trippedHystrix(compat)
  machine.workEnded(admitted(machine, 61), 'success', 70)
  return machine
}

describe.each(COMPATS)('a transition of %s', (compat) => {
  const steps: readonly (readonly [() => HystrixMachine, (made: HystrixMachine) => unknown, object])[] = [
    [
      () => hystrixOf(compat),
      (made) => [made.freeFailure(0), made.freeFailure(0), made.judge(10)],
      { edge: 'closed > open', reason: 'error-rate', openMs: 50 },
    ],
    [
      () => afterTrial(compat),
      () => undefined,
      {
        edge: LINES[compat].hasHalfOpen ? 'half-open > closed' : 'open > closed',
        reason: LINES[compat].leasesTrial ? 'trial succeeded' : 'a call succeeded',
      },
    ],
    [
      () => hystrixOf(compat),
      (made) => made.openFor(80, 'asked', 0),
      { edge: 'closed > open', reason: 'asked', openMs: 80 },
    ],
    [
      () => trippedHystrix(compat),
      (made) => [made.force('forced-closed', 'hold', 20), made.release(25)],
      { edge: 'forced-closed > open', reason: 'released', openMs: 35 },
    ],
    [
      () => trippedHystrix(compat),
      (made) => [made.force('disabled', 'hold', 20), made.release(90)],
      { edge: 'disabled > open', reason: 'released', openMs: 0 },
    ],
    [
      () => hystrixOf(compat),
      (made) => [made.force('forced-open', 'hold', 20), made.release(25)],
      { edge: 'forced-open > closed', reason: 'released' },
    ],
    [() => trippedHystrix(compat), (made) => made.reset(20), { edge: 'open > closed', reason: 'reset' }],
    [
      () => hystrixOf(compat),
      (made) => made.restore(savedAs('open', 30), 0),
      { edge: 'closed > open', reason: 'restored', openMs: 30 },
    ],
    [
      () => hystrixOf(compat),
      (made) => made.restore(savedAs('forced-open', 30), 0),
      { edge: 'closed > forced-open', reason: 'restored' },
    ],
  ]

  it.each(steps.map(([make, move, expected]) => ({ make, move, expected })))(
    'says $expected',
    ({ make, move, expected }) => {
      const machine = make()

      move(machine)

      expect(told(machine.takeTransitions()?.at(-1))).toStrictEqual(expected)
    },
  )

  it('is not made by restoring a closed state, which holds nothing either', () => {
    const machine = hystrixOf(compat)

    machine.restore(savedAs('closed', 0), 0)
    expect(machine.takeTransitions()).toBeNull()
    machine.openFor(80, 'asked', 0)

    expect(machine.state).toBe('open')
  })

  it('is not made by opening what is open for another time', () => {
    const machine = trippedHystrix(compat)

    machine.openFor(80, 'asked', 20)

    expect(edges(machine.takeTransitions() ?? [])).toEqual(['closed > open'])
    expect(machine.waitMs(20)).toBe(80)
  })
})

describe('a transition of the trial of 1.5.13', () => {
  it('says that the sleep window is over where the trial begins', () => {
    const machine = onTrial('hystrix-1.5.13')

    expect(told(machine.takeTransitions()?.at(-1))).toStrictEqual({
      edge: 'open > half-open',
      reason: 'sleep window over',
    })
  })

  it('says that a call ended, and for how long it opens again', () => {
    const machine = onTrial('hystrix-1.5.13')

    expect(machine.admit(newLease(), 65)).toBe(false)

    expect(told(machine.takeTransitions()?.at(-1))).toStrictEqual({
      edge: 'half-open > open',
      reason: 'a call ended during the trial',
      openMs: 50,
    })
  })

  it('says that it was released where the trial is under way still', () => {
    const machine = onTrial('hystrix-1.5.13')
    machine.force('forced-closed', 'hold', 62)

    machine.release(63)

    expect(told(machine.takeTransitions()?.at(-1))).toStrictEqual({
      edge: 'forced-closed > half-open',
      reason: 'released',
    })
  })
})
