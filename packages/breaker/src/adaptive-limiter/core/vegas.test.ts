import { describe, expect, it } from 'vitest'
import { VegasLimit } from './vegas.js'
import type { VegasRules } from './vegas.js'

const RULES: VegasRules = { min: 1, max: 1_000, noLoadMs: undefined }
const busy = { meanMs: 100, mostInFlight: 1_000, hadDrops: false }

/** One that knows that 100 ms are without a queue. */
function knowing(initial: number, rules: Partial<VegasRules> = {}): VegasLimit {
  const limit = new VegasLimit(initial, { ...RULES, ...rules })
  limit.update({ ...busy, mostInFlight: 0 }, 0)
  return limit
}

describe('VegasLimit', () => {
  it.each<[string, number, number]>([
    ['grows fast while at most one call queues', 100, 26],
    ['grows by one while few calls queue', 110, 21],
    ['stays where a few calls queue', 120, 20],
    ['stays where six calls queue', 142, 20],
    ['shrinks by one where more queue', 160, 19],
  ])('%s', (_title, meanMs, expected) => {
    const limit = knowing(20)

    limit.update({ ...busy, meanMs }, 0)

    expect(limit.limit).toBe(expected)
  })

  it('takes larger steps when it is large', () => {
    const limit = knowing(500)

    limit.update(busy, 0)
    expect(limit.limit).toBe(512)
    limit.update({ ...busy, meanMs: 200 }, 0)
    expect(limit.limit).toBe(510)
  })

  it.each([
    ['two calls queue', 100.35, 512],
    ['five calls queue', 100.95, 502],
    ['six calls queue', 101.16, 500],
    ['ten calls queue', 101.98, 500],
    ['twelve calls queue', 102.4, 500],
    ['thirteen calls queue', 102.6, 498],
  ])('has its marks at multiples of the step: %s', (_title, meanMs, expected) => {
    const limit = knowing(500)

    limit.update({ ...busy, meanMs }, 0)

    expect(limit.limit).toBe(expected)
  })

  it('grows when just half of it is used', () => {
    const limit = knowing(20)

    limit.update({ ...busy, mostInFlight: 10 }, 0)

    expect(limit.limit).toBe(26)
  })

  it('shrinks for drops, also where they are all there is', () => {
    const limit = knowing(20)

    limit.update({ ...busy, hadDrops: true }, 0)
    limit.update({ meanMs: undefined, mostInFlight: 0, hadDrops: true }, 0)

    expect(limit.limit).toBe(18)
  })

  it('stays as it is while less than half of it is used, or nothing is known', () => {
    const limit = knowing(20)

    limit.update({ ...busy, mostInFlight: 9 }, 0)
    limit.update({ meanMs: undefined, mostInFlight: 20, hadDrops: false }, 0)

    expect(limit.state).toEqual({ estimate: 20, minRttMs: 100, isProbing: false })
  })

  it('takes the lowest latency for that without a queue', () => {
    const limit = knowing(20)
    limit.update({ ...busy, meanMs: 80, mostInFlight: 0 }, 0)
    limit.update({ ...busy, meanMs: 90, mostInFlight: 0 }, 0)

    expect(limit.state).toEqual({ estimate: 20, minRttMs: 80, isProbing: false })
  })

  it('measures it anew after thirty windows for each slot, with half the limit', () => {
    const limit = knowing(2)
    for (let window = 0; window < 59; window++) limit.update({ ...busy, meanMs: 300, mostInFlight: 0 }, 0)
    expect(limit.state.isProbing).toBe(true)
    expect(limit.limit).toBe(1)

    limit.update({ ...busy, meanMs: 250 }, 0)

    expect(limit.state).toEqual({ estimate: 2, minRttMs: 250, isProbing: false })
    expect(limit.limit).toBe(2)
  })

  it('leaves half of it to a measurement, and never less than its minimum', () => {
    const probing = (rules: Partial<VegasRules>): number => {
      const limit = knowing(10, rules)
      while (!limit.state.isProbing) limit.update({ ...busy, mostInFlight: 0 }, 0)
      return limit.limit
    }

    expect([probing({}), probing({ min: 8 })]).toEqual([5, 8])
  })

  it('measures again after between half as many windows and as many, by chance', () => {
    const windowsUntilProbe = (chance: number): number => {
      const limit = knowing(2)
      while (!limit.state.isProbing) limit.update({ ...busy, mostInFlight: 0 }, 0)
      limit.update(busy, chance)
      let windows = 0
      for (; !limit.state.isProbing; windows++) limit.update({ ...busy, mostInFlight: 0 }, 0)
      return windows
    }

    expect([windowsUntilProbe(0), windowsUntilProbe(0.5), windowsUntilProbe(1)]).toEqual([30, 45, 60])
  })

  it('never measures what it was told', () => {
    const limit = knowing(2, { noLoadMs: 50 })
    for (let window = 0; window < 500; window++) {
      limit.update({ ...busy, mostInFlight: 0 }, 0)
      expect(limit.state).toMatchObject({ minRttMs: 50, isProbing: false })
    }
  })

  it('stays within its bounds, also other ones', () => {
    const limit = knowing(5, { min: 4, max: 6 })

    limit.update(busy, 0)
    expect(limit.limit).toBe(6)
    for (let window = 0; window < 9; window++) limit.update({ ...busy, hadDrops: true }, 0)
    expect(limit.limit).toBe(4)
    limit.follow({ min: 7, max: 9 })
    expect(limit.limit).toBe(7)
  })
})
