import { BulkheadFullError, InvalidOptionsError, NoInstancesError, onInternalError } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ALL, chiSquare, chiSquareLimit, fleet, lab, shares, thrownBy } from './balancing.model.js'
import type { BalancerOptions } from './balancer-options.js'
import type { FailureOrigin } from './core/ejection/rules.js'
import type { Strategy } from './core/strategy.js'

type World = ReturnType<typeof lab>

const one = (limit: BalancerOptions['limit'], more: Partial<BalancerOptions> = {}): World =>
  lab(fleet(1), { limit, ejection: false, ...more })
const limitsOf = ({ balancer }: World): (number | undefined)[] =>
  balancer.snapshot().instances.map(({ limit }) => limit)
/** Not chosen, by what the last pick says. */
const fullIn = (why: { readonly exclusions: readonly { id: string; reason: string }[] }): string[] =>
  why.exclusions.flatMap(({ id, reason }) => (reason === 'full' ? [id] : []))

describe('the limit of an instance', () => {
  test("grows by one for each limit's worth of good calls, while half of it is used", () => {
    const world = one({ initial: 4 })
    const open = Array.from({ length: 3 }, () => world.balancer.pick())
    for (let call = 0; call < 5; call++) world.balancer.pick().done('success')
    const used = limitsOf(world)
    for (const pick of open) pick.done('ignored')
    for (let call = 0; call < 50; call++) world.balancer.pick().done('success')

    // 4 of 4 are in flight, then 1 of 5.
    expect([used, limitsOf(world)]).toEqual([[5], [5]])
  })

  test.each<[OutcomeKind, FailureOrigin | undefined, number]>([
    ['timeout', undefined, 18],
    ['timeout', 'local', 18],
    ['failure', 'throttled', 18],
    ['failure', 'gateway', 18],
    ['failure', 'answer', 20],
    ['failure', 'local', 20],
    ['failure', undefined, 20],
    ['cancelled', 'throttled', 20],
    ['ignored', undefined, 20],
    ['rejected', 'gateway', 20],
    ['success', 'throttled', 20],
  ])('hears of a %s (%s)', (kind, origin, expected) => {
    const world = one({})

    world.balancer.pick().done(kind, 10, origin)

    expect(limitsOf(world)).toEqual([expected])
  })

  test('shrinks with an answer that took too long, by its latency and not by its body', async () => {
    const world = one({ slowerThanMs: 100 })
    const long = world.balancer.pick()
    await world.clock.advance(10_000)
    long.done('success', 99)
    const after = limitsOf(world)

    world.balancer.pick().done('success', 101)

    expect([after, limitsOf(world)]).toEqual([[20], [18]])
  })

  test('takes a burst of drops for one', async () => {
    const world = one({ initial: 10 })
    const burst = Array.from({ length: 5 }, () => world.balancer.pick())
    await world.clock.advance(100)
    for (const pick of burst) pick.done('timeout', 5)
    const after = limitsOf(world)
    await world.clock.advance(1)

    world.balancer.pick().done('timeout')

    expect([after, limitsOf(world)]).toEqual([[9], [8]])
  })

  test('is kept over changes of the list, and begins anew at another address', async () => {
    const [a, b] = fleet(2)
    const world = lab([a!, b!], { limit: { initial: 10 }, strategy: 'roundRobin' })
    world.balancer.pick({ exclude: ['i1'] }).done('timeout')
    world.source.publish([b!])
    world.balancer.pick().done('ignored')
    world.source.publish([b!, a!])
    const kept = limitsOf(world)

    world.source.publish([b!, { ...a!, port: 9 }])

    expect([kept, limitsOf(world)]).toEqual([
      [10, 9],
      [10, 10],
    ])
  })
})

