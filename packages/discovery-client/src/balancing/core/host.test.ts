import type { OutcomeKind } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet } from '../balancing.model.js'
import { Host } from './host.js'

const host = (): Host => new Host(fleet(1)[0]!)

/** One whole call that ends at `now`. */
function call(of: Host, now: number, latencyMs: number, kind: OutcomeKind = 'success'): void {
  of.started(now - latencyMs)
  of.ended(kind, latencyMs, 5_000, now)
}

describe('the latency to expect', () => {
  test('is never less than calls have waited in vain', () => {
    const one = host()
    call(one, 0, 10)
    one.started(0)
    one.started(400)
    const waiting = one.latencyAt(1_000, 10)
    one.ended('cancelled', 1_000, 0, 1_000)

    expect([waiting, one.latencyAt(1_200, 10)]).toEqual([1_000, 200])
  })

  test('is not that of the time without calls before one begins', () => {
    const one = host()
    call(one, 0, 10)
    one.started(60_000)

    expect(one.latencyAt(60_010, 10)).toBeCloseTo(10, 9)
  })

  test.each<[OutcomeKind, boolean]>([
    ['ignored', true],
    ['cancelled', false],
    ['rejected', false],
  ])('of one that sends callers away (%s) counts as load: %s', (kind, counts) => {
    const one = host()
    one.latency.fleet = { log: Math.log(100), load: 0 }
    call(one, 0, 100)
    call(one, 10, 1, kind)

    expect(one.latency.earlyEnds(10) > 0.9).toBe(counts)
  })

  test.each([
    [110_009, true],
    [110_010, false],
  ])(
    'of one that joined others at 100 s learns what is usual from calls after ten seconds: one that ends at %d',
    (now, isNew) => {
      const one = host()
      one.upSince = 100_000
      call(one, now, 10)

      expect(one.latency.isNew).toBe(isNew)
    },
  )

  test('is usual from the first call on for one that joined nobody', () => {
    const one = host()
    call(one, 0, 10)

    expect(one.latency.isNew).toBe(false)
  })

  test.each([
    [20, 20],
    [0, 0.05],
  ])('of one that never answered is that of a fleet of %f ms: %f', (fleetMs, expected) => {
    expect(host().latencyAt(0, fleetMs)).toBeCloseTo(expected, 9)
  })

  test.each(['failure', 'timeout'] as const)('gets worse by a %s, however fast it came', (kind) => {
    const one = host()
    call(one, 1_000, 10)
    call(one, 1_000, 1, kind)

    expect(one.latencyAt(1_000, 10)).toBeGreaterThan(100)
    expect(one.peakAt(1_000)).toBe(5_000)
  })

  test.each(['cancelled', 'ignored', 'rejected'] as const)('is the same after a call that was %s', (kind) => {
    const one = host()
    call(one, 1_000, 10)
    call(one, 1_000, 9_000, kind)

    expect(one.latencyAt(1_000, 10)).toBeCloseTo(10, 9)
    expect([one.peakAt(1_000), one.isResting(1_000), one.inFlight]).toEqual([10, false, 0])
  })

  test('does not go back when the clock does', () => {
    const one = host()
    call(one, 1_000, 50)

    expect(one.latencyAt(0, 10)).toBeCloseTo(50, 9)
    expect(one.peakAt(0)).toBe(50)
  })
})

describe('the peak', () => {
  test('jumps up at once, and decays towards zero with a time constant of ten seconds', () => {
    const one = host()
    call(one, 0, 10)
    call(one, 0, 500)
    const peak = one.peakAt(0)

    expect(peak).toBe(500)
    expect(one.peakAt(10_000)).toBeCloseTo(500 / Math.E, 5)
  })

  test('follows lower answers by the time that has passed since the last one, and is not there after all was forgotten', () => {
    const one = host()
    call(one, 0, 500)
    call(one, 10_000, 100)
    const peaks = [one.peakAt(10_000)]
    call(one, 10_000, 100)
    peaks.push(one.peakAt(10_000))
    one.forgetLatency()
    call(one, 10_000, 20)

    const kept = 100 + 400 / Math.E
    expect(peaks[0]).toBeCloseTo(kept, 9)
    expect(peaks[1]).toBeCloseTo(kept - (kept - 100) * (1 - Math.exp(-10 / 10_000)), 9)
    expect(one.peakAt(10_000)).toBe(20)
  })

  test('of an instance that never answered is nothing while it is idle, and huge while a call is under way', () => {
    const one = host()
    const idle = one.peakAt(0)
    one.started(0)

    expect([idle, one.peakAt(0)]).toEqual([0, 1e9])
  })
})

describe('a rest', () => {
  test('begins with the third failure in a row, and doubles up to 30 s', () => {
    const one = host()
    const restAfter = (now: number): number => {
      call(one, now, 1, 'failure')
      let end = now
      while (one.isResting(end)) end += 1_000
      return end - now
    }

    expect([restAfter(0), restAfter(0), restAfter(0), restAfter(0), restAfter(0), restAfter(0)]).toEqual([
      0, 0, 10_000, 20_000, 30_000, 30_000,
    ])
  })

  test('ends when all is forgotten', () => {
    const one = host()
    for (let index = 0; index < 3; index++) call(one, 0, 1, 'failure')
    const resting = one.isResting(1)
    one.forgetLatency()

    expect([resting, one.isResting(1)]).toEqual([true, false])
  })

  test('ends with a success, and is not begun by failures between successes', () => {
    const one = host()
    for (let index = 0; index < 3; index++) call(one, 0, 1, 'failure')
    const resting = one.isResting(1)
    call(one, 1, 1)
    const after = one.isResting(1)
    call(one, 1, 1, 'failure')
    call(one, 1, 1, 'failure')

    expect([resting, after, one.isResting(1)]).toEqual([true, false, false])
  })
})

test('one without a zone has that without a name', () => {
  expect([host().zone, new Host(fleet(1, () => ({ zone: 'a' }))[0]!).zone]).toEqual(['', 'a'])
})
