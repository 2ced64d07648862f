import { describe, expect, it } from 'vitest'
import { newLease, times } from '../breaker-steps.model.js'
import { Ramp } from './ramp.js'
import type { RampRules } from './ramp.js'

/** So many always pass, each for a minute at most. */
const rules = (rampMs: number, probeLimit: number): RampRules => ({ rampMs, probeLimit, leaseMs: 60_000 })

/** Calls that never end, so that only the share of the step decides; answers how many of them were admitted. */
function admittedOf(ramp: Ramp, calls: number, now: number): number {
  return times(calls, now).filter(() => ramp.admit(newLease(), now)).length
}

describe('Ramp', () => {
  it('admits 1 %, then 10 %, then 50 % of the calls, each for a third of its time', () => {
    const ramp = new Ramp(1_000, rules(3_000, 1))
    ramp.admit(newLease(), 1_000)

    const shares = [1_000, 1_999, 2_000, 2_999, 3_000, 3_999].map((now) => admittedOf(ramp, 1_000, now) / 10)

    expect(shares).toEqual([1, 1, 10, 10, 50, 50])
  })

  it('spreads the admitted calls evenly', () => {
    const ramp = new Ramp(0, rules(3_000, 1))
    ramp.admit(newLease(), 1_000)

    const admitted = times(100, 1_000).map(() => ramp.admit(newLease(), 1_000))

    const places = admitted.flatMap((isAdmitted, place) => (isAdmitted ? [place] : []))
    expect(places.slice(1).map((place, index) => place - (places[index] ?? 0))).toEqual(times(9, 10))
  })

  it('always has room for as many calls at once as there were trials', () => {
    const ramp = new Ramp(0, rules(3_000, 3))

    expect(admittedOf(ramp, 10, 0)).toBe(3)
  })

  it('has room again when a call ends, once for each', () => {
    const ramp = new Ramp(0, rules(3_000, 1))
    const lease = newLease()
    ramp.admit(lease, 0)

    ramp.ended(lease, 0)
    ramp.ended(lease, 0)

    expect(lease).toMatchObject({ role: 'ramp', isLive: false })
    expect(admittedOf(ramp, 5, 0)).toBe(1)
  })

  it('takes its slot back from a call that outlives its lease, and counts its end for nothing then', () => {
    const ramp = new Ramp(0, rules(300_000, 1))
    const lost = newLease()
    ramp.admit(lost, 0)

    expect([59_999, 60_000].map((now) => ramp.admit(newLease(), now))).toEqual([false, true])
    ramp.ended(lost, 60_000)
    expect(ramp.admit(newLease(), 60_000)).toBe(false)
  })

  it('leaves a refused lease as it was', () => {
    const ramp = new Ramp(0, rules(3_000, 1))
    ramp.admit(newLease(), 0)
    const refused = newLease()

    ramp.admit(refused, 0)

    expect(refused).toEqual(newLease())
  })

  it('is over at the end of its time, not a moment earlier', () => {
    const ramp = new Ramp(500, rules(3_000, 1))

    expect([500, 3_499.9, 3_500, 9_999].map((now) => ramp.isOver(now))).toEqual([false, false, true, true])
  })

  it('is at its first step at a time before its beginning', () => {
    const ramp = new Ramp(10_000, rules(3_000, 1))
    ramp.admit(newLease(), 0)

    expect(admittedOf(ramp, 100, 0)).toBe(1)
  })

  it('takes a third of a new time for each step, and all of it from its beginning', () => {
    const ramp = new Ramp(0, rules(3_000, 1))
    ramp.admit(newLease(), 0)

    ramp.configure(rules(300, 1))

    expect(admittedOf(ramp, 100, 100)).toBe(10)
    expect([299, 300].map((now) => ramp.isOver(now))).toEqual([false, true])
  })

  describe('waitMs', () => {
    it('is 0 while a call more may run anyway', () => {
      const ramp = new Ramp(0, rules(3_000, 2))
      ramp.admit(newLease(), 0)

      expect(ramp.waitMs(0)).toBe(0)
    })

    it('is 0 when the share of the step has grown to a whole call', () => {
      const ramp = new Ramp(0, rules(3_000, 1))
      ramp.admit(newLease(), 0)
      admittedOf(ramp, 98, 0)

      expect(ramp.waitMs(0)).toBe(0)
      expect(ramp.admit(newLease(), 0)).toBe(true)
    })

    it('is the time until the next step otherwise', () => {
      const ramp = new Ramp(0, rules(3_000, 1))
      ramp.admit(newLease(), 0)

      expect([0, 999, 1_000, 2_999].map((now) => ramp.waitMs(now))).toEqual([1_000, 1, 1_000, 1])
    })

    it('is the time until a slot is free, when that is sooner', () => {
      const ramp = new Ramp(0, rules(300_000, 1))
      ramp.admit(newLease(), 0)

      expect([0, 59_999, 60_000].map((now) => ramp.waitMs(now))).toEqual([60_000, 1, 0])
    })

    it('is 0 when the ramp is over', () => {
      const ramp = new Ramp(0, rules(3_000, 1))
      ramp.admit(newLease(), 0)

      expect([3_000, 3_001, 10_000].map((now) => ramp.waitMs(now))).toEqual([0, 0, 0])
    })
  })
})
