import { InvalidOptionsError, NoInstancesError, onInternalError } from '@breakwater/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBalancer } from './balancer.js'
import type { BalancerOptions } from './balancer-options.js'
import { fleet, lab, RawSource, users } from './balancing.model.js'
import type { Strategy } from './core/strategy.js'

let reports: string[] = []
let unsubscribe = (): void => {}
beforeEach(() => {
  reports = []
  unsubscribe = onInternalError((error) => reports.push(String(error)))
})
afterEach(() => {
  unsubscribe()
})

describe('a pick', () => {
  test('gives its slot back once, whatever is said twice', () => {
    const { balancer } = lab(fleet(1))
    const pick = balancer.pick()
    const during = balancer.snapshot().instances[0]

    pick.done('success', 12)
    pick.done('failure')
    pick[Symbol.dispose]()

    expect(during).toMatchObject({ inFlight: 1, latencyMs: undefined })
    expect(balancer.snapshot().instances[0]).toMatchObject({
      inFlight: 0,
      picks: 1,
      successes: 1,
      failures: 0,
      latencyMs: 12,
    })
  })

  test('takes the time since it was made where no latency is given, or none that can be', async () => {
    const { balancer, clock } = lab(fleet(1))
    const picks = [undefined, NaN, -1, '5' as never].map((latencyMs) => [balancer.pick(), latencyMs] as const)
    await clock.advance(40)

    for (const [pick, latencyMs] of picks) pick.done('success', latencyMs)

    expect(balancer.snapshot().instances[0]?.latencyMs).toBe(40)
  })

  test('says what was compared, and who was excluded', () => {
    const { balancer } = lab(fleet(3), { strategy: 'leastRequest' })
    const busy = balancer.pick({ exclude: ['i1', 'i2'] })

    const { why } = balancer.pick({ exclude: ['i2', 'gone'] })

    expect(busy.why.candidates).toEqual([{ id: 'i0', score: 0 }])
    expect(why).toEqual({
      strategy: 'leastRequest',
      candidates: [
        { id: 'i1', score: 0 },
        { id: 'i0', score: 1 },
      ],
      eligible: 3,
      excluded: ['i2', 'gone'],
      relaxed: false,
      fellBack: false,
      stayed: false,
      panic: false,
      trial: false,
      exclusions: [{ id: 'i2', reason: 'caller' }],
    })
  })

  test('does not heed an exclusion of everybody', () => {
    const { balancer } = lab(fleet(2))

    const { why } = balancer.pick({ exclude: new Set(['i0', 'i1']) })

    expect(why).toMatchObject({ relaxed: true, excluded: ['i0', 'i1'] })
  })

  test('without instances that are up is a typed error', () => {
    const { balancer, source } = lab(fleet(2, () => ({ status: 'DOWN' })))
    const empty = lab([]).balancer
    const unknown = createBalancer({ source: new RawSource(), service: 'users' })

    for (const { pick } of [balancer, empty, unknown].map((one) => ({ pick: () => one.pick() }))) {
      expect(pick).toThrow(NoInstancesError)
    }
    source.publish(fleet(2))
    expect(balancer.pick().instance.status).toBe('UP')
  })
})

describe('a change of the list', () => {
  test('is seen by the next pick, and not before anybody asks', () => {
    const { balancer, source } = lab(fleet(3))
    for (let flap = 0; flap < 5_000; flap++) source.publish(fleet(1 + (flap % 3)))
    source.publish(fleet(2))

    balancer.pick()

    expect(balancer.snapshot()).toMatchObject({ rebuilds: 1, version: 5_002 })
    expect(balancer.snapshot().instances).toHaveLength(2)
  })

  test('lets a call under way end where it began when the address changes under the same id', () => {
    const { balancer, source } = lab(fleet(1))
    const old = balancer.pick()
    source.publish(fleet(1, () => ({ port: 9_999 })))
    const present = balancer.pick()

    old.done('failure')

    expect(present.instance.port).toBe(9_999)
    expect(balancer.snapshot().instances[0]).toMatchObject({ inFlight: 1, failures: 0, picks: 1 })
  })

  test('forgets those who left long ago', async () => {
    const { balancer, source, clock } = lab(fleet(1))
    balancer.pick().done('failure')
    source.publish([])
    balancer.snapshot()
    await clock.advance(300_001)
    source.publish(fleet(2).slice(1))
    balancer.snapshot()
    source.publish(fleet(1))

    expect(balancer.snapshot().instances[0]?.failures).toBe(0)
  })

  test('leaves out the second of equal ids, and reports it with weights that are none', () => {
    const [first, second] = fleet(2)
    const double = { ...second!, id: 'i0' }
    const negative = { ...second!, weight: -1 }
    const { balancer, source } = lab([first!, double, negative])

    expect(balancer.snapshot().instances.map(({ id, weight }) => [id, weight])).toEqual([
      ['i0', 1],
      ['i1', 1],
    ])
    for (const list of [[first!, double], fleet(2), [first!, negative]]) {
      source.publish(list)
      balancer.snapshot()
    }
    expect(reports).toEqual([
      'RangeError: users: 1 duplicate ids and 1 bad weights in the list',
      'RangeError: users: 1 duplicate ids and 0 bad weights in the list',
      'RangeError: users: 0 duplicate ids and 1 bad weights in the list',
    ])
  })

  test('is not followed after the end', () => {
    const { balancer, source } = lab(fleet(1))
    balancer.dispose()
    source.publish(fleet(5))

    expect(source.watchers).toBe(0)
    expect(balancer.snapshot().instances).toHaveLength(1)
  })
})

