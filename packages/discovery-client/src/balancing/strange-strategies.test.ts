/** Strategies of users that answer what no strategy should. */
import { onInternalError } from '@breakwater/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fleet, lab, shares } from './balancing.model.js'
import type { Strategy } from './core/strategy.js'

const reports: string[] = []
let unsubscribe: () => void
beforeEach(() => {
  reports.length = 0
  unsubscribe = onInternalError((error, where) => reports.push(`${where}: ${String(error)}`))
})
afterEach(() => {
  unsubscribe()
})

/** What chooses in no way that a type would allow. */
const strange = (pick: unknown): Strategy => ({ name: 'strange', picker: () => ({ pick }) as never })

test.each<[string, Strategy]>([
  ['no picker', { name: 'strange', picker: () => undefined as never }],
  ['null for a picker', { name: 'strange', picker: () => null as never }],
  ['a picker that cannot pick', strange(undefined)],
  ['a number', strange(() => 0)],
  ['null', strange(() => null)],
  ['an id', strange(() => 'i0')],
  ['an instance, not its candidate', strange(() => fleet(3)[0])],
  ['a promise', strange(() => Promise.resolve())],
  [
    'a copy of a candidate',
    { name: 'strange', picker: (candidates) => ({ pick: () => ({ ...candidates[0] }) }) as never },
  ],
  [
    'a throw of nothing',
    strange(() => {
      throw undefined
    }),
  ],
])('that answer with %s are reported, and chance chooses', (_, strategy) => {
  const { balancer } = lab(fleet(3), { strategy })
  const counts = shares(balancer, 300)

  expect([...counts.keys()].sort()).toEqual(['i0', 'i1', 'i2'])
  expect(reports.length).toBeGreaterThanOrEqual(300)
  expect(reports.at(-1)).toContain('strange')
  expect(balancer.pick().why.fellBack).toBe(true)
  expect(balancer.snapshot().inFlight).toBe(1)
})

test.each<[unknown]>([[Number.NaN], [Infinity], ['5'], [null], [{}]])(
  'score %s: shown as none (P10)',
  (score) => {
    const strategy: Strategy = {
      name: 'strange',
      picker: (candidates) => ({ pick: () => candidates[0], score: () => score as number }),
    }
    const { balancer } = lab(fleet(2), { strategy })
    balancer.pick()

    expect(balancer.snapshot().instances.map((instance) => instance.score)).toEqual([undefined, undefined])
  },
)

test('a score that throws is reported, and shown as none', () => {
  const score = (): number => {
    throw new Error('oops')
  }
  const { balancer } = lab(fleet(1), {
    strategy: { name: 'strange', picker: (candidates) => ({ pick: () => candidates[0], score }) },
  })

  expect(balancer.snapshot().instances[0]?.score).toBeUndefined()
  expect(reports).toEqual(['balancing strategy strange: Error: oops'])
})

test('a strategy that asks the balancer again while it chooses ends, and loses no slot', () => {
  const world: { again?: () => unknown } = {}
  const { balancer } = lab(fleet(3), {
    strategy: {
      name: 'strange',
      picker: (candidates) => ({
        pick: () => {
          world.again?.()
          return candidates[0]
        },
      }),
    },
  })
  world.again = () => balancer.pick().done('ignored')
  balancer.pick().done('success')

  expect(balancer.snapshot().inFlight).toBe(0)
  expect(reports.some((report) => report.includes('RangeError'))).toBe(true)
})
