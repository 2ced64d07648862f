/** Weights, zones and memories where the usual way leads nowhere. */
import { onInternalError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { ALL, chiSquare, chiSquareLimit, fleet, lab, shares } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import { end, stateOf } from './ejection.model.js'

const idsOf = ({ balancer }: Lab, picks: number, exclude: readonly string[] = []): string[] => {
  const ids = Array.from({ length: picks }, () => {
    using pick = balancer.pick({ exclude })
    return pick.instance.id
  })
  return [...new Set(ids)].sort()
}

describe.each(['adaptive', 'leastRequest', 'peakEwma'] as const)('under %s', (strategy) => {
  test('what weighs nothing is not chosen, however busy the others are', () => {
    const world = lab(
      fleet(2, (index) => ({ weight: index === 0 ? 5 : 0 })),
      { strategy },
    )
    const busy = Array.from({ length: 50 }, () => world.balancer.pick().instance.id)

    expect(new Set(busy)).toEqual(new Set(['i0']))
  })

  test('nor when the only heavy one is excluded, while a light one is there', () => {
    const world = lab(
      fleet(20, (index) => ({ weight: index === 0 ? 1e6 : index === 1 ? 1e-3 : 0 })),
      { strategy },
    )

    expect(idsOf(world, 200, ['i0'])).toEqual(['i1'])
  })
})

describe.each(ALL)('under %s', (strategy) => {
  test.each([1, -1, NaN, Infinity])('every pick ends, though the source of chance answers %d', (number) => {
    const unsubscribe = onInternalError(() => {})
    const world = lab(
      fleet(3, (index) => ({ weight: 2 - index })),
      { strategy, random: { next: () => number } },
    )

    const ids = idsOf(world, 20)
    unsubscribe()

    expect(['i0', 'i1', 'i2']).toEqual(expect.arrayContaining(ids))
  })
})

describe('zones that are avoided', () => {
  const zones = (count: number, options = {}): Lab =>
    lab(
      fleet(count, (index) => ({ zone: index < count / 2 ? 'a' : 'b' })),
      { strategy: 'zoneAvoidance', ...options },
    )

  test('are not those with hardly a call, though the other has none', async () => {
    const world = zones(20)
    world.balancer.pick({ exclude: Array.from({ length: 10 }, (_, index) => `i${String(index + 10)}`) })
    await world.clock.advance(200)

    expect(idsOf(world, 100)).toHaveLength(20)
  })

  test('are asked all the same when all others are excluded', async () => {
    const world = zones(4, { ejection: false })
    for (const id of ['i0', 'i1']) end(world, id, 'failure', 5)
    await world.clock.advance(200)

    expect(idsOf(world, 50)).toEqual(['i2', 'i3'])
    expect(idsOf(world, 50, ['i2', 'i3'])).toEqual(['i0', 'i1'])
  })
})

test('the share of an excluded instance is spread by response times too', async () => {
  const { balancer, clock } = lab(fleet(10), { strategy: 'weightedResponseTime' })
  shares(balancer, 1_000, 'success')
  await clock.advance(30_000)
  const counts = new Map<string, number>()
  for (let call = 0; call < 9_000; call++) {
    using pick = balancer.pick({ exclude: ['i3'] })
    counts.set(pick.instance.id, (counts.get(pick.instance.id) ?? 0) + 1)
  }

  expect(counts.has('i3')).toBe(false)
  expect(
    chiSquare(
      [...counts.values()],
      Array.from(counts, () => 1_000),
    ),
  ).toBeLessThan(chiSquareLimit(8))
})

test('clients divide no calls by zones in a panic, and stay in their own', () => {
  const list = fleet(8, (index) => ({ zone: index < 4 ? 'a' : 'b' }))
  const world = lab([...list, ...fleet(16).slice(8)], {
    strategy: 'random',
    zone: { own: 'a', clients: { a: 3, b: 1 } },
    ejection: { spareCommonFaults: false, jitterMs: 0 },
  })
  for (const id of ['i3', 'i4', 'i5', 'i6', 'i7']) end(world, id, 'failure', 5)
  world.source.publish(list)

  expect(world.balancer.snapshot().panic).toBe(true)
  expect(idsOf(world, 300)).toEqual(['i0', 'i1', 'i2', 'i3'])
})

test('an ejected instance that was never fast is tried all the same, a while after its time is over', async () => {
  const world = lab(fleet(3), { strategy: 'adaptive', ejection: { jitterMs: 0 } })
  const work = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 20) {
      const pick = world.balancer.pick()
      pick.done('success', pick.instance.id === 'i0' ? 400 : 10)
      await world.clock.advance(20)
    }
  }
  for (let call = 0; call < 200; call++) {
    world.balancer.pick({ exclude: ['i1', 'i2'] }).done('success', 400)
    await world.clock.advance(100)
    await work(100)
  }
  end(world, 'i0', 'failure', 5)
  await work(30_000)
  const due = stateOf(world, 'i0').phase
  await work(15_000)

  expect([due, stateOf(world, 'i0').phase]).toEqual(['due', 'serving'])
})
