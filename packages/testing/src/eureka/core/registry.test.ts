import { describe, expect, it } from 'vitest'
import type { InstanceStatus } from './instance-info.js'
import { isExpired } from './lease.js'
import { info, KEY, silentRegistry, statusOf } from './registry.model.js'
import type { Registry } from './registry.js'

describe('the status of a registration', () => {
  it.each<[InstanceStatus, InstanceStatus, InstanceStatus]>([
    ['UP', 'OUT_OF_SERVICE', 'UP'],
    ['OUT_OF_SERVICE', 'UP', 'OUT_OF_SERVICE'],
    ['UP', 'DOWN', 'DOWN'],
    ['UP', 'STARTING', 'STARTING'],
    ['UP', 'UNKNOWN', 'UNKNOWN'],
    ['DOWN', 'OUT_OF_SERVICE', 'OUT_OF_SERVICE'],
    ['STARTING', 'UP', 'UP'],
  ])('over %s, by a client as %s, is %s', (existing, incoming, expected) => {
    const registry = silentRegistry()

    registry.register(info({ status: existing }), { now: 0 })
    registry.register(info({ status: incoming, lastDirtyTimestamp: 2_000 }), { now: 1 })

    expect(statusOf(registry)).toBe(expected)
  })

  it('is the peer’s when a peer passes it on', () => {
    const registry = silentRegistry()

    registry.register(info(), { now: 0 })
    registry.register(info({ status: 'OUT_OF_SERVICE', lastDirtyTimestamp: 2_000 }), {
      now: 1,
      isReplication: true,
    })

    expect(statusOf(registry)).toBe('OUT_OF_SERVICE')
  })

  it('is the override, except for one that is not serving', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 1)

    registry.register(info({ lastDirtyTimestamp: 2_000 }), { now: 2 })
    expect(statusOf(registry)).toBe('OUT_OF_SERVICE')
    registry.register(info({ status: 'DOWN', lastDirtyTimestamp: 3_000 }), { now: 3 })
    expect(statusOf(registry)).toBe('DOWN')
    registry.register(info({ lastDirtyTimestamp: 4_000 }), { now: 4 })
    expect(statusOf(registry)).toBe('OUT_OF_SERVICE')
  })

  it('takes an override that comes with it', () => {
    const registry = silentRegistry()

    registry.register(info({ overriddenStatus: 'OUT_OF_SERVICE' }), { now: 0 })

    expect(statusOf(registry)).toBe('OUT_OF_SERVICE')
    expect(registry.overrides.all(0)).toEqual({ a: 'OUT_OF_SERVICE' })
  })
})

describe('an override', () => {
  it('stays when another one comes with a registration', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 0)

    registry.register(info({ overriddenStatus: 'UP' }), { now: 1 })

    expect(statusOf(registry)).toBe('OUT_OF_SERVICE')
  })

  it('is for every application that uses the id', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 1)

    registry.register(info({ app: 'ORDERS' }), { now: 2 })

    expect(registry.lease({ app: 'ORDERS', id: 'a' })?.info.status).toBe('OUT_OF_SERVICE')
  })

  it.each<[InstanceStatus, 'renewed' | 'unknown']>([
    ['UNKNOWN', 'unknown'],
    ['UP', 'renewed'],
  ])('that is removed for %s leaves a heartbeat %s', (status, renewal) => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 1)

    registry.removeOverride(KEY, status, 2)

    expect(statusOf(registry)).toBe(status)
    expect(registry.renew(KEY, undefined, { now: 3 })).toBe(renewal)
  })

  it('that is not there can be removed without effect', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })

    expect(registry.removeOverride(KEY, 'UNKNOWN', 1)).toBe(true)
    expect(statusOf(registry)).toBe('UP')
  })

  it('is forgotten an hour after it was read last', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 0)

    expect(registry.overrides.get('a', 3_599_999)).toBe('OUT_OF_SERVICE')
    expect(registry.overrides.get('a', 2 * 3_599_999)).toBe('OUT_OF_SERVICE')
    expect(registry.overrides.get('a', 2 * 3_599_999 + 3_600_000)).toBeUndefined()
  })

  it('that has been forgotten is neither listed nor removed', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 10)

    expect(registry.overrides.all(3_600_009)).toEqual({ a: 'OUT_OF_SERVICE' })
    expect(registry.overrides.all(3_600_010)).toEqual({})
    registry.removeOverride(KEY, 'UP', 3_600_010)
    expect(statusOf(registry)).toBe('OUT_OF_SERVICE')
  })

  it('is not made by a status that the instance has already', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.changes.purge(1, 0)

    expect(registry.setStatus(KEY, 'UP', 1)).toBe(true)

    expect(registry.overrides.all(1)).toEqual({})
    expect(registry.changes.latest()).toEqual([])
  })

  it('goes with its instance', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 1)
    registry.cancel(KEY, 2)

    registry.register(info(), { now: 3 })

    expect(statusOf(registry)).toBe('UP')
  })
})

