/** Outages and what other balancers do in them, each as what ours does instead. */
import { onInternalError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet, lab, shareOf, shares, simulate } from './balancing.model.js'
import { end } from './ejection.model.js'

const fine = { ms: 20, kind: 'success' } as const
const refused = { ms: 0, kind: 'failure' } as const
const blind = ['roundRobin', 'random', 'weighted', 'leastRequest'] as const

describe('one of three instances', () => {
  test.each([...blind, 'adaptive', 'peakEwma'] as const)(
    'that refuses loses a handful of calls under %s, and not its third (BalancedPool loses it all the time)',
    (strategy) => {
      const done = simulate(fleet(3), {
        strategy,
        clients: 1,
        perSecond: 100,
        durationMs: 9_000,
        answer: (id) => (id === 'i0' ? refused : fine),
      })

      expect(done.filter(({ id }) => id === 'i0').length).toBeLessThanOrEqual(6)
    },
  )

  test.each(blind)(
    'that stays down gets one call for each of its terms under %s, and no burst when one ends (Ribbon)',
    (strategy) => {
      const done = simulate(fleet(3), {
        strategy,
        clients: 1,
        perSecond: 200,
        durationMs: 300_000,
        answer: (id) => (id === 'i0' ? refused : fine),
      })
      const calls = done.filter(({ id, at }) => id === 'i0' && at > 5_000).map(({ at }) => at)
      const pauses = calls.slice(1).map((at, index) => at - calls[index]!)

      // 10, 20, 30 … seconds fit seven times into five minutes.
      expect(calls).toHaveLength(7)
      expect(Math.min(...pauses)).toBeGreaterThan(19_000)
    },
  )

  test.each([...blind, 'adaptive', 'peakEwma'] as const)(
    'has its share again under %s, a minute after it is well',
    (strategy) => {
      const done = simulate(fleet(3), {
        strategy,
        clients: 1,
        perSecond: 200,
        durationMs: 120_000,
        answer: (id, now) => (id === 'i0' && now < 20_000 ? refused : { ...fine, ms: 15 + (now % 10) }),
      })

      expect(shareOf(done, 'i0', 80_000) * 3).toBeGreaterThan(0.7)
    },
  )
})

test.each(['adaptive', 'roundRobin', 'leastRequest'] as const)(
  'when both of two are down, and the second one comes back, %s finds it (nodejs/undici#4839)',
  (strategy) => {
    const done = simulate(fleet(2), {
      strategy,
      clients: 1,
      perSecond: 50,
      durationMs: 60_000,
      answer: (id, now) => (now > 20_000 && id === 'i1' ? fine : refused),
    })
    const late = done.filter(({ at }) => at > 30_000)

    expect(late.filter(({ kind }) => kind === 'failure').length / late.length).toBeLessThan(0.02)
  },
)

test('when all are down for a while nobody is ejected for it, and the load is even as soon as they are back', () => {
  const done = simulate(fleet(4), {
    strategy: 'roundRobin',
    clients: 1,
    perSecond: 200,
    durationMs: 40_000,
    answer: (_id, now) => (now > 10_000 && now < 20_000 ? refused : fine),
  })
  const soon = done.filter(({ at }) => at > 20_100 && at < 22_000)

  for (const id of ['i0', 'i1', 'i2', 'i3']) expect(shareOf(soon, id, 0)).toBeCloseTo(0.25, 1)
})

test('among many clients that call seldom, ejection loses no more calls than the memory of failures alone', () => {
  const lost = (consecutiveFailures: number | false): number =>
    shareOf(
      simulate(fleet(20), {
        strategy: 'adaptive',
        clients: 200,
        perSecond: 250,
        durationMs: 40_000,
        ejection: consecutiveFailures === false ? false : { consecutiveFailures },
        answer: (id) => (id === 'i0' ? { ms: 1, kind: 'failure' } : fine),
      }),
      'i0',
      0,
    )

  expect(lost(1)).toBeLessThan(lost(false) * 1.05)
  expect(lost(5)).toBeLessThan(lost(false) * 1.05)
})

test('the neighbour of an ejected instance does not get its share under round robin', () => {
  const world = lab(fleet(5), { strategy: 'roundRobin' })
  end(world, 'i1', 'failure', 5)

  expect([...shares(world.balancer, 400).values()]).toEqual([100, 100, 100, 100])
})

test('a single instance with a usable weight is no reason to starve the others (grpc-js)', () => {
  const unsubscribe = onInternalError(() => {})
  const weights = [1_000, Number.NaN, -1, Infinity]
  const { balancer } = lab(
    fleet(4).map((instance, index) => ({ ...instance, weight: weights[index]! })),
    { strategy: 'weighted' },
  )

  expect([...shares(balancer, 4_000).values()]).toEqual([1_000, 1_000, 1_000, 1_000])
  unsubscribe()
})

test('hundreds of instances that flap and fail lose no slot, and leave enough in service', async () => {
  const { balancer, source, clock } = lab(fleet(300), { strategy: 'adaptive' })
  for (let flap = 0; flap < 200; flap++) {
    source.publish(fleet(300).filter((_, index) => (index + flap) % 7 !== 0))
    const picks = Array.from({ length: 20 }, () => balancer.pick())
    await clock.advance(50)
    for (const [index, pick] of picks.entries()) pick.done(index % 3 === 0 ? 'success' : 'failure')
  }
  const { instances, panic, draining } = balancer.snapshot()

  expect(instances.every(({ inFlight }) => inFlight === 0)).toBe(true)
  expect([panic, draining]).toEqual([false, []])
})
