import { describe, expect, test } from 'vitest'
import type { Lab } from './balancing.model.js'
import { highFailures, lowSuccessRates } from './core/ejection/outliers.js'
import { envoyEjection } from './ejection-options.js'
import { countsOf, end, stateOf, used, ward } from './ejection.model.js'

const rule = { factor: 1.9, minHosts: 5, minVolume: 100, minGapPercent: 0 }
const hosts = (...rates: number[]): { id: number; ended: number; succeeded: number }[] =>
  rates.map((rate, id) => ({ id, ended: 1_000, succeeded: Math.round(rate * 1_000) }))
const idsOf = (found: readonly { id: number }[]): number[] => found.map(({ id }) => id)

describe('success rates', () => {
  test('one of n that fails all is √(n − 1) deviations away: found from five on', () => {
    expect(idsOf(lowSuccessRates(hosts(0, 1, 1, 1), { ...rule, minHosts: 1 }))).toEqual([])
    expect(idsOf(lowSuccessRates(hosts(0, 1, 1, 1, 1), rule))).toEqual([0])
  })

  test.each([
    [21, 100, 21],
    [22, 100, 0],
    [2, 10, 2],
    [3, 10, 0],
  ])('%i equally bad ones of %i: %i are found, for that is less than 21.7 percent', (bad, all, found) => {
    const rates = Array.from({ length: all }, (_, index) => (index < bad ? 0 : 1))

    expect(lowSuccessRates(hosts(...rates), rule)).toHaveLength(found)
  })

  test('with too few calls or hosts nobody is judged, and those with few calls do not count', () => {
    const few = hosts(0, 1, 1, 1, 1).map((host) => ({ ...host, ended: 99, succeeded: host.succeeded / 11 }))

    expect(lowSuccessRates(few, rule)).toEqual([])
    expect(lowSuccessRates([...hosts(0, 1, 1, 1), ...few.slice(1)], rule)).toEqual([])
    expect(lowSuccessRates([], { ...rule, minHosts: 1 })).toEqual([])
  })

  test('with fewer hosts than are wanted nobody is judged, however far one is off', () => {
    const keen = { ...rule, factor: 1 }

    expect(lowSuccessRates(hosts(0, 1, 1, 1), keen)).toEqual([])
    expect(idsOf(lowSuccessRates(hosts(0, 1, 1, 1), { ...keen, minHosts: 4 }))).toEqual([0])
  })

  test('that are all the same make nobody an outlier, not even without a gap', () => {
    expect(lowSuccessRates(hosts(0.5, 0.5, 0.5, 0.5, 0.5), rule)).toEqual([])
  })

  test('where all are nearly perfect the one with one percent of errors is spared by the gap', () => {
    const rates = hosts(0.99, ...Array.from({ length: 9 }, () => 1))

    expect(idsOf(lowSuccessRates(rates, rule))).toEqual([0])
    expect(lowSuccessRates(rates, { ...rule, minGapPercent: 5 })).toEqual([])
  })
})

test('failure percentages are compared in whole numbers, and it is told when all are too high', () => {
  const limits = { thresholdPercent: 50, minHosts: 2, minVolume: 20 }
  const count = (ended: number, succeeded: number): { ended: number; succeeded: number } => ({
    ended,
    succeeded,
  })

  expect(highFailures([count(20, 10), count(20, 11)], limits)).toEqual({
    outliers: [count(20, 10)],
    areAll: false,
  })
  expect(highFailures([count(20, 0), count(20, 1)], limits).areAll).toBe(true)
  expect(highFailures([count(19, 0), count(20, 20)], limits).outliers).toEqual([])
})

/** An interval in which i0 fails every so many calls. */
async function interval(world: Lab, calls: number, everyNth: number, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    for (let call = 0; call < calls; call++) {
      end(world, id, id === 'i0' && call % everyNth !== everyNth - 1 ? 'failure' : 'success')
    }
  }
  await world.clock.advance(10_000)
  world.balancer.snapshot()
}

describe('an interval', () => {
  test('ejects one of two that fails half of its calls, though never five in a row', async () => {
    const world = ward(2)
    await interval(world, 40, 2, ['i0', 'i1'])

    expect(stateOf(world, 'i0').ejectedBy).toBe('failurePercentage')
    expect(used(world)).toEqual(['i1'])
  })

  test('ejects nobody when all fail', async () => {
    const world = ward(2)
    for (const id of ['i0', 'i1']) {
      for (let call = 0; call < 40; call++) end(world, id, call % 4 === 0 ? 'success' : 'failure')
    }
    await world.clock.advance(10_000)

    expect(world.balancer.snapshot().ejected).toBe(0)
    expect(countsOf(world, 'failurePercentage')).toMatchObject({ detected: 2, common_fault: 2 })
  })

  test('does not hold a fault of all against the one that has had no calls since', async () => {
    const world = ward(2)
    for (let call = 0; call < 40; call++) for (const id of ['i0', 'i1']) end(world, id, 'failure')
    end(world, 'i1', 'success', 100)
    await world.clock.advance(10_000)

    expect(world.balancer.snapshot().ejected).toBe(0)
    expect(countsOf(world, 'failurePercentage')).toMatchObject({ detected: 1, common_fault: 1 })
  })

  test('ejects one of two that fail alike where told not to spare them', async () => {
    const world = ward(2, { spareCommonFaults: false, consecutiveFailures: false })
    for (const id of ['i0', 'i1']) end(world, id, 'failure', 40)
    await world.clock.advance(10_000)

    expect(world.balancer.snapshot().ejected).toBe(1)
    expect(countsOf(world, 'failurePercentage')).toMatchObject({ enforced: 1, max_ejected: 1 })
  })

  test('counts an instance for the first detector that finds it', async () => {
    const world = ward(6, { consecutiveFailures: false })
    end(world, 'i0', 'failure', 100)
    for (const id of ['i1', 'i2', 'i3', 'i4', 'i5']) end(world, id, 'success', 100)
    await world.clock.advance(10_000)

    expect(stateOf(world, 'i0')).toMatchObject({ ejectedBy: 'successRate', ejections: 1 })
    expect(countsOf(world, 'failurePercentage')).toMatchObject({ detected: 0 })
  })

  test('ejects the one of five whose successes are too few', async () => {
    const world = ward(5)
    await interval(world, 120, 4, ['i1', 'i2', 'i3', 'i4'])
    for (let call = 0; call < 120; call++) end(world, 'i0', call % 3 === 0 ? 'failure' : 'success')
    for (const id of ['i1', 'i2', 'i3', 'i4']) end(world, id, 'success', 120)
    await world.clock.advance(10_000)

    expect(stateOf(world, 'i0').ejectedBy).toBe('successRate')
  })

  test('forgets the one before', async () => {
    const world = ward(2)
    for (const round of [0, 1]) {
      await interval(world, 19, 2, ['i0', 'i1'])
      expect([round, world.balancer.snapshot().ejected]).toEqual([round, 0])
    }
  })
})

test('as Envoy does it, nobody is ejected among nine, and one among ten', () => {
  for (const [count, ejected] of [
    [9, 0],
    [10, 1],
  ] as const) {
    const world = ward(count, envoyEjection)
    end(world, 'i0', 'failure', 5)
    end(world, 'i1', 'failure', 5)

    expect(world.balancer.snapshot().ejected).toBe(ejected)
    expect(countsOf(world, 'consecutiveGatewayFailures')).toMatchObject({ detected: 0 })
  }
})