describe.each(ALL)('%s', (strategy) => {
  test('chooses nobody who is full while another is not, and rejects when all are', () => {
    const { balancer } = lab(fleet(5), { strategy, limit: { max: 2 } })
    const open = Array.from({ length: 10 }, (_, call) => balancer.pick({ key: `k${String(call)}` }))
    const counts = balancer.snapshot().instances.map(({ inFlight, full }) => [inFlight, full])

    const refused = thrownBy(() => balancer.pick({ key: 'k0' }))
    open[3]!.done('ignored')
    const next = balancer.pick({ key: 'k0' })

    expect(counts).toEqual(Array.from({ length: 5 }, () => [2, true]))
    expect(refused).toBeInstanceOf(BulkheadFullError)
    expect(refused).toMatchObject({ code: 'ERR_BULKHEAD_FULL', reason: 'concurrency' })
    expect((refused as Error).message).toBe(
      'users: all 5 instances have as many calls as they may have, 10 together',
    )
    expect(next.instance.id).toBe(open[3]!.instance.id)
    expect(balancer.snapshot().calls).toMatchObject({ full: 1, no_instance: 0, ignored: 1 })
  })

  test('asks one that was tried rather than one that is full', () => {
    const { balancer } = lab(fleet(3), { strategy, limit: { max: 1 } })
    const first = balancer.pick({ exclude: ['i1', 'i2'] })
    const second = balancer.pick({ exclude: ['i1'] })

    const third = balancer.pick({ exclude: ['i1'] })

    expect([first, second, third].map(({ instance }) => instance.id)).toEqual(['i0', 'i2', 'i1'])
    expect([second.why.relaxed, third.why.relaxed]).toEqual([false, true])
    expect(fullIn(third.why)).toEqual(['i0', 'i2'])
  })
})

test.each(['roundRobin', 'random', 'weighted', 'leastRequest', 'weightedResponseTime'] as const)(
  '%s: shares out the turns of one that is full among all others alike',
  (strategy) => {
    const world = lab(fleet(10), { strategy, limit: { initial: 1, max: 2 } })
    const others = fleet(10).flatMap(({ id }) => (id === 'i0' ? [] : [id]))
    world.balancer.pick({ exclude: others })

    const counts = shares(world.balancer, 9_000)

    expect(counts.get('i0')).toBeUndefined()
    const seen = others.map((id) => counts.get(id) ?? 0)
    const even = others.map(() => 1_000)
    expect(chiSquare(seen, even)).toBeLessThan(chiSquareLimit(8))
  },
)

describe('where all that come first are full', () => {
  test('calls leave their zone', () => {
    const instances = fleet(4, (index) => ({ zone: index < 2 ? 'here' : 'there' }))
    const { balancer } = lab(instances, { limit: { max: 1 }, zone: { own: 'here' } })
    const picks = Array.from({ length: 3 }, () => balancer.pick())

    expect(picks.map(({ instance }) => instance.zone)).toEqual(['here', 'here', 'there'])
    expect(picks.map(({ why }) => why.stayed)).toEqual([true, true, false])
  })

  test('calls spill into the next level', () => {
    const instances = fleet(2, (index) => ({ metadata: { priority: String(index) } }))
    const { balancer } = lab(instances, { limit: { max: 1 }, priority: {} })

    expect([balancer.pick(), balancer.pick()].map(({ why }) => why.priority)).toEqual([0, 1])
  })

  test('one that warms up takes them', () => {
    const [old, fresh] = fleet(2)
    const slowStart = { windowMs: 60_000, minPercent: 1 }
    const { balancer, source } = lab([old!], { limit: { max: 1 }, slowStart })
    const first = balancer.pick()
    source.publish([old!, fresh!])

    expect([first.instance.id, balancer.pick().instance.id]).toEqual(['i0', 'i1'])
  })
})

test('a strategy that does not look at exclusions overloads nobody: it is reported, and chance chooses', () => {
  const reports: string[] = []
  onTestFinished(onInternalError((error) => reports.push((error as Error).message)))
  const stubborn: Strategy = { name: 'stubborn', picker: ([first]) => ({ pick: () => first }) }
  const { balancer } = lab(fleet(3), { strategy: stubborn, limit: { max: 1 } })

  const picks = Array.from({ length: 3 }, () => balancer.pick())

  expect(picks.map(({ instance }) => instance.id).sort()).toEqual(['i0', 'i1', 'i2'])
  expect(picks.map(({ why }) => why.fellBack)).toEqual([false, true, true])
  expect(reports).toEqual(Array.from({ length: 2 }, () => 'strategy stubborn: what was chosen is full'))
})

