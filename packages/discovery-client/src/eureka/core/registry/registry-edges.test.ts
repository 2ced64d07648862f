/** What is seldom so in a registry, and what must not change by the way. */
import { describe, expect, it } from 'vitest'
import type { InstanceInfo } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import { readAnswer } from '../wire/wire.model.js'
import { isVipOfItself } from './application.js'
import { applyDelta, replaceRegistry } from './apply.js'
import type { DeltaResult } from './apply.js'
import { keepServices } from './keep-services.js'
import * as listed from './list.model.js'
import { delta, full, info, listed as answerOf, newRegistry, registryOf } from './registry.model.js'
import type { Registry } from './registry.js'
import { differingFields } from './same-instance.js'
import { judgeShrink } from './shrink-guard.js'
import type { Suspicion } from './shrink-guard.js'
import { toInstance } from './to-instance.js'

const many = (count: number): ReturnType<typeof info>[] =>
  Array.from({ length: count }, (_, index) => info(`i${String(index)}`))

describe('entries of which not all is known', () => {
  const nameless = { instanceId: 'x', hostName: 'h', status: 'DOWN', actionType: 'ADDED' }
  const idless = { ...nameless, app: 'A', instanceId: 5 }
  const read = readAnswer({ applications: { application: [{ name: 5, instance: [nameless, idless] }] } })

  it('are counted only, in a full answer', () => {
    const { registry } = runSteps(replaceRegistry(newRegistry(), read))

    expect([registry.hash, registry.apps.size]).toEqual(['DOWN_2_', 0])
    expect(registry.data.anonymous).toEqual({ DOWN: 2, OUT_OF_SERVICE: 0, STARTING: 0, UNKNOWN: 0, UP: 0 })
  })

  it('are ignored, in a delta', () => {
    const before = registryOf([info('a')])
    const { registry, ignored } = runSteps(applyDelta(before, read))

    expect([registry === before, ignored]).toEqual([true, 2])
  })
})

describe('the limit of a registry', () => {
  const filledTo = (maxInstances: number, count: number): ReturnType<typeof newRegistry> =>
    full(
      newRegistry({ maxInstances }),
      Array.from({ length: count }, (_, index) => info(`a${String(index)}`)),
    )

  it('may be reached', () => {
    expect(delta(filledTo(3, 2), [['ADDED', info('b')]]).isTooLarge).toBe(false)
    expect(delta(filledTo(2, 2), [['ADDED', info('b')]]).isTooLarge).toBe(true)
  })

  it('holds for entries that cannot be used as well, which a server may send with each delta', () => {
    const bad = { instanceId: 'bad', app: 'A', hostName: 'no host', status: 'DOWN', actionType: 'ADDED' }
    const read = readAnswer({ applications: { application: [{ name: 'A', instance: [bad] }] } })
    const apply = (before: Registry): DeltaResult => runSteps(applyDelta(before, read))
    const once = apply(filledTo(3, 2))

    expect(once).toMatchObject({ isTooLarge: false, registry: { hash: 'DOWN_1_UP_2_' } })
    expect(apply(once.registry).registry).toBe(once.registry)
    expect(apply(filledTo(2, 2))).toMatchObject({ isTooLarge: true, isConsistent: false })
    expect(delta(once.registry, [['ADDED', info('b')]]).isTooLarge).toBe(true)
  })

  it('is no reason to refuse a delta that brings nobody', () => {
    expect(delta(filledTo(1, 2), [['MODIFIED', info('a0', { status: 'DOWN' })]]).isTooLarge).toBe(false)
  })
})

describe('an application', () => {
  it.each<[Partial<InstanceInfo>, boolean]>([
    [{ vipAddress: 'a' }, true],
    [{ vipAddress: 'shop, A ', status: 'DOWN' }, true],
    [{ secureVipAddress: 'A' }, true],
    [{ vipAddress: 'a-test' }, false],
  ])('of %j is the VIP of its own name: %s', (changes, expected) => {
    const application = registryOf([info('other'), info('i', changes)]).app('a')!

    expect(isVipOfItself(application)).toBe(expected)
  })
})

