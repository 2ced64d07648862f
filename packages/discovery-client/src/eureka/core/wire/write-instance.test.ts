import { describe, expect, it } from 'vitest'
import { info } from '../registry/registry.model.js'
import { readInstance } from './read-instance.js'
import { DEFAULT_READ_LIMITS } from './read-parts.js'
import { WIRE_INSTANCE } from './wire.model.js'
import { writeRegistration } from './write-instance.js'

describe('a registration', () => {
  it('is what a Netflix server would answer about it', () => {
    const entry = readInstance(WIRE_INSTANCE, undefined, DEFAULT_READ_LIMITS)

    expect(entry.kind === 'instance' && writeRegistration(entry.info).instance).toEqual(WIRE_INSTANCE)
  })

  it('has flags and stamps as texts, ports and lease as numbers, and the class of its data center', () => {
    const leaseInfo = { renewalIntervalMs: 1_500, durationMs: 90_000 }

    expect(writeRegistration(info('i', { leaseInfo, lastDirtyTimestamp: 5 })).instance).toEqual({
      instanceId: 'i',
      hostName: 'h',
      app: 'A',
      ipAddr: '10.0.0.1',
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
      port: { $: 80, '@enabled': 'true' },
      securePort: { $: 443, '@enabled': 'false' },
      countryId: 1,
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      leaseInfo: { renewalIntervalInSecs: 2, durationInSecs: 90 },
      metadata: {},
      vipAddress: 'vip',
      secureVipAddress: 'svip',
      isCoordinatingDiscoveryServer: 'false',
      lastDirtyTimestamp: '5',
    })
  })

  it('says nothing of what is not known', () => {
    expect(Object.keys(writeRegistration(info('i', { vipAddress: 'v' })).instance)).toEqual([
      'instanceId',
      'hostName',
      'app',
      'ipAddr',
      'status',
      'overriddenStatus',
      'port',
      'securePort',
      'countryId',
      'dataCenterInfo',
      'metadata',
      'vipAddress',
      'secureVipAddress',
      'isCoordinatingDiscoveryServer',
    ])
  })

  it('has the metadata of an Amazon machine', () => {
    const dataCenterInfo = { name: 'Amazon', metadata: { 'instance-id': 'i-1' } } as const

    expect(writeRegistration(info('i', { dataCenterInfo })).instance['dataCenterInfo']).toEqual({
      '@class': 'com.netflix.appinfo.AmazonInfo',
      name: 'Amazon',
      metadata: { 'instance-id': 'i-1' },
    })
  })
})
