/** Defects and traps of other balancers, each as what ours does instead. */
import { onInternalError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet, lab, shareOf, shares, simulate } from './balancing.model.js'

const fine = { ms: 20, kind: 'success' } as const

describe('weights', () => {
  test('an instance without a usable weight beside weights of a thousand gets a mean share (grpc-js starves it)', () => {
    const unsubscribe = onInternalError(() => {})
    const weights = [1_000, 1_000, NaN, -5]
    const { balancer } = lab(
      fleet(4).map((instance, index) => ({ ...instance, weight: weights[index]! })),
      { strategy: 'weighted' },
    )

    const counts = shares(balancer, 4_000)

    expect([...counts.values()]).toEqual([1_000, 1_000, 1_000, 1_000])
    unsubscribe()
  })

  test('a heavy instance gets no bursts (schemes by greatest common divisors send five in a row)', () => {
    const { balancer } = lab(
      fleet(6, (index) => ({ weight: index === 0 ? 5 : 1 })),
      { strategy: 'weighted' },
    )
    const ids = Array.from({ length: 1_000 }, () => balancer.pick().instance.id)

    const runs = ids
      .join(' ')
      .match(/(?:i0 ?)+/g)!
      .map((run) => run.trim().split(' ').length)

    expect(ids.filter((id) => id === 'i0')).toHaveLength(500)
    expect(Math.max(...runs)).toBeLessThanOrEqual(3)
  })

  test('one that is a hundred thousand times heavier than a thousand others costs no search', () => {
    const { balancer } = lab(
      fleet(1_000, (index) => ({ weight: index === 0 ? 100_000 : 1 })),
      { strategy: 'weighted' },
    )

    const counts = shares(balancer, 20_000)

    expect(counts.get('i0')! / 20_000).toBeCloseTo(100_000 / 100_999, 2)
  })

  test.each([2, 3, 4, 10])(
    'half a weight among %i instances brings half a share under two choices',
    (count) => {
      const { balancer } = lab(
        fleet(count, (index) => ({ weight: index === 0 ? 0.5 : 1 })),
        { strategy: 'adaptive' },
      )
      const fair = 0.5 / (count - 0.5)

      expect(shares(balancer, 50_000).get('i0')! / 50_000).toBeCloseTo(fair, 2)
    },
  )
})

describe("Ribbon's rules", () => {
  test('the first of idle instances has no advantage', () => {
    const { balancer } = lab(fleet(4), { strategy: 'bestAvailable' })

    expect(shares(balancer, 4_000).get('i0')).toBeLessThan(1_150)
  })

  test('the worse of two nearly equal zones is kept (Netflix/ribbon#473)', async () => {
    const { balancer, clock } = lab(
      fleet(10, (index) => ({ zone: index < 5 ? 'a' : 'b' })),
      { strategy: 'zoneAvoidance' },
    )
    for (let index = 0; index < 21; index++) balancer.pick()
    await clock.advance(200)

    const counts = shares(balancer, 1_000)

    expect([...counts.values()]).toEqual(Array.from({ length: 10 }, () => 100))
  })

  test('a zone that stands out by its load is avoided, and comes back', async () => {
    const { balancer, clock } = lab(
      fleet(4, (index) => ({ zone: index < 2 ? 'a' : 'b' })),
      { strategy: 'zoneAvoidance' },
    )
    const stuck = Array.from({ length: 10 }, () => balancer.pick({ exclude: ['i2', 'i3'] }))
    await clock.advance(200)
    const during = shares(balancer, 100)
    for (const pick of stuck) pick.done('ignored')
    await clock.advance(200)

    expect([...during.keys()].sort()).toEqual(['i2', 'i3'])
    expect(shares(balancer, 100).size).toBe(4)
  })

  test('a zone whose instances all rest is avoided, and tried when there is no other', async () => {
    const { balancer, clock } = lab(
      fleet(4, (index) => ({ zone: index < 2 ? 'a' : 'b' })),
      { strategy: 'zoneAvoidance' },
    )
    const fail = (exclude: string[]): void => {
      for (let index = 0; index < 20; index++) balancer.pick({ exclude }).done('failure')
    }
    fail(['i2', 'i3'])
    await clock.advance(200)
    const one = shares(balancer, 100)
    fail(['i0', 'i1'])
    await clock.advance(200)

    expect([...one.keys()].sort()).toEqual(['i2', 'i3'])
    expect(shares(balancer, 100).size).toBe(4)
  })

  test('weights by response time are those of Ribbon: ten times slower among twenty keeps 68 percent of its share', async () => {
    const { balancer, clock } = lab(fleet(20), { strategy: 'weightedResponseTime' })
    for (let index = 0; index < 2_000; index++) {
      const pick = balancer.pick()
      pick.done('success', pick.instance.id === 'i0' ? 100 : 10)
    }
    await clock.advance(30_000)

    const share = shares(balancer, 100_000).get('i0')! / 100_000

    expect(share * 20).toBeCloseTo(0.69, 1)
    expect(share * 20).toBeGreaterThan(0.64)
  })
})