describe('dirty stamps', () => {
  it('a registration with an older one is taken and thrown away', () => {
    const registry = silentRegistry()
    registry.register(info({ metadata: { v: 'new' } }), { now: 0 })

    registry.register(info({ metadata: { v: 'old' }, lastDirtyTimestamp: 999 }), { now: 1 })

    expect(registry.lease(KEY)?.info).toMatchObject({ metadata: { v: 'new' }, lastDirtyTimestamp: 1_000 })
  })

  it.each<[number | undefined, boolean, string]>([
    [undefined, false, 'renewed'],
    [999, false, 'renewed'],
    [1_000, false, 'renewed'],
    [1_001, false, 'unknown'],
    [999, true, 'conflict'],
    [1_001, true, 'unknown'],
  ])('a heartbeat with %s, of a peer: %s, is %s', (dirty, isReplication, expected) => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })

    expect(registry.renew(KEY, dirty, { now: 1, isReplication })).toBe(expected)
  })

  it('an older one in a heartbeat is no conflict, unless a peer passes it on', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })

    expect(registry.renew(KEY, 999, { now: 1 })).toBe('renewed')
  })
})

describe('a lease', () => {
  it.each([
    [0, 90_000, false],
    [0, 90_001, true],
    [1, 180_010, false],
    [1, 180_011, true],
  ])('renewed %i times, is at %i ms expired: %s', (renewals, now, expected) => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    for (let renewal = 0; renewal < renewals; renewal++) registry.renew(KEY, undefined, { now: 10 })

    expect(isExpired(registry.lease(KEY)!, now)).toBe(expected)
  })

  it('tells the last renewal as one that is yet to come', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.renew(KEY, undefined, { now: 10 })

    expect(registry.lease(KEY)?.renewedAt).toBe(90_010)
  })

  it('keeps the time since which it is up through new registrations', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 5 })
    registry.register(info({ lastDirtyTimestamp: 2_000 }), { now: 9 })

    expect(registry.lease(KEY)).toMatchObject({ upAt: 5, registeredAt: 9 })
  })
})

describe('a lease begins', () => {
  it('without a time since which it is up, as long as its instance is not', () => {
    const registry = silentRegistry()
    registry.register(info({ status: 'STARTING' }), { now: 5 })
    expect(registry.lease(KEY)?.upAt).toBe(0)

    registry.register(info({ lastDirtyTimestamp: 2_000 }), { now: 9 })
    expect(registry.lease(KEY)?.upAt).toBe(9)
  })

  it('anew with a change of metadata', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })

    registry.mergeMetadata(KEY, { a: '1' }, 5)

    expect(registry.lease(KEY)).toMatchObject({ registeredAt: 5, info: { lastUpdatedTimestamp: 5 } })
  })
})

describe('a change of the status renews the lease', () => {
  const setUp = (status: InstanceStatus): Registry => {
    const registry = silentRegistry()
    registry.register(info({ status }), { now: 0 })
    return registry
  }
  const leaseOf = (registry: Registry): { readonly upAt: number; isLateAt(now: number): boolean } => {
    const lease = registry.lease(KEY)!
    return { upAt: lease.upAt, isLateAt: (now) => isExpired(lease, now) }
  }

  it.each<[InstanceStatus, number]>([
    ['UP', 50_000],
    ['DOWN', 0],
  ])('by an override to %s', (status, upAt) => {
    const registry = setUp('STARTING')

    registry.setStatus(KEY, status, 50_000)

    const lease = leaseOf(registry)
    expect(lease.upAt).toBe(upAt)
    expect([lease.isLateAt(230_000), lease.isLateAt(230_001)]).toEqual([false, true])
  })

  it.each<[InstanceStatus, number]>([
    ['UP', 60_000],
    ['DOWN', 0],
  ])('by the end of an override, to %s', (status, upAt) => {
    const registry = setUp('STARTING')
    registry.setStatus(KEY, 'OUT_OF_SERVICE', 50_000)

    registry.removeOverride(KEY, status, 60_000)

    const lease = leaseOf(registry)
    expect(lease.upAt).toBe(upAt)
    expect(registry.lease(KEY)?.info).toMatchObject({ status, overriddenStatus: 'UNKNOWN' })
    expect([lease.isLateAt(240_000), lease.isLateAt(240_001)]).toEqual([false, true])
  })

  it('by the status that it has, which changes nothing else', () => {
    const registry = setUp('UP')

    registry.setStatus(KEY, 'UP', 50_000)

    const lease = leaseOf(registry)
    expect([lease.isLateAt(230_000), lease.isLateAt(230_001)]).toEqual([false, true])
    expect(registry.overrides.all(50_000)).toEqual({})
  })
})

describe('an instance that leaves', () => {
  it('takes its application with it only when it was the last one', () => {
    const registry = silentRegistry()
    registry.register(info(), { now: 0 })
    registry.register(info({ id: 'b' }), { now: 0 })

    registry.cancel(KEY, 1)
    expect(registry.app('USERS').map((lease) => lease.info.id)).toEqual(['b'])
    registry.cancel({ app: 'USERS', id: 'b' }, 2)

    expect(registry.app('USERS')).toEqual([])
    expect(registry.all()).toEqual([])
  })
})
