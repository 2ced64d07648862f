import { BulkheadFullError, NoInstancesError, onInternalError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import type { Instance } from '../instance.js'
import { fleet, lab, shares } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { BalancerOptions } from './balancer-options.js'
import { end, used } from './ejection.model.js'

const canary = (index: number): object => ({ metadata: { version: index < 2 ? 'next' : 'stable' } })
const partOf = (counts: Map<string, number>, ids: readonly string[]): number => {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return ids.reduce((sum, id) => sum + (counts.get(id) ?? 0), 0) / all
}

describe('a filter', () => {
  test('leaves out those without the metadata, and says so', () => {
    const { balancer } = lab(fleet(6, canary), { filter: { version: 'next' } })

    expect([...shares(balancer, 100).keys()].sort()).toEqual(['i0', 'i1'])
    expect(balancer.pick().why.exclusions).toContainEqual({ id: 'i3', reason: 'filter' })
  })

  test('that lets nobody pass leaves nobody', () => {
    const { balancer } = lab(fleet(6, canary), { filter: () => false })

    expect(() => balancer.pick()).toThrow(NoInstancesError)
  })

  test('that looks at the balancer leaves out nobody but those it says no to', () => {
    const world: Lab = lab(fleet(3), {
      filter: ({ id }) => world.balancer.snapshot().service === 'users' && id !== 'i1',
    })
    const before = used(world)
    world.source.publish(fleet(5))

    expect([before, used(world)]).toEqual([
      ['i0', 'i2'],
      ['i0', 'i2', 'i3', 'i4'],
    ])
  })

  test('that throws is reported, and takes nobody away', () => {
    const reports: unknown[] = []
    const unsubscribe = onInternalError((error, where) => reports.push([where, String(error)]))
    const world = lab(fleet(2), {
      filter: ({ id }) => {
        if (id === 'i1') throw new Error('oops')
        return true
      },
    })

    expect(used(world)).toEqual(['i0', 'i1'])
    expect(reports).toEqual([['filter of a balancer', 'Error: oops']])
    unsubscribe()
  })
})

describe('a route', () => {
  const route = { match: { version: 'next' }, sharePercent: 10 }

  test('gives what matches its share and no more, and the rest to the others', () => {
    const { balancer } = lab(fleet(10, canary), { route, strategy: 'random' })
    const counts = new Map<string, number>()
    for (let index = 0; index < 20_000; index++) {
      using pick = balancer.pick()
      counts.set(pick.instance.id, (counts.get(pick.instance.id) ?? 0) + 1)
    }

    expect(partOf(counts, ['i0', 'i1'])).toBeCloseTo(0.1, 2)
    expect(partOf(counts, ['i2', 'i3', 'i4', 'i5'])).toBeCloseTo(0.45, 1)
  })

  test('treats equal keys alike, and a larger share keeps those it had', () => {
    const routed = (sharePercent: number): string[] => {
      const { balancer } = lab(fleet(10, canary), { route: { ...route, sharePercent } })
      const keys = Array.from({ length: 1_000 }, (_, index) => `user ${String(index)}`)
      return keys.filter((key) => balancer.pick({ key }).why.routed)
    }
    const [ten, again, thirty] = [routed(10), routed(10), new Set(routed(30))]

    expect(again).toEqual(ten)
    expect(ten.length / 1_000).toBeCloseTo(0.1, 1)
    expect(ten.every((key) => thirty.has(key))).toBe(true)
  })

  test('says who was on the other side', () => {
    const { balancer } = lab(fleet(3, canary), { route: { ...route, sharePercent: 100 } })

    expect(balancer.pick().why).toMatchObject({
      routed: true,
      exclusions: expect.arrayContaining([{ id: 'i2', reason: 'route' }]) as unknown,
    })
  })

  test('gives its share to the others while nothing that matches is there or in service', async () => {
    const world = lab(fleet(6, canary), {
      route: { ...route, sharePercent: 100 },
      strategy: 'random',
      ejection: { spareCommonFaults: false },
    })
    end(world, 'i0', 'failure', 5)
    end(world, 'i1', 'failure', 5)
    const ejected = used(world)
    world.source.publish(fleet(6, canary).slice(2))

    expect(ejected).toEqual(['i2', 'i3', 'i4', 'i5'])
    expect(used(world)).toEqual(['i2', 'i3', 'i4', 'i5'])
    world.source.publish(fleet(2, canary))
    await world.clock.advance(100_000)
    expect(used(world)).toEqual(['i0', 'i1'])
  })

  test('of which nobody is in service is no reason to panic, nor for a retry or a full house', () => {
    const world = lab(
      fleet(3, (index) => ({ metadata: { version: index === 0 ? 'next' : 'stable' } })),
      { route, limit: { initial: 1, max: 1 }, ejection: { spareCommonFaults: false } },
    )
    end(world, 'i0', 'failure', 5)
    const retry = world.balancer.pick({ exclude: ['i1', 'i2'] })
    world.balancer.pick()

    expect(retry.why).toMatchObject({ panic: false, relaxed: true, routed: false })
    expect(() => world.balancer.pick()).toThrow(BulkheadFullError)
    expect(world.balancer.snapshot()).toMatchObject({ panic: false, panicPicks: 0 })
  })

  test('is asked about once per list, whoever is ejected', () => {
    const asked: string[] = []
    const match = ({ id }: Instance): boolean => asked.push(id) === 1
    const world = lab(fleet(3), { route: { match, sharePercent: 100 }, ejection: { consecutiveFailures: 1 } })
    end(world, 'i0', 'failure')
    used(world)
    world.source.publish(fleet(2))
    used(world)

    expect(asked).toEqual(['i0', 'i1', 'i2', 'i0', 'i1'])
  })

  test('gives everything to what matches where all do', () => {
    const world = lab(
      fleet(3, () => ({ metadata: { version: 'next' } })),
      { route },
    )

    expect(used(world)).toEqual(['i0', 'i1', 'i2'])
  })

  test('lets a retry go to the other side when all of one have been tried', () => {
    const { balancer } = lab(fleet(4, canary), { route: { ...route, sharePercent: 100 } })
    const pick = balancer.pick({ exclude: ['i0', 'i1'] })

    expect([['i2', 'i3'].includes(pick.instance.id), pick.why.relaxed]).toEqual([true, false])
  })

  test('that throws matches nothing', () => {
    const unsubscribe = onInternalError(() => {})
    const match = (): boolean => {
      throw new Error('oops')
    }
    const world = lab(fleet(3), { route: { match, sharePercent: 50 } })

    expect(used(world)).toHaveLength(3)
    unsubscribe()
  })

  test('takes all calls while nobody else is in service', () => {
    const world = lab(fleet(4, canary), {
      route: { ...route, sharePercent: 0 },
      strategy: 'random',
      ejection: { spareCommonFaults: false },
    })
    const before = used(world)
    end(world, 'i2', 'failure', 5)
    end(world, 'i3', 'failure', 5)

    expect(before).toEqual(['i2', 'i3'])
    expect(used(world)).toEqual(['i0', 'i1'])
  })

  test('of no traffic gets none, whatever chance says', () => {
    const { balancer } = lab(fleet(4, canary), {
      route: { ...route, sharePercent: 0 },
      strategy: 'random',
      random: { next: () => 0 },
    })

    expect(balancer.pick().why.routed).toBe(false)
  })
})

test.each<[string, (ask: (instance: Instance) => void) => Partial<BalancerOptions>]>([
  ['filter', (ask) => ({ filter: (instance) => ask(instance) === undefined })],
  ['route', (ask) => ({ route: { sharePercent: 50, match: (instance) => ask(instance) !== undefined } })],
  ['priority', (ask) => ({ priority: { of: (instance) => (ask(instance) === undefined ? 0 : 1) } })],
])('a %s that brings another list when it is asked is asked about that one too', (_which, options) => {
  let known = 4
  const world: Lab = lab(
    fleet(2),
    options(() => {
      if (known < 4) world.source.publish(fleet(++known))
    }),
  )
  world.balancer.on('added', () => {})
  known = 2
  world.source.publish(fleet(2).slice(1))

  expect(used(world)).toEqual(['i0', 'i1', 'i2', 'i3'])
})
