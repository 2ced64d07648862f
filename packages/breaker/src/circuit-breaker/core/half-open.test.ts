import { describe, expect, it } from 'vitest'
import { newLease, times } from '../breaker-steps.model.js'
import { HalfOpen } from './half-open.js'

const RULES = { probeLimit: 2, leaseMs: 100, closeAfter: 2 }

describe('HalfOpen', () => {
  it('admits as many trials at once as there are slots', () => {
    const halfOpen = new HalfOpen(RULES)

    expect(times(4, 0).map((now) => halfOpen.admit(newLease(), now))).toEqual([true, true, false, false])
  })

  it('marks an admitted lease as a trial, and leaves a refused one as it was', () => {
    const halfOpen = new HalfOpen({ ...RULES, probeLimit: 1 })
    const [admitted, refused] = [newLease(), newLease()]

    halfOpen.admit(admitted, 50)
    halfOpen.admit(refused, 50)

    expect(admitted).toMatchObject({ role: 'probe', expiresAt: 150, isLive: true })
    expect(refused).toEqual(newLease())
  })

  it('has room again as soon as a trial gives its slot back', () => {
    const halfOpen = new HalfOpen({ ...RULES, probeLimit: 1 })
    const lease = newLease()
    halfOpen.admit(lease, 0)

    expect(halfOpen.giveBack(lease, 10)).toBe(true)

    expect(lease.isLive).toBe(false)
    expect(halfOpen.admit(newLease(), 10)).toBe(true)
  })

  it('takes a slot back only once', () => {
    const halfOpen = new HalfOpen(RULES)
    const lease = newLease()
    halfOpen.admit(lease, 0)
    halfOpen.admit(newLease(), 0)

    expect([halfOpen.giveBack(lease, 10), halfOpen.giveBack(lease, 10)]).toEqual([true, false])

    expect([halfOpen.admit(newLease(), 10), halfOpen.admit(newLease(), 10)]).toEqual([true, false])
  })

  it('gives the slot of a trial whose lease is over to another, not a moment earlier', () => {
    const halfOpen = new HalfOpen({ ...RULES, probeLimit: 1 })
    const lost = newLease()
    halfOpen.admit(lost, 0)

    expect([99, 99.999, 100].map((now) => halfOpen.admit(newLease(), now))).toEqual([false, false, true])

    expect(lost.isLive).toBe(false)
  })

  it('does not listen to a trial whose lease is over, even when nobody has taken its slot', () => {
    const halfOpen = new HalfOpen(RULES)
    const [early, late] = [newLease(), newLease()]
    halfOpen.admit(early, 0)
    halfOpen.admit(late, 0)

    expect(halfOpen.giveBack(early, 99.9)).toBe(true)
    expect(halfOpen.giveBack(late, 100)).toBe(false)
  })

  it.each([
    [undefined, 500, 100],
    [false, 500, 100],
    [false, 100, 1_100],
    [false, 99, 1_099],
    [true, 500, 1_500],
    [true, undefined, 100],
  ])('leases a slot, following timeouts: %s, to a call of %s ms for %i ms', (follows, timeoutMs, leaseMs) => {
    const halfOpen = new HalfOpen({
      ...RULES,
      ...(follows === undefined ? {} : { leaseFollowsTimeout: follows }),
    })
    const lease = { ...newLease(), timeoutMs }

    halfOpen.admit(lease, 0)

    expect(lease.expiresAt).toBe(leaseMs)
  })

  it('frees all slots whose leases are over at once', () => {
    const halfOpen = new HalfOpen(RULES)
    halfOpen.admit(newLease(), 0)
    halfOpen.admit(newLease(), 20)

    expect(times(3, 120).map((now) => halfOpen.admit(newLease(), now))).toEqual([true, true, false])
  })

  it('has enough after the last of the successes that it takes to close', () => {
    const halfOpen = new HalfOpen({ ...RULES, closeAfter: 3 })

    expect([halfOpen.success(), halfOpen.success(), halfOpen.success()]).toEqual([false, false, true])
  })

  it('goes by new rules from the moment they are set', () => {
    const halfOpen = new HalfOpen({ ...RULES, probeLimit: 1 })
    halfOpen.admit(newLease(), 0)

    halfOpen.rules = { probeLimit: 2, leaseMs: 7, closeAfter: 1 }

    const lease = newLease()
    expect(halfOpen.admit(lease, 0)).toBe(true)
    expect(lease.expiresAt).toBe(7)
    expect(halfOpen.success()).toBe(true)
  })

  it('lets those finish who run when there are fewer slots, and admits none above', () => {
    const halfOpen = new HalfOpen(RULES)
    const [first, second] = [newLease(), newLease()]
    halfOpen.admit(first, 0)
    halfOpen.admit(second, 0)
    halfOpen.rules = { ...RULES, probeLimit: 1 }

    expect(halfOpen.giveBack(first, 1)).toBe(true)
    expect(halfOpen.admit(newLease(), 1)).toBe(false)
    expect(halfOpen.giveBack(second, 1)).toBe(true)
    expect(halfOpen.admit(newLease(), 1)).toBe(true)
  })

  describe('waitMs', () => {
    it('is 0 while a slot is free', () => {
      const halfOpen = new HalfOpen(RULES)

      expect(halfOpen.waitMs(0)).toBe(0)
      halfOpen.admit(newLease(), 0)
      expect(halfOpen.waitMs(0)).toBe(0)
    })

    it('is the time until the first lease is over when all slots are taken', () => {
      const halfOpen = new HalfOpen(RULES)
      halfOpen.admit(newLease(), 0)
      halfOpen.admit(newLease(), 30)

      expect([30, 99, 100, 500].map((now) => halfOpen.waitMs(now))).toEqual([70, 1, 0, 0])
    })

    it('is the time until the first one is over, though it was not the first to begin', () => {
      const halfOpen = new HalfOpen({ ...RULES, leaseFollowsTimeout: true })
      halfOpen.admit({ ...newLease(), timeoutMs: 300 }, 0)
      halfOpen.admit(newLease(), 0)

      expect(halfOpen.waitMs(0)).toBe(100)
    })
  })
})
