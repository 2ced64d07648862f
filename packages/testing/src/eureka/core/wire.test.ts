import { describe, expect, it } from 'vitest'
import type { InstanceInfo } from './instance-info.js'
import type { Lease } from './lease.js'
import { info } from './registry.model.js'
import { wireApplications, wireInstance, withEmptyMark } from './wire.js'
import { toXml } from './xml.js'

const leaseOf = (fields: Partial<InstanceInfo> = {}): Lease => ({
  info: info(fields),
  isHeld: false,
  registeredAt: 1,
  renewedAt: 2,
  upAt: 3,
  evictedAt: 4,
})

const AMAZON = {
  class: 'AmazonInfo',
  name: 'Amazon',
  metadata: { 'instance-id': 'i-1', 'availability-zone': 'us-east-1c', 'ami-id': 'ami-1' },
}

describe('a full instance', () => {
  it('has stamps and flags as texts, and what the lease knows as numbers', () => {
    expect(wireInstance(leaseOf({ texts: { instanceId: 'a', sid: 's' } }), 'full')).toEqual({
      instanceId: 'a',
      hostName: 'h',
      app: 'USERS',
      ipAddr: '10.0.0.1',
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
      port: { $: 80, '@enabled': 'true' },
      securePort: { $: 443, '@enabled': 'false' },
      countryId: 1,
      dataCenterInfo: { '@class': 'c', name: 'MyOwn' },
      leaseInfo: {
        renewalIntervalInSecs: 30,
        durationInSecs: 90,
        registrationTimestamp: 1,
        lastRenewalTimestamp: 2,
        evictionTimestamp: 4,
        serviceUpTimestamp: 3,
      },
      metadata: { '@class': 'java.util.Collections$EmptyMap' },
      sid: 's',
      isCoordinatingDiscoveryServer: 'false',
      lastUpdatedTimestamp: '0',
      lastDirtyTimestamp: '1000',
      actionType: 'ADDED',
    })
  })

  it('has all metadata of Amazon and of its own', () => {
    const wire = wireInstance(leaseOf({ dataCenterInfo: AMAZON, metadata: { zone: 'z' } }), 'full')

    expect(wire).toMatchObject({
      dataCenterInfo: { '@class': 'AmazonInfo', name: 'Amazon', metadata: AMAZON.metadata },
      metadata: { zone: 'z' },
    })
  })
})

describe('a compact instance', () => {
  it('lacks what few ask for', () => {
    const texts = {
      instanceId: 'a',
      sid: 's',
      appGroupName: 'g',
      homePageUrl: '/',
      statusPageUrl: '/',
      healthCheckUrl: '/',
      secureHealthCheckUrl: '/',
      vipAddress: 'v',
      secureVipAddress: 's',
      asgName: 'asg',
    }

    expect(wireInstance(leaseOf({ texts, metadata: { zone: 'z' } }), 'compact')).toEqual({
      instanceId: 'a',
      hostName: 'h',
      app: 'USERS',
      ipAddr: '10.0.0.1',
      status: 'UP',
      port: { $: 80, '@enabled': 'true' },
      securePort: { $: 443, '@enabled': 'false' },
      dataCenterInfo: { '@class': 'c', name: 'MyOwn' },
      vipAddress: 'v',
      secureVipAddress: 's',
      asgName: 'asg',
      lastUpdatedTimestamp: 0,
      actionType: 'ADDED',
    })
  })

  it('has of Amazon’s metadata where it is and how it is reached', () => {
    const { metadata: _, ...rest } = AMAZON
    const metadata = {
      ...AMAZON.metadata,
      'public-ipv4': '1.2.3.4',
      'public-hostname': 'p',
      'local-ipv4': '10.0.0.1',
    }
    const wire = wireInstance(leaseOf({ dataCenterInfo: { ...rest, metadata } }), 'compact')

    const { 'ami-id': __, ...kept } = metadata
    expect(wire['dataCenterInfo']).toEqual({ '@class': 'AmazonInfo', name: 'Amazon', metadata: kept })
  })
})

describe.each(['full', 'compact'] as const)('a %s instance in XML', (accept) => {
  it('has no element for what is not known', () => {
    expect(toXml('instance', wireInstance(leaseOf(), accept))).not.toContain('undefined')
  })
})

describe('a list', () => {
  it('has each application once, with all its instances', () => {
    const instances = ['USERS', 'ORDERS', 'USERS'].map((app, index) => leaseOf({ app, id: String(index) }))

    const list = wireApplications({ version: '7', hash: 'UP_3_' }, instances, 'full')

    expect(list).toMatchObject({
      versions__delta: '7',
      apps__hashcode: 'UP_3_',
      application: [{ name: 'USERS' }, { name: 'ORDERS' }],
    })
    const applications = list['application'] as { instance: unknown[] }[]
    expect(applications.map(({ instance }) => instance.length)).toEqual([2, 1])
  })

  it.each([
    [[], true],
    [[{}], false],
    [undefined, false],
  ])('of %o says that it is empty: %s', (application, expected) => {
    expect(withEmptyMark({ application, versions__delta: '1' })).toEqual({
      application,
      versions__delta: '1',
      registeredApplicationsEmpty: expected,
    })
  })
})