describe('lookups', () => {
  it('find nothing of an application that nobody has', () => {
    const registry = registryOf([info('a')])

    expect(registry.vipOfApp('svip', 'nobody', true)).toEqual([])
    expect(registry.instance('nobody', 'a')).toBeUndefined()
  })

  it('say what is expected of a name', () => {
    expect(() => registryOf([]).app(5 as unknown as string)).toThrow(
      expect.objectContaining({ issues: [{ path: 'name', received: 5, expected: 'a text' }] }),
    )
  })

  it('share the list of the only application with a VIP', () => {
    const registry = registryOf([info('a')])

    expect(registry.vip('vip')).toBe(registry.vipOfApp('vip', 'a'))
  })
})

describe('a change', () => {
  it('of instances that are not shown leaves the index of VIPs as it is, the same object', () => {
    const before = registryOf([info('a')])
    const { registry } = delta(before, [['ADDED', info('b', { status: 'STARTING' })]])

    expect(registry.size).toBe(2)
    expect(registry.data.vips).toBe(before.data.vips)
  })

  it('goes through an application of which few are left in steps', () => {
    const before = full(newRegistry(), many(256))

    expect([...replaceRegistry(before, answerOf(many(1)))]).toHaveLength(3 + 1)
  })
})

describe('an instance', () => {
  it('without VIPs is found under none', () => {
    const { vipAddress: _none, ...unlisted } = info('a')

    expect([...registryOf([unlisted]).data.vips.keys()]).toEqual([])
  })

  it('has no zone for balancers where none is known', () => {
    expect(toInstance(info('a'))).not.toHaveProperty('zone')
  })

  it('differs from another where one of several texts does', () => {
    const [one, other] = ['1', '2'].map((b) => info('a', { metadata: { a: '1', b } }))

    expect(differingFields(one!, other!)).toEqual(['metadata'])
  })
})

it('the shrink guard waits from the first fetch that was suspect, whenever that was', () => {
  const guard = {
    maxShrinkPercent: 50,
    maxServiceShrinkPercent: 50,
    minServiceInstances: 3,
    maxHoldMs: 100_000,
  }
  const judge = (after: number, now: number, suspicion?: Suspicion): ReturnType<typeof judgeShrink> =>
    judgeShrink(suspicion, { before: 500, after }, now, guard)
  const { suspicion } = judge(1, 50_000)

  expect(judge(2, 149_999, suspicion).kind).toBe('hold')
  expect(judge(2, 150_000, suspicion)).toMatchObject({ kind: 'apply', isConfirmed: true })
})

describe('services that are kept', () => {
  const ids = (app: string, ...names: readonly string[]): object[] =>
    names.map((instanceId) => ({ app, instanceId, vipAddress: app.toLowerCase() }))
  const keep = (before: Registry, after: Registry): Registry => {
    const guard = { maxShrinkPercent: 50, maxServiceShrinkPercent: 50, minServiceInstances: 2, maxHoldMs: 1 }
    return runSteps(keepServices(before, after, new Map(), { now: 0, guard })).registry
  }

  it('are kept beside what is new', () => {
    const before = listed.registryOf([...ids('A', 'a1', 'a2'), ...ids('B', 'b1')])
    const registry = keep(before, listed.registryOf([...ids('B', 'b1'), ...ids('C', 'c1')], before))

    expect([...registry.apps.keys()].sort()).toEqual(['A', 'B', 'C'])
  })

  it('show those that are up', () => {
    const [first, ...others] = ids('A', 'a1', 'a2', 'a3')
    const before = listed.registryOf([{ ...first, status: 'DOWN' }, ...others])
    const registry = keep(before, listed.registryOf(ids('A', 'a9'), before))

    expect([registry.app('A')?.all.length, registry.app('A')?.instances.length]).toEqual([4, 3])
  })
})
