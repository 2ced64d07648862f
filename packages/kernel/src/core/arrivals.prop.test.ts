import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arrivals, leave } from './arrivals.js'
import type { Waiting } from './arrivals.js'

class Guest implements Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  constructor(readonly id: number) {}
  expire(): void {}
}

const count = fc.oneof(fc.constantFrom(32, 64), fc.integer({ min: 1, max: 70 }))
/** Some join, with or without a time; neighbours leave; or the clock is read. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), timed: fc.boolean(), count }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('leave' as const), from: fc.nat(99), count }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stamp' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('postpone' as const), ms: fc.nat(9) }) },
)

/** Plays `steps` on the arrivals and on a plain array, which is returned, with the times that all should have. */
function play(
  arrivals: Arrivals,
  steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
): Guest[] {
  const naive: Guest[] = []
  const times = new Map<Guest, number | undefined>()
  steps.forEach((given, now) => {
    // Whoever knows the time comes after it was told to all before.
    if (given.kind !== 'leave' && !(given.kind === 'join' && !given.timed)) {
      arrivals.stamp(now)
      for (const guest of naive) times.set(guest, times.get(guest) ?? now)
    }
    if (given.kind === 'postpone') {
      arrivals.postpone(given.ms)
      for (const guest of naive) times.set(guest, (times.get(guest) ?? NaN) + given.ms)
      if (naive.length > 0) expect(arrivals.lastAt()).toBe(naive.at(-1)?.at)
    }
    if (given.kind === 'leave') {
      for (const guest of naive.splice(Math.floor((given.from * naive.length) / 100), given.count)) {
        leave(guest)
        leave(guest)
      }
    } else if (given.kind === 'join') {
      for (let joined = 0; joined < given.count; joined++) {
        const guest = new Guest(times.size)
        guest.at = given.timed ? now : undefined
        times.set(guest, guest.at)
        arrivals.add(guest)
        naive.push(guest)
      }
    }
    expect(arrivals.head()).toBe(naive[0])
    expect(arrivals.isEmpty).toBe(naive.length === 0)
    expect(naive.map(({ at }) => at)).toEqual(naive.map((guest) => times.get(guest)))
  })
  return naive
}

describe('arrivals', () => {
  it('are a list in order, however often its ends are renewed: left at both ends and in the middle', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const arrivals = new Arrivals()

        for (const guest of play(arrivals, steps)) {
          expect(arrivals.head()).toBe(guest)
          leave(guest)
        }

        expect(arrivals.isEmpty).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('hold nobody who left', () => {
    const arrivals = new Arrivals()
    const patient = new Guest(0)
    arrivals.add(patient)
    for (let id = 1; id < 1_000; id++) {
      const guest = new Guest(id)
      arrivals.add(guest)
      leave(guest)
      expect([guest.prev, guest.next]).toEqual([null, null])
    }

    expect(patient.next).toBe(patient.prev)
    expect(patient.next?.next).toBe(patient)
  })

  it('never link anybody to ends that more than 64 have met, nor make them anew for each', () => {
    const arrivals = new Arrivals()
    const met = new Map<Waiting | null, number>()
    for (let id = 0; id < 6_400; id++) {
      const guest = new Guest(id)
      arrivals.add(guest)
      met.set(guest.next, (met.get(guest.next) ?? 0) + 1)
      expect(arrivals.head()).toBe(guest)
      leave(guest)
    }

    expect(Math.max(...met.values())).toBeLessThanOrEqual(64)
    expect(met.size).toBeLessThan(200)
  })
})
