import { describe, expect, it } from 'vitest'
import type { InstanceInfo } from '../model/instance-info.js'
import { info } from './registry.model.js'
import { differingFields, haveSameItems, isSameInstance } from './same-instance.js'

const amazon = (id: string): InstanceInfo['dataCenterInfo'] => ({
  name: 'Amazon',
  metadata: { 'instance-id': id },
})
const LEASE = { renewalIntervalMs: 30_000, durationMs: 90_000 }
const ONE = info('one', { dataCenterInfo: amazon('i-1'), metadata: { v: '1' }, leaseInfo: LEASE })

describe('two readings of an instance', () => {
  it.each<[string, Partial<InstanceInfo>]>([
    ['hostName', { hostName: 'other' }],
    ['ipAddr', { ipAddr: '10.0.0.2' }],
    ['status', { status: 'DOWN' }],
    ['overriddenStatus', { overriddenStatus: 'UP' }],
    ['vipAddress', { vipAddress: 'other' }],
    ['secureVipAddress', { secureVipAddress: 'other' }],
    ['instanceId', { instanceId: 'other' }],
    ['app', { app: 'OTHER' }],
    ['appGroupName', { appGroupName: 'other' }],
    ['asgName', { asgName: 'other' }],
    ['sid', { sid: 'other' }],
    ['homePageUrl', { homePageUrl: 'http://other' }],
    ['statusPageUrl', { statusPageUrl: 'http://other' }],
    ['healthCheckUrl', { healthCheckUrl: 'http://other' }],
    ['secureHealthCheckUrl', { secureHealthCheckUrl: 'http://other' }],
    ['lastUpdatedTimestamp', { lastUpdatedTimestamp: 7 }],
    ['lastDirtyTimestamp', { lastDirtyTimestamp: 7 }],
    ['countryId', { countryId: 7 }],
    ['isCoordinatingDiscoveryServer', { isCoordinatingDiscoveryServer: true }],
    ['port', { port: { number: 81, enabled: true } }],
    ['port', { port: { number: 80, enabled: false } }],
    ['securePort', { securePort: { number: 444, enabled: false } }],
    ['leaseInfo', { leaseInfo: { ...LEASE, renewalIntervalMs: 1 } }],
    ['leaseInfo', { leaseInfo: { ...LEASE, durationMs: 1 } }],
    ['dataCenterInfo', { dataCenterInfo: amazon('i-2') }],
    ['dataCenterInfo', { dataCenterInfo: { name: 'MyOwn' } }],
    ['metadata', { metadata: { v: '2' } }],
    ['metadata', { metadata: {} }],
    ['metadata', { metadata: { v: '1', w: '1' } }],
  ])('differ in %s', (field, change) => {
    const other = { ...ONE, ...change }

    expect(differingFields(ONE, other)).toEqual([field])
    expect([isSameInstance(ONE, other), isSameInstance(other, ONE)]).toEqual([false, false])
  })

  it('are the same when only objects, stamps of the lease or the action are others', () => {
    const other = {
      ...ONE,
      actionType: 'MODIFIED' as const,
      metadata: { ...ONE.metadata },
      port: { ...ONE.port },
      dataCenterInfo: amazon('i-1'),
      leaseInfo: { ...LEASE, lastRenewalTimestamp: 9 },
    }

    expect(differingFields(ONE, other)).toEqual([])
    expect(isSameInstance(ONE, other)).toBe(true)
  })

  it('are the same in data centers without metadata of the same name', () => {
    const own = info('one')

    expect(isSameInstance(own, { ...own, dataCenterInfo: { name: 'MyOwn' } })).toBe(true)
    expect(isSameInstance(own, { ...own, dataCenterInfo: { name: 'Netflix' } })).toBe(false)
  })
})

describe('two lists', () => {
  it.each<[string[], string[], boolean]>([
    [[], [], true],
    [['a', 'b'], ['a', 'b'], true],
    [['a', 'b'], ['b', 'a'], false],
    [['a'], ['a', 'b'], false],
    [['a', 'b'], ['a'], false],
  ])('%j and %j hold the same in the same order: %s', (left, right, same) => {
    expect(haveSameItems(left, right)).toBe(same)
  })
})
