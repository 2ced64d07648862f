/** What a pick says of itself. */
import { describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import { end, pickOf } from './ejection.model.js'
import type { Pick } from './pick.js'

const reasons = ({ why }: Pick): Record<string, string> =>
  Object.fromEntries(why.exclusions.map(({ id, reason }) => [id, reason]))

test('names everybody who could not be chosen, with the first reason for it', () => {
  const list = fleet(8, (index) => ({
    status: index === 0 ? 'STARTING' : 'UP',
    metadata: { version: index === 1 ? 'old' : 'new' },
  }))
  const world = lab(list, {
    strategy: 'random',
    filter: { version: 'new' },
    subset: { size: 5, clientId: 'a' },
  })
  const inSubset = [...new Set(Array.from({ length: 200 }, () => world.balancer.pick().instance.id))].sort()
  const outside = list.map(({ id }) => id).find((id) => !['i0', 'i1', ...inSubset].includes(id))!
  const [leaves, fails, tried] = inSubset as [string, string, string]
  end(world, fails, 'failure', 5)
  world.source.publish(list.filter(({ id }) => id !== leaves))
  const pick = world.balancer.pick({ exclude: [tried] })

  expect(inSubset).toHaveLength(5)
  expect(reasons(pick)).toMatchObject({
    i0: 'status',
    i1: 'filter',
    [leaves]: 'draining',
    [fails]: 'ejected',
    [tried]: 'caller',
  })
  expect(pick.why.exclusions).toContainEqual({
    id: fails,
    reason: 'ejected',
    detector: 'consecutiveFailures',
  })
  expect(reasons(lab(list, { subset: { size: 5, clientId: 'a' } }).balancer.pick())).toMatchObject({
    [outside]: 'subset',
  })
})

test('does not name those whom the caller excludes, where all are excluded', () => {
  const { why } = lab(fleet(2)).balancer.pick({ exclude: ['i0', 'i1'] })

  expect(why).toMatchObject({ relaxed: true, excluded: ['i0', 'i1'], exclusions: [] })
})

test('counts those of all levels as eligible', () => {
  const levels = fleet(5, (index) => ({ metadata: { priority: index < 2 ? '0' : '1' } }))

  expect(lab(levels, { priority: {} }).balancer.pick().why).toMatchObject({ eligible: 5, priority: 0 })
})

test('tells a trial from other calls', async () => {
  const world = lab(fleet(3), { strategy: 'random', ejection: { jitterMs: 0 } })
  end(world, 'i0', 'failure', 5)
  await world.clock.advance(10_000)
  const [trial, other] = [pickOf(world, 'i0'), pickOf(world, 'i1')]

  expect([trial.why.trial, other.why.trial]).toEqual([true, false])
  expect(reasons(other)).toMatchObject({ i0: 'trial' })
})

describe('where zones decide', () => {
  const zones = fleet(8, (index) => ({ zone: index < 2 ? 'a' : 'b' }))

  test('says who is in another one', () => {
    const pick = lab(zones, { zone: { own: 'a' } }).balancer.pick()

    expect(pick.why).toMatchObject({ stayed: true, zone: 'a' })
    expect(reasons(pick)).toEqual({ i2: 'zone', i3: 'zone', i4: 'zone', i5: 'zone', i6: 'zone', i7: 'zone' })
  })

  test('says that a call was sent away, where to, and who has stayed behind', () => {
    const { balancer } = lab(zones, { zone: { own: 'a', clients: { a: 3, b: 1 } } })
    const picks = Array.from({ length: 100 }, () => balancer.pick())
    const away = picks.find(({ instance }) => instance.zone === 'b')!

    expect(away.why).toMatchObject({ stayed: false, zone: 'b' })
    expect(reasons(away)).toEqual({ i0: 'zone', i1: 'zone' })
  })
})
