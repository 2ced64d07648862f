import { describe, expect, test } from 'vitest'
import { runSteps } from '../steps.js'
import { keepServices } from './keep-services.js'
import type { Kept, Suspicions } from './keep-services.js'
import { registryOf } from './list.model.js'
import type { Registry } from './registry.js'

const GUARD = {
  maxShrinkPercent: 50,
  maxServiceShrinkPercent: 50,
  minServiceInstances: 2,
  maxHoldMs: 100_000,
}
const NONE: Suspicions = new Map()

const ids = (app: string, ...names: readonly string[]): object[] =>
  names.map((instanceId) => ({ app, instanceId, vipAddress: app.toLowerCase() }))

function keep(before: Registry, after: Registry, suspicions = NONE, now = 0): Kept {
  return runSteps(keepServices(before, after, suspicions, { now, guard: GUARD }))
}

function idsOf(registry: Registry, app: string): readonly string[] {
  return (registry.app(app)?.all ?? []).map(({ instanceId }) => instanceId).toSorted()
}

describe('services that shrink', () => {
  const before = registryOf([...ids('A', 'a1', 'a2', 'a3'), ...ids('B', 'b1', 'b2')])

  test('keep what is gone, and take over what is new, in every index', () => {
    const { registry, suspicions } = keep(
      before,
      registryOf([...ids('A', 'a9'), ...ids('B', 'b1', 'b2')], before),
    )

    expect(idsOf(registry, 'A')).toEqual(['a1', 'a2', 'a3', 'a9'])
    expect(registry.vip('a')).toHaveLength(4)
    expect(registry.byId('a1')).toHaveLength(1)
    expect([registry.size, registry.hash]).toEqual([6, 'UP_6_'])
    expect([...suspicions]).toEqual([['A', { since: 0, size: 1, before: 3 }]])
  })

  test('are all that is kept: others change at once', () => {
    const after = registryOf([...ids('B', 'b2'), ...ids('C', 'c1')], before)

    const { registry, suspicions } = keep(before, after)

    expect([idsOf(registry, 'A'), idsOf(registry, 'B'), idsOf(registry, 'C')]).toEqual([
      ['a1', 'a2', 'a3'],
      ['b2'],
      ['c1'],
    ])
    expect([...suspicions.keys()]).toEqual(['A'])
  })

  test('that are as before are the same registry', () => {
    expect(keep(before, registryOf(ids('B', 'b1', 'b2'), before)).registry).toBe(before)
    expect(keep(before, before)).toEqual({ registry: before, suspicions: NONE })
  })

  test('are believed with the second answer, unless they come back', () => {
    const first = keep(before, registryOf(ids('B', 'b1', 'b2'), before))

    const again = keep(before, registryOf(ids('B', 'b1', 'b2'), before), first.suspicions, 1)
    expect([idsOf(again.registry, 'A'), again.suspicions.size]).toEqual([[], 0])
    const back = keep(
      before,
      registryOf([...ids('A', 'a1'), ...ids('B', 'b1', 'b2')], before),
      first.suspicions,
      1,
    )
    expect(idsOf(back.registry, 'A')).toEqual(['a1', 'a2', 'a3'])
    expect(back.suspicions.get('A')).toEqual({ since: 0, size: 1, before: 3 })
  })

  test('have an instance as its newest entry has it, also when that cannot be used', () => {
    const after = registryOf(
      [...ids('B', 'b1', 'b2'), { app: 'A', instanceId: 'a1', hostName: 'no host', status: 'DOWN' }],
      before,
    )

    const { registry, suspicions } = keep(before, after)

    expect(idsOf(registry, 'A')).toEqual(['a2', 'a3'])
    expect(registry.hash).toBe('DOWN_1_UP_4_')
    const back = registryOf([...ids('B', 'b1', 'b2'), ...ids('A', 'a1')], registry)
    const next = keep(registry, back, suspicions, 1)
    expect([idsOf(next.registry, 'A'), next.registry.hash]).toEqual([['a1', 'a2', 'a3'], 'UP_5_'])
  })

  test('count what nobody can name', () => {
    const after = registryOf(
      [...ids('B', 'b1', 'b2'), { instanceId: 5, hostName: 'h', status: 'DOWN' }],
      before,
    )

    expect(keep(before, after).registry.hash).toBe('DOWN_1_UP_5_')
  })
})
