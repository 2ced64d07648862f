import { describe, expect, it } from 'vitest'
import { registration } from '../eureka.model.js'
import type { InstanceInfo } from './instance-info.js'
import { readRegistration, UNPARSABLE } from './read-instance.js'

const read = (fields: Record<string, unknown>): object => readRegistration(registration(fields), 'USERS', 7)

describe('a registration is refused', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ instanceId: undefined, hostName: undefined }, 'Missing instanceId'],
    [{ hostName: '' }, 'Missing hostname'],
    [{ ipAddr: undefined }, 'Missing ip address'],
    [{ app: '' }, 'Missing appName'],
    [{ app: 'orders' }, 'Mismatched appName, expecting USERS but was ORDERS'],
    [{ ipAddr: null }, 'Missing ip address'],
    [{ dataCenterInfo: undefined }, 'Missing dataCenterInfo'],
    [{ dataCenterInfo: null }, 'Missing dataCenterInfo'],
    [{ instanceId: undefined, dataCenterInfo: undefined }, 'Missing dataCenterInfo'],
    [{ dataCenterInfo: { '@class': 'c' } }, 'Missing dataCenterInfo Name'],
    [{ app: undefined }, UNPARSABLE],
    [{ port: 8080 }, UNPARSABLE],
    [{ dataCenterInfo: { name: 'MyOwn' } }, UNPARSABLE],
    [{ metadata: { nested: { a: 1 } } }, UNPARSABLE],
  ])('with %o: %s', (fields, refusal) => {
    expect(read(fields)).toEqual({ refusal })
  })

  it.each([[undefined], ['text'], [[]], [{}], [{ instance: 1 }]])('when it is %o', (body) => {
    expect(readRegistration(body, 'USERS', 7)).toEqual({ refusal: UNPARSABLE })
  })

  it('in JSON when it cannot be parsed', () => {
    expect(readRegistration('text', 'USERS', 7)).toEqual({
      refusal: '{"error":"cannot parse request body"}',
    })
  })
})

describe('a registration is read', () => {
  it.each<[string, Record<string, unknown>, object]>([
    ['a port of texts', { port: { $: '80', '@enabled': false } }, { port: { number: 80, enabled: false } }],
    ['no port', { port: undefined }, { port: { number: 7001, enabled: true } }],
    ['no secure port', { securePort: undefined }, { securePort: { number: 7002, enabled: false } }],
    ['no status', { status: undefined }, { status: 'UP' }],
    ['no override', { overriddenStatus: undefined }, { overriddenStatus: 'UNKNOWN', actionType: 'ADDED' }],
    ['an override', { overriddenStatus: 'DOWN' }, { overriddenStatus: 'DOWN' }],
    [
      'a lease',
      { leaseInfo: { renewalIntervalInSecs: 7, durationInSecs: 9 } },
      { renewalIntervalSecs: 7, durationSecs: 9 },
    ],
    ['a coordinator', { isCoordinatingDiscoveryServer: 'true' }, { isCoordinator: true }],
    ['no coordinator', { isCoordinatingDiscoveryServer: false }, { isCoordinator: false }],
    ['when it was updated', { lastUpdatedTimestamp: '5' }, { lastUpdatedTimestamp: 5 }],
    ['an unknown status', { status: 'SLEEPING' }, { status: 'UNKNOWN' }],
    [
      'the old spelling',
      { overriddenStatus: undefined, overriddenstatus: 'DOWN' },
      { overriddenStatus: 'DOWN' },
    ],
    [
      'odd metadata',
      { metadata: { a: 1, b: true, c: null } },
      { metadata: { a: '1', b: 'true', c: 'null' } },
    ],
    ['the empty map', { metadata: { '@class': 'java.util.Collections$EmptyMap' } }, { metadata: {} }],
    [
      'no lease',
      { leaseInfo: undefined },
      { durationSecs: 90, renewalIntervalSecs: 30, metadata: { zone: 'z1' } },
    ],
    ['a lease of null', { leaseInfo: null }, { durationSecs: 90, metadata: { zone: 'z1' } }],
    ['a senseless lease', { leaseInfo: { durationInSecs: -1 } }, { durationSecs: 90 }],
    ['a number as stamp', { lastDirtyTimestamp: 5 }, { lastDirtyTimestamp: 5 }],
    ['a word as stamp', { lastDirtyTimestamp: 'now' }, { lastDirtyTimestamp: 0 }],
    ['a word as port', { port: { $: 'http' } }, { port: { number: 0, enabled: true } }],
    ['a word as duration', { leaseInfo: { durationInSecs: 'long' } }, { durationSecs: 90 }],
    [
      'a lease that is none, so that all after it is lost',
      { leaseInfo: 90 },
      { metadata: {}, durationSecs: 90 },
    ],
    ['no stamp', { lastDirtyTimestamp: undefined }, { lastDirtyTimestamp: 7 }],
    ['no id', { instanceId: undefined }, { id: 'h1' }],
    [
      'an Amazon id',
      {
        instanceId: undefined,
        dataCenterInfo: {
          '@class': 'com.netflix.appinfo.AmazonInfo',
          name: 'Amazon',
          metadata: { 'instance-id': 'i-1' },
        },
      },
      { id: 'i-1' },
    ],
    ['an unknown scalar', { colour: 'red' }, { texts: { vipAddress: 'users,users-alt' } }],
  ])('with %s', (_what, fields, expected) => {
    expect(read(fields)).toMatchObject({ info: expected })
  })

  it('with metadata beside its class, which is no entry of it', () => {
    const { info } = read({ metadata: { '@class': 'c', a: 'b' } }) as { readonly info: InstanceInfo }

    expect(info.metadata).toEqual({ a: 'b' })
  })

  it('with a data center without metadata, which gets none', () => {
    const { info } = read({}) as { readonly info: InstanceInfo }

    expect(info.dataCenterInfo).toEqual({
      class: 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    })
  })

  it('only up to an object that no server knows', () => {
    const { instance } = registration()
    const { vipAddress, ...before } = instance

    const result = readRegistration({ instance: { ...before, extra: {}, vipAddress } }, 'USERS', 7)

    expect(result).toMatchObject({ info: { id: 'h1:users:9001' } })
    expect(result).not.toHaveProperty('info.texts.vipAddress')
  })
})
