import { describe, expect, it } from 'vitest'
import { newLease } from '../breaker-steps.model.js'
import { constant } from '../../backoff/backoff.js'
import { LeasedSlots } from './leased-slots.js'
import type { SlotRules } from './leased-slots.js'
import type { Lease } from './lease.js'
import { admitted, hystrixOf, hystrixRules, trippedHystrix } from './machine.model.js'
import type { MachineConfig } from './machine-data.js'

const leaseOf = (timeoutMs?: number): Lease => ({ ...newLease(), timeoutMs })

/** As it is configured, with other numbers of Hystrix' own. */
const configOf = (more: object): MachineConfig => ({
  ...{ trip: [], open: constant({ ms: 1 }), probeLimit: 1, leaseMs: 1, closeAfter: 1 },
  ...{ rampMs: 0, slowerThanMs: undefined, hystrix: { ...hystrixRules('hystrix'), ...more } },
})

describe('a leased slot', () => {
  it.each([
    [undefined, undefined, 40],
    [10, undefined, 1_010],
    [40, undefined, 1_040],
    [41, undefined, 40],
    [41, false, 40],
    [41, true, 1_041],
    [undefined, true, 40],
  ])(
    'of a call of %s ms, where it follows that time: %s, is its own for %i ms',
    (timeoutMs, follows, expected) => {
      const slots = new LeasedSlots({
        probeLimit: 1,
        leaseMs: 40,
        ...(follows === undefined ? {} : { leaseFollowsTimeout: follows }),
      })

      expect(slots.take(leaseOf(timeoutMs), 5)).toBe(true)

      expect(slots.waitMs(5)).toBe(expected)
      expect(slots.take(leaseOf(), 5 + expected - 1)).toBe(false)
      expect(slots.take(leaseOf(), 5 + expected)).toBe(true)
    },
  )

  it('is free when the first of all is, in whatever order they were taken', () => {
    const slots = new LeasedSlots({ probeLimit: 3, leaseMs: 900 })
    for (const timeoutMs of [500, undefined, 50]) slots.take(leaseOf(timeoutMs), 0)

    expect(slots.waitMs(0)).toBe(900)
    slots.rules = { probeLimit: 2, leaseMs: 900 }
    expect(slots.waitMs(100)).toBe(950)
    slots.rules = { probeLimit: 1, leaseMs: 900 }
    expect(slots.waitMs(100)).toBe(1_400)
    slots.rules = { probeLimit: 4, leaseMs: 900 }
    expect(slots.waitMs(100)).toBe(0)
  })

  it.each([
    [true, 240],
    [false, 40],
  ])(
    'lasts twice as long as the longest good call that outlived one, if it may (%s)',
    (follows, expected) => {
      const slots = new LeasedSlots({ probeLimit: 1, leaseMs: 40, leaseFollowsTimeout: follows })
      const outlived = leaseOf()
      slots.take(outlived, 5)

      slots.wentWellLate(outlived, 125)
      slots.wentWellLate(outlived, 65)
      slots.take(leaseOf(), 200)

      expect(slots.waitMs(200)).toBe(expected)
    },
  )

  it('lasts as long as is set since, whatever good calls took before', () => {
    const slots = new LeasedSlots<SlotRules>({ probeLimit: 1, leaseMs: 40, leaseFollowsTimeout: true })
    const outlived = leaseOf()
    slots.take(outlived, 5)
    slots.wentWellLate(outlived, 125)

    slots.rules = { probeLimit: 1, leaseMs: 50, leaseFollowsTimeout: false }
    slots.take(leaseOf(), 200)

    expect(slots.waitMs(200)).toBe(50)
  })

  it('comes back alone, once, and is dead then', () => {
    const slots = new LeasedSlots({ probeLimit: 3, leaseMs: 40 })
    const [one, two, three] = [leaseOf(), leaseOf(), leaseOf()]
    for (const lease of [one, two, three]) expect(slots.take(lease, 0)).toBe(true)

    expect(slots.giveBack(two, 1)).toBe(true)

    expect([one.isLive, two.isLive, three.isLive]).toEqual([true, false, true])
    expect(slots.giveBack(two, 1)).toBe(false)
    expect([slots.take(leaseOf(), 2), slots.take(leaseOf(), 2)]).toEqual([true, false])
    expect([slots.giveBack(one, 3), slots.giveBack(three, 3)]).toEqual([true, true])
  })
})

describe('the machine of the line hystrix', () => {
  it('is told nothing new by a trial without a result, though it was heard', () => {
    const machine = trippedHystrix('hystrix')
    const trial = admitted(machine, 60)

    expect(machine.settle(trial, 'neutral', 61)).toBe(true)
  })

  it('gives the next trial its place while half-open, though the sleep has become longer since', () => {
    const machine = trippedHystrix('hystrix')
    machine.settle(admitted(machine, 60), 'neutral', 61)

    machine.configure(configOf({ sleepMs: 10_000 }), 62)

    expect(machine.state).toBe('half-open')
    expect(machine.admit(newLease(), 63)).toBe(true)
  })

  it('does not count an end from before a reset, not even one without a lease', () => {
    const machine = hystrixOf('hystrix')
    const { generation } = admitted(machine, 0)
    machine.reset(1)

    expect(machine.settle({ generation, lease: null }, 'failure', 2)).toBe(false)
    machine.judge(20)
    expect(machine.stats()).toMatchObject({ total: 0 })
  })

  it('says when it may be asked again as what it is held as, whatever is underneath', () => {
    const machine = trippedHystrix('hystrix')
    admitted(machine, 60)
    const held = hystrixOf('hystrix')
    for (const each of [machine, held]) each.force('forced-open', 'test', 61)

    expect(machine.waitMs(62)).toBe(held.waitMs(62))
  })
})

describe.each(['hystrix', 'hystrix-1.5.13'] as const)('a rule of %s that no calls fulfil', (compat) => {
  it.each([
    [0, 0, 'open'],
    [-1, -1, 'open'],
    [0, 50, 'closed'],
    [1, 0, 'closed'],
  ])('(volume %i, percent %i) leaves the circuit without calls %s', (volume, percent, expected) => {
    const machine = hystrixOf(compat)
    const config = configOf({})
    machine.configure({ ...config, hystrix: { ...hystrixRules(compat), volume, percent } }, 0)

    machine.judge(10)

    expect(machine.state).toBe(expected)
  })
})