describe('a strategy of the user', () => {
  const broken: [string, Strategy][] = [
    [
      'throws when it chooses',
      {
        name: 'bad',
        picker: () => ({
          pick: () => {
            throw new Error('oops')
          },
        }),
      },
    ],
    [
      'throws when it makes a picker',
      {
        name: 'bad',
        picker: () => {
          throw new Error('oops')
        },
      },
    ],
    ['chooses a stranger', { name: 'bad', picker: (all) => ({ pick: () => ({ ...all[0]! }) }) }],
  ]

  test.each(broken)('that %s is reported, and chance chooses', (_what, strategy) => {
    const { balancer } = lab(fleet(3), { strategy })
    const ids = new Set<string>()

    for (let index = 0; index < 50; index++) {
      const pick = balancer.pick({ exclude: ['i1'] })
      expect(pick.why.fellBack).toBe(true)
      ids.add(pick.instance.id)
    }

    expect(ids).toEqual(new Set(['i0', 'i2']))
    expect(reports.length).toBeGreaterThan(49)
  })

  test('may choose nobody, and hears of the key, the call and the picker before', () => {
    const asked: unknown[] = []
    const strategy: Strategy = {
      name: 'mine',
      picker: (all, previous) => ({
        pick: ({ key, call }) => {
          asked.push([key, call?.attempt, previous !== undefined])
          return key === 'none' ? undefined : all[0]
        },
      }),
    }
    const { balancer, source } = lab(fleet(1), { strategy })

    balancer.pick({
      key: 'a',
      call: { attempt: 3, signal: new AbortController().signal, remainingMs: () => 5 },
    })
    source.publish(fleet(2))
    balancer.pick()

    expect(() => balancer.pick({ key: 'none' })).toThrow(NoInstancesError)
    expect(asked).toEqual([
      ['a', 3, false],
      [undefined, undefined, true],
      ['none', undefined, true],
    ])
  })
})

describe('the options', () => {
  const good: BalancerOptions = { source: users('http://a:1'), service: 'users' }

  test.each<[object, string[]]>([
    [{}, ['source', 'service']],
    [{ ...good, strategy: 'adaptiv' }, ['strategy']],
    [{ ...good, strategy: { name: 'x' } }, ['strategy']],
    [{ ...good, service: '', failurePenaltyMs: NaN }, ['service', 'failurePenaltyMs']],
    [
      { ...good, zone: { minAvailable: 0, maxRestingPercent: 101, ownn: 1 } },
      ['zone.own', 'zone.minAvailable', 'zone.maxRestingPercent', 'zone.ownn'],
    ],
    [
      { ...good, slowStart: { windowMs: 0, aggression: NaN, window: 5 } },
      ['slowStart.aggression', 'slowStart.window', 'slowStart.windowMs'],
    ],
    [{ ...good, source: {}, clock: 5, random: 6 }, ['source', 'clock', 'random']],
    [{ ...good, eject: {}, classify: true }, ['eject', 'classify']],
  ])('%o: every fault in one error', (options, paths) => {
    let error: unknown
    try {
      createBalancer(options as BalancerOptions)
    } catch (thrown) {
      error = thrown
    }

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect((error as InvalidOptionsError).issues.map(({ path }) => path).sort()).toEqual(paths.sort())
  })
})