describe('adaptive', () => {
  test('gives an instance that fails at once almost nothing (it looks idle to least request)', () => {
    const load = { clients: 5, perSecond: 1_000, durationMs: 30_000, ejection: false } as const
    const answer = (id: string): { ms: number; kind: 'success' | 'failure' } =>
      id === 'i0' ? { ms: 1, kind: 'failure' } : { ms: 20, kind: 'success' }

    const failed = (strategy: 'adaptive' | 'leastRequest'): number =>
      shareOf(simulate(fleet(10), { ...load, strategy, answer }), 'i0', 1_000)

    expect(failed('adaptive')).toBeLessThan(0.005)
    expect(failed('leastRequest')).toBeGreaterThan(0.1)
  })

  test('P9: asks a silent instance once a client, and not again', () => {
    const done = simulate(fleet(5), {
      strategy: 'adaptive',
      clients: 4,
      perSecond: 400,
      durationMs: 60_000,
      answer: (id) => (id === 'i0' ? undefined : fine),
    })

    expect(done.filter(({ id }) => id === 'i0').length).toBeLessThanOrEqual(8)
  })

  test('sends no burst to a slow instance as time goes by, though each client calls it seldom', () => {
    const done = simulate(fleet(20), {
      strategy: 'adaptive',
      clients: 100,
      perSecond: 1_000,
      durationMs: 120_000,
      answer: (id) => (id === 'i0' ? { ms: 2_000, kind: 'success' } : fine),
    })

    for (let from = 10_000; from < 120_000; from += 10_000) {
      const period = done.filter(({ at }) => at >= from && at < from + 10_000)
      expect(shareOf(period, 'i0', 0) * 20).toBeLessThan(0.2)
    }
  })

  test.each([5, 100])(
    'gives an instance that was slow for a while its share again within 20 s, with %i clients',
    (clients) => {
      const isSlow = (now: number): boolean => now >= 30_000 && now < 45_000
      const done = simulate(fleet(20), {
        strategy: 'adaptive',
        clients,
        perSecond: 1_000,
        durationMs: 75_000,
        answer: (id, now) => ({ ms: id === 'i0' && isSlow(now) ? 200 : 5 + (now % 30), kind: 'success' }),
      })

      const during = done.filter(({ at }) => at >= 35_000 && at < 45_000)
      expect(shareOf(during, 'i0', 0) * 20).toBeLessThan(0.2)
      expect(shareOf(done, 'i0', 65_000) * 20).toBeGreaterThan(0.7)
    },
  )

  test('tries an instance that was never fast seldom, and gives it most of its share within three minutes of its recovery', () => {
    const done = simulate(fleet(20), {
      strategy: 'adaptive',
      clients: 20,
      perSecond: 200,
      durationMs: 220_000,
      answer: (id, now) => ({ ms: id === 'i0' && now < 30_000 ? 200 : 15 + (now % 10), kind: 'success' }),
    })

    const early = done.filter(({ at }) => at >= 5_000 && at < 30_000)
    expect(shareOf(early, 'i0', 0) * 20).toBeLessThan(0.05)
    expect(shareOf(done, 'i0', 210_000) * 20).toBeGreaterThan(0.5)
  })

  test('leaves an instance that answers 500 ms where others take 20 (BalancedPool keeps its third)', () => {
    const done = simulate(fleet(3), {
      strategy: 'adaptive',
      clients: 1,
      perSecond: 60,
      durationMs: 10_000,
      answer: (id) => (id === 'i0' ? { ms: 500, kind: 'success' } : fine),
    })

    expect(shareOf(done, 'i0', 1_000)).toBeLessThan(0.05)
  })

  test('gives two alike about half each at any time, though one is a little faster', () => {
    const done = simulate(fleet(2), {
      strategy: 'adaptive',
      clients: 1,
      perSecond: 40,
      durationMs: 60_000,
      answer: (id, now) => ({ ms: (id === 'i0' ? 14 : 15) + (now % 3), kind: 'success' }),
    })

    for (let from = 2_000; from < 60_000; from += 4_000) {
      const share = shareOf(
        done.filter(({ at }) => at < from + 4_000),
        'i0',
        from,
      )
      expect(share).toBeGreaterThan(0.3)
      expect(share).toBeLessThan(0.7)
    }
  })

  test('forgets cold starts: where all begin slowly, the first to be warm does not get everything', () => {
    const calls = new Map<string, number>()
    const done = simulate(fleet(2), {
      strategy: 'adaptive',
      clients: 1,
      perSecond: 40,
      durationMs: 30_000,
      answer: (id) => {
        const count = (calls.get(id) ?? 0) + 1
        calls.set(id, count)
        return { ms: count <= 2 ? 90 : 14, kind: 'success' }
      },
    })

    for (const id of ['i0', 'i1']) expect(shareOf(done, id, 10_000)).toBeGreaterThan(0.3)
  })

  test('sends no more than its share to one of two that sends everyone away at once', () => {
    const done = simulate(fleet(2), {
      strategy: 'adaptive',
      clients: 4,
      perSecond: 200,
      durationMs: 30_000,
      answer: (id, now) =>
        id === 'i0' && now >= 5_000 ? { ms: 5, kind: 'ignored' } : { ms: 120, kind: 'success' },
    })

    const share = shareOf(done, 'i0', 6_000) * 2
    expect(share).toBeGreaterThan(0.85)
    expect(share).toBeLessThan(1.1)
  })

  test('asks two that are idle in turn', () => {
    const done = simulate(fleet(2), {
      strategy: 'adaptive',
      clients: 1,
      perSecond: 5,
      durationMs: 60_000,
      answer: () => fine,
    })

    const repeats = done.filter(({ id }, index) => index > 0 && done[index - 1]!.id === id).length
    expect(repeats / done.length).toBeLessThan(0.15)
  })

  test.each(['cancelled', 'ignored', 'rejected'] as const)(
    'holds nothing against an instance whose calls are %s',
    (kind) => {
      const done = simulate(fleet(4), {
        strategy: 'adaptive',
        clients: 2,
        perSecond: 400,
        durationMs: 20_000,
        answer: (id) => (id === 'i0' ? { ms: 20, kind } : fine),
      })

      expect(shareOf(done, 'i0', 1_000) * 4).toBeGreaterThan(0.5)
    },
  )
})
