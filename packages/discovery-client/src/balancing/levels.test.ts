import { onInternalError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet, lab, shares } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { BalancerOptions } from './balancer-options.js'
import { Host } from './core/host.js'
import { levelsOf, loadsOf } from './core/levels.js'
import { indexOfShare } from './core/share.js'
import { end, used } from './ejection.model.js'

/** Levels with so many hosts in service and out of it. */
function loads(...levels: [number, number][]): number[] {
  const made = levels.map(([up, out], priority) => ({
    priority,
    hosts: fleet(up + out).map((instance, index) => {
      const host = new Host(instance)
      if (index >= up) host.health.phase = 'ejected'
      return host
    }),
  }))
  return loadsOf(made, 1.4).shares.map((share) => Math.round(share * 1_000) / 10)
}

describe('the load of levels', () => {
  test.each<[string, [number, number][], number[]]>([
    [
      'all well',
      [
        [10, 0],
        [10, 0],
      ],
      [100, 0],
    ],
    [
      '71 of 100 in service spill less than a percent',
      [
        [71, 29],
        [10, 0],
      ],
      [99.4, 0.6],
    ],
    [
      '72 of 100 in service spill nothing',
      [
        [72, 28],
        [10, 0],
      ],
      [100, 0],
    ],
    [
      'half of them spill 30 percent',
      [
        [5, 5],
        [10, 0],
      ],
      [70, 30],
    ],
    [
      'none: the next takes all',
      [
        [0, 5],
        [10, 0],
      ],
      [0, 100],
    ],
    [
      'three levels',
      [
        [25, 75],
        [25, 75],
        [10, 0],
      ],
      [35, 35, 30],
    ],
    [
      'too few of both share in proportion',
      [
        [2, 8],
        [1, 9],
      ],
      [66.7, 33.3],
    ],
    [
      'nobody: the first',
      [
        [0, 3],
        [0, 3],
      ],
      [100, 0],
    ],
  ])('%s', (_what, levels, expected) => {
    expect(loads(...levels)).toEqual(expected)
  })

  test('levels are sorted, and those without a number come last', () => {
    const hosts = fleet(4).map((instance) => new Host(instance))
    const numbers = [5, undefined, 0, 5]
    const levels = levelsOf(hosts, (host) => numbers[hosts.indexOf(host)])

    expect(levels.map((level) => [level.priority, level.hosts.length])).toEqual([
      [0, 1],
      [5, 2],
      [Infinity, 1],
    ])
  })
})

test('a fraction that rounding leaves over falls into the last share that is any', () => {
  expect([0, 0.29, 0.3, 0.6].map((fraction) => indexOfShare([0.3, 0.3, 0], fraction))).toEqual([0, 0, 1, 1])
})

/** i0 to i3 come first, i4 to i7 second. */
function world(options: Partial<BalancerOptions> = {}): Lab {
  return lab(
    fleet(8, (index) => ({ metadata: { priority: index < 4 ? '0' : '1' } })),
    { strategy: 'random', priority: {}, ejection: { spareCommonFaults: false }, ...options },
  )
}
const firstOf = (counts: Map<string, number>): number =>
  [...counts].reduce((sum, [id, count]) => (id < 'i4' ? sum + count : sum), 0)

describe('priorities', () => {
  test('the first level takes all while it is well, and says so', () => {
    const { balancer } = world()
    const { why } = balancer.pick()

    expect([...shares(balancer, 1_000).keys()].sort()).toEqual(['i0', 'i1', 'i2', 'i3'])
    expect(why.priority).toBe(0)
    expect(why.exclusions).toContainEqual({ id: 'i5', reason: 'priority' })
  })

  test('spill when half of the first level is ejected', () => {
    const lab = world()
    end(lab, 'i0', 'failure', 5)
    end(lab, 'i1', 'failure', 5)
    const counts = shares(lab.balancer, 10_000)

    expect(firstOf(counts) / 10_000).toBeCloseTo(0.7, 1)
    expect([counts.has('i0'), counts.has('i7')]).toEqual([false, true])
    expect(lab.balancer.snapshot().panic).toBe(false)
  })

  test('equal keys spill alike', () => {
    const lab = world({ strategy: 'rendezvous' })
    end(lab, 'i0', 'failure', 5)
    end(lab, 'i1', 'failure', 5)
    const ask = (key: number): string => lab.balancer.pick({ key: String(key) }).instance.id
    const keys = Array.from({ length: 500 }, (_, index) => index)
    const first = keys.map(ask)

    expect(keys.map(ask)).toEqual(first)
    expect(first.filter((id) => id < 'i4').length / 500).toBeCloseTo(0.7, 1)
  })

  test('a retry leaves a level of which all have been tried', () => {
    const pick = world().balancer.pick({ exclude: ['i0', 'i1', 'i2', 'i3'] })

    expect([pick.instance.id > 'i3', pick.why.relaxed]).toEqual([true, false])
  })

  test('a retry goes to another level of its own side of a route before it leaves the side', () => {
    const { balancer } = lab(
      fleet(4, (index) => ({
        metadata: { version: index < 2 ? 'next' : 'stable', priority: String(index % 2) },
      })),
      { priority: {}, route: { match: { version: 'next' }, sharePercent: 100 } },
    )
    const ids = [['i0'], ['i0', 'i1']].map((exclude) => balancer.pick({ exclude }).instance.id)

    expect(ids).toEqual(['i1', 'i2'])
  })

  test('can come from a function; one that throws is reported, and gives the last level', () => {
    const reports: unknown[] = []
    const unsubscribe = onInternalError((error) => reports.push(error))
    const { balancer } = world({
      priority: {
        of: ({ id }) => {
          if (id === 'i0') throw new Error('oops')
          return id === 'i7' ? -1 : Number.NaN
        },
      },
    })

    expect([...shares(balancer, 100).keys()]).toEqual(['i7'])
    expect(reports).toHaveLength(1)
    unsubscribe()
  })

  test('an overprovisioning of nothing spills with the first that is out', () => {
    const lab = world({ priority: { overprovisioningPercent: 100 } })
    end(lab, 'i0', 'failure', 5)

    expect(firstOf(shares(lab.balancer, 10_000)) / 10_000).toBeCloseTo(0.75, 1)
  })

  test('heed ejection below half in service, where the next level can take what is left', () => {
    const lab = world()
    for (const id of ['i0', 'i1', 'i2']) end(lab, id, 'failure', 5)
    const counts = shares(lab.balancer, 10_000)

    expect([...counts.keys()].sort()).toEqual(['i3', 'i4', 'i5', 'i6', 'i7'])
    expect(firstOf(counts) / 10_000).toBeCloseTo(0.35, 1)
    expect(lab.balancer.snapshot().panic).toBe(false)
  })
  test('a level of which nobody is in service does not panic for those that take its traffic', () => {
    const lab = world({ priority: { of: ({ id }) => (id === 'i0' ? 0 : 1), overprovisioningPercent: 100 } })
    for (const id of ['i0', 'i1']) end(lab, id, 'failure', 5)
    const others = ['i2', 'i3', 'i4', 'i5', 'i6', 'i7']

    expect(used(lab, 1_000)).toEqual(others)
    expect(lab.balancer.pick({ exclude: others }).why).toMatchObject({ panic: false, relaxed: true })
    expect(lab.balancer.snapshot().panic).toBe(false)
  })
})