test("a strategy of one's own sees who is full", () => {
  const seen: unknown[] = []
  const strategy: Strategy = {
    name: 'looks',
    picker: (candidates) => ({
      pick: (ask) => {
        seen.push(
          candidates.map((candidate) => [candidate.isFull, ask.isExcluded(candidate)]),
          ask.excludes,
        )
        return candidates.find((candidate) => !ask.isExcluded(candidate))
      },
    }),
  }
  const { balancer } = lab(fleet(2), { strategy, limit: { max: 1 } })

  balancer.pick()
  balancer.pick()

  const [free, full] = [
    [false, false],
    [true, true],
  ]
  expect(seen).toEqual([[free, free], false, [full, free], true])
})

test('a pick tells who was full when it was made', () => {
  const { balancer } = lab(fleet(2), { limit: { max: 1 }, strategy: 'roundRobin' })
  const first = balancer.pick()
  const second = balancer.pick()
  const told = [first, second].map(({ why }) => fullIn(why))
  first.done('success')

  expect(told).toEqual([[], [first.instance.id]])
  expect([first, second].map(({ why }) => fullIn(why))).toEqual(told)
})

describe('execute', () => {
  test('rejects at once when all are full, and does not run the work', async () => {
    const { balancer, clock } = one({ max: 1 })
    let end = (): void => {}
    const work = new Promise<void>((resolve) => {
      end = resolve
    })
    const running = balancer.execute(() => work)
    await clock.flush()
    let runs = 0

    await expect(balancer.execute(() => ++runs)).rejects.toBeInstanceOf(BulkheadFullError)

    end()
    await running
    expect(runs).toBe(0)
    expect(balancer.snapshot()).toMatchObject({ inFlight: 0, calls: { success: 1, full: 1 } })
  })

  test('gives the slot of an aborted call back, which says nothing about the limit', async () => {
    const world = one({ initial: 1 })
    const caller = new AbortController()
    const running = world.balancer.execute(() => new Promise(() => {}), { signal: caller.signal })
    await world.clock.flush()
    caller.abort(new Error('gone'))
    await expect(running).rejects.toThrow('gone')

    expect(limitsOf(world)).toEqual([1])
    expect(await world.balancer.execute(({ id }) => id)).toBe('i0')
  })

  test('lowers the limit by what classify calls throttled', async () => {
    const world = one({}, { classify: () => 'throttled' })

    await world.balancer.execute(() => 429)

    expect(limitsOf(world)).toEqual([18])
  })
})

test('nobody to call is told apart from nobody with room', () => {
  const { balancer } = lab([], { limit: {} })

  expect(() => balancer.pick()).toThrow(NoInstancesError)
  expect(balancer.snapshot().calls).toMatchObject({ full: 0, no_instance: 1 })
})

test.each([undefined, false] as const)('%s: calls are not limited', (limit) => {
  const { balancer } = lab(fleet(1), { limit })
  for (let call = 0; call < 1_000; call++) balancer.pick()

  expect(balancer.snapshot().instances[0]).toMatchObject({ inFlight: 1_000, limit: undefined, full: false })
})

test.each([
  [5, ['limit']],
  [{ mim: 1 }, ['limit.mim']],
  [
    { min: 0, max: 0.5, initial: NaN, backoffRatio: 1, slowerThanMs: 0 },
    ['min', 'max', 'initial', 'backoffRatio', 'slowerThanMs'],
  ],
  [{ min: 10, max: 5 }, ['max']],
  [{ max: 5, initial: 6 }, ['initial']],
])('%o: every fault in one error', (limit, faults) => {
  const error = thrownBy(() => lab(fleet(1), { limit: limit as never }))

  expect(error).toBeInstanceOf(InvalidOptionsError)
  const paths = (error as InvalidOptionsError).issues.map(({ path }) => path.replace(/^limit\.(?!mim)/, ''))
  expect(paths.sort()).toEqual([...faults].sort())
})
