import { describe, expect, it } from 'vitest'
import type { InstanceInfo } from '../model/instance-info.js'
import { zoneOf } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import { readApplicationAnswer, readApplications, readInstanceAnswer } from './read-applications.js'
import { readInstance } from './read-instance.js'
import { DEFAULT_READ_LIMITS } from './read-parts.js'
import { answerWith, readAnswer, WIRE_INSTANCE } from './wire.model.js'

const entryOf = (changes: Readonly<Record<string, unknown>>) =>
  readInstance({ ...WIRE_INSTANCE, ...changes }, 'SVC', DEFAULT_READ_LIMITS)

function read(changes: Readonly<Record<string, unknown>> = {}): InstanceInfo {
  const entry = entryOf(changes)
  if (entry.kind === 'dropped') throw new Error(entry.reason)
  return entry.info
}

describe('reading an instance', () => {
  it('reads every field of a Netflix server', () => {
    expect(read()).toEqual({
      instanceId: 'h1:svc:8080',
      app: 'SVC',
      hostName: 'h1',
      ipAddr: '10.0.0.1',
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
      port: { number: 8080, enabled: true },
      securePort: { number: 8443, enabled: false },
      countryId: 1,
      dataCenterInfo: { name: 'MyOwn' },
      leaseInfo: {
        renewalIntervalMs: 30_000,
        durationMs: 90_000,
        registrationTimestamp: 1795246609712,
        lastRenewalTimestamp: 1795246609712,
        evictionTimestamp: 0,
        serviceUpTimestamp: 1795246609713,
      },
      metadata: { zone: 'z1' },
      homePageUrl: 'http://h1:8080/',
      statusPageUrl: 'http://h1:8080/info',
      healthCheckUrl: 'http://h1:8080/health',
      vipAddress: 'svc,svc-alt',
      secureVipAddress: 'svcs',
      isCoordinatingDiscoveryServer: false,
      lastUpdatedTimestamp: 1795246609713,
      lastDirtyTimestamp: 1000,
      actionType: 'ADDED',
    })
  })

  it.each<[string, Record<string, unknown>, Partial<InstanceInfo>]>([
    ['a port as text', { port: { $: '80', '@enabled': true } }, { port: { number: 80, enabled: true } }],
    ['a bare port', { port: 81 }, { port: { number: 81, enabled: true } }],
    ['a port without a flag', { port: { $: 81 } }, { port: { number: 81, enabled: true } }],
    [
      'a secure port without a flag',
      { securePort: { $: 81 } },
      { securePort: { number: 81, enabled: false } },
    ],
    ['no port', { port: undefined }, { port: { number: 0, enabled: false } }],
    [
      'a closed port that is none',
      { port: { $: -1, '@enabled': 'false' } },
      { port: { number: 0, enabled: false } },
    ],
    ['port 0 while starting', { port: { $: 0, '@enabled': 'true' } }, { port: { number: 0, enabled: true } }],
    ['an unknown status', { status: 'ASLEEP' }, { status: 'UNKNOWN' }],
    ['a status that is no text', { status: 7 }, { status: 'UNKNOWN' }],
    ['a status in lower case', { status: 'down' }, { status: 'DOWN' }],
    ['no status', { status: undefined }, { status: 'UP' }],
    [
      'the old spelling of an override',
      { overriddenStatus: undefined, overriddenstatus: 'OUT_OF_SERVICE' },
      { overriddenStatus: 'OUT_OF_SERVICE' },
    ],
    ['an override', { overriddenStatus: 'DOWN' }, { overriddenStatus: 'DOWN' }],
    ['no override', { overriddenStatus: undefined }, { overriddenStatus: 'UNKNOWN' }],
    ['a change', { actionType: 'MODIFIED' }, { actionType: 'MODIFIED' }],
    ['an end', { actionType: 'DELETED' }, { actionType: 'DELETED' }],
    ['stamps as numbers', { lastDirtyTimestamp: 5 }, { lastDirtyTimestamp: 5 }],
    ['a name in lower case', { app: 'svc' }, { app: 'SVC' }],
    ['no name of its own', { app: undefined }, { app: 'SVC' }],
    ['no id', { instanceId: undefined }, { instanceId: 'h1' }],
    ['no host name', { hostName: undefined }, { hostName: '10.0.0.1' }],
    ['an address that is none', { ipAddr: 'unknown' }, { ipAddr: '' }],
    ["Java's form of IPv6", { ipAddr: '0:0:0:0:0:0:0:1' }, { ipAddr: '::1' }],
    [
      'the class of an empty map',
      { metadata: { '@class': 'java.util.Collections$EmptyMap' } },
      { metadata: {} },
    ],
    ['no metadata', { metadata: null }, { metadata: {} }],
    ['metadata that are no map', { metadata: 'zone' }, { metadata: {} }],
    [
      'metadata that is no text',
      { metadata: { a: 1, b: true, c: null, d: {} } },
      { metadata: { a: '1', b: 'true' } },
    ],
    [
      'a coordinating server',
      { isCoordinatingDiscoveryServer: 'true' },
      { isCoordinatingDiscoveryServer: true },
    ],
    [
      'a flag that is none',
      { isCoordinatingDiscoveryServer: 'maybe' },
      { isCoordinatingDiscoveryServer: false },
    ],
    [
      'a data center nobody knows',
      { dataCenterInfo: { name: 'Moon' } },
      { dataCenterInfo: { name: 'MyOwn' } },
    ],
    [
      'a lease that cannot be, in old words',
      { leaseInfo: { durationInSecs: 0, renewalIntervalInSecs: -1, renewalTimestamp: 7 } },
      { leaseInfo: { renewalIntervalMs: 30_000, durationMs: 90_000, lastRenewalTimestamp: 7 } },
    ],
  ])('understands %s', (_, changes, expected) => {
    expect(read(changes)).toMatchObject(expected)
  })

  it.each([
    [{ '@class': 'java.util.Collections$EmptyMap' }, []],
    [{ '@class': 'java.util.HashMap', zone: 'a' }, [['zone', 'a']]],
    [
      { a: 1, b: true, c: null, d: {}, e: [], f: '' },
      [
        ['a', '1'],
        ['b', 'true'],
        ['f', ''],
      ],
    ],
  ])('keeps of the metadata %o what can be a text, and nothing else', (metadata, expected) => {
    expect(Object.entries(read({ metadata }).metadata)).toEqual(expected)
  })

  it('reads a compact instance', () => {
    const compact = {
      instanceId: 'a',
      hostName: 'h',
      app: 'A',
      ipAddr: '10.0.0.1',
      status: 'UP',
      port: { $: 80, '@enabled': 'true' },
      lastUpdatedTimestamp: 5,
    }

    const { leaseInfo, metadata, lastUpdatedTimestamp } = readInstanceAnswer(
      { instance: compact },
      DEFAULT_READ_LIMITS,
    ) as InstanceInfo

    expect([leaseInfo, metadata, lastUpdatedTimestamp]).toEqual([undefined, {}, 5])
  })

  it('names an Amazon instance by its machine, and knows its zone', () => {
    const metadata = { 'instance-id': 'i-1', 'availability-zone': 'us-east-1c' }
    const info = read({ instanceId: undefined, dataCenterInfo: { name: 'Amazon', metadata } })

    expect([info.instanceId, zoneOf(info), zoneOf(read())]).toEqual(['i-1', 'us-east-1c', 'z1'])
  })

  it.each([
    ['not-an-object', undefined],
    ['bad-id', { instanceId: 'a\nb' }],
    ['bad-id', { instanceId: 'x'.repeat(513) }],
    ['bad-host', { hostName: '10.0.0.1@evil.example' }],
    ['bad-host', { hostName: undefined, ipAddr: undefined }],
    ['bad-port', { port: { $: 65_536, '@enabled': 'true' } }],
    ['bad-port', { port: { $: 'http', '@enabled': 'true' } }],
    ['bad-port', { securePort: { $: 1.5, '@enabled': 'true' } }],
  ])('S2: drops what has %s, and says what is known of it', (reason, changes) => {
    const entry =
      changes === undefined
        ? readInstance(7, 'SVC', DEFAULT_READ_LIMITS)
        : entryOf({ ...changes, status: 'DOWN' })

    expect(entry).toMatchObject({
      kind: 'dropped',
      reason,
      app: 'SVC',
      status: changes === undefined ? 'UP' : 'DOWN',
    })
  })

  it('S1: reads nothing from a prototype that somebody else has polluted', () => {
    Object.defineProperty(Object.prototype, 'sid', { value: 'evil', configurable: true })
    try {
      expect(Object.hasOwn(read(), 'sid')).toBe(false)
    } finally {
      Reflect.deleteProperty(Object.prototype, 'sid')
    }
  })

  it.each([
    ['metadata that are no map', { metadata: 'zone' }],
    ['a key that is too long', { metadata: { ['k'.repeat(1_025)]: 'v' } }],
    ['a value that is too long', { metadata: { a: 'x'.repeat(1_025) } }],
    ['a key that cannot be printed', { metadata: { 'a\nb': 'v' } }],
    ['a list of VIPs that is too long', { vipAddress: 'v'.repeat(4_097) }],
    ['a VIP that is no text', { vipAddress: 7 }],
  ])('S10: leaves out %s, and counts it', (_, changes) => {
    expect(entryOf(changes)).toMatchObject({ kind: 'instance', omitted: 1 })
  })

  it('S10: leaves out metadata beyond the limits, and counts it', () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`k${index}`, 'v']))
    const entry = entryOf({
      metadata: { long: 'x'.repeat(1_025), ...many },
      homePageUrl: 'javascript:alert(1)',
    })

    expect(entry).toMatchObject({ kind: 'instance', omitted: 8 })
    expect(Object.keys(read({ metadata: many }).metadata)).toHaveLength(64)
    expect(read({ homePageUrl: 'javascript:alert(1)' }).homePageUrl).toBeUndefined()
  })
})

describe('reading a list', () => {
  it.each([undefined, null, 1, 'x', [], {}, { applications: [] }, { applications: 'x' }, '<html>'])(
    'cannot use %j',
    (json) => {
      expect(runSteps(readApplications(json, DEFAULT_READ_LIMITS))).toEqual({
        kind: 'unusable',
        reason: 'not-applications',
      })
    },
  )

  it.each([
    ['an empty registry', { application: [] }, 0],
    ['a list that was left out', {}, 0],
    [
      'one application and one instance without lists',
      { application: { name: 'A', instance: WIRE_INSTANCE } },
      1,
    ],
    ['an application without instances', { application: [{ name: 'A' }, { name: 'B', instance: null }] }, 0],
    ['lists', { application: [{ name: 'A', instance: [WIRE_INSTANCE, WIRE_INSTANCE] }] }, 2],
    ['an application that is none', { application: [7, null, { name: 'A', instance: WIRE_INSTANCE }] }, 1],
  ])('reads %s', (_, applications, count) => {
    expect(readAnswer({ applications }).entries).toHaveLength(count)
  })

  it('reads the hash in both spellings, and none that is no text', () => {
    const hashOf = (applications: object): string | undefined => readAnswer({ applications }).appsHashCode

    expect(hashOf({ apps__hashcode: 'UP_1_' })).toBe('UP_1_')
    expect(hashOf({ apps_hashcode: '' })).toBe('')
    expect(hashOf({ apps__hashcode: 7 })).toBeUndefined()
  })

  it('counts what it dropped, by reason', () => {
    const { dropped } = readAnswer(answerWith([1, 2, { ...WIRE_INSTANCE, hostName: 'a b' }]))

    expect([...dropped]).toEqual([
      ['not-an-object', 2],
      ['bad-host', 1],
    ])
  })

  it('S10: refuses an answer of too many instances as a whole', () => {
    const limits = { ...DEFAULT_READ_LIMITS, maxInstances: 2 }
    const of = (count: number) =>
      runSteps(readApplications(answerWith(Array.from({ length: count }, () => WIRE_INSTANCE)), limits))

    expect(of(2).kind).toBe('applications')
    expect(of(3)).toEqual({ kind: 'unusable', reason: 'too-many-instances' })
  })

  it('reads the answer about one application', () => {
    const json = { application: { name: 'SVC', instance: WIRE_INSTANCE } }

    expect(runSteps(readApplicationAnswer(json, DEFAULT_READ_LIMITS))).toMatchObject({
      kind: 'applications',
      entries: [{ kind: 'instance' }],
    })
    expect(runSteps(readApplicationAnswer([], DEFAULT_READ_LIMITS)).kind).toBe('unusable')
    expect(readInstanceAnswer(undefined, DEFAULT_READ_LIMITS)).toBeUndefined()
  })

  it('works in steps of a few dozen items', () => {
    const count = (json: unknown): number => [...readApplications(json, DEFAULT_READ_LIMITS)].length

    expect(count(answerWith(Array.from({ length: 3_200 }, () => WIRE_INSTANCE)))).toBe(200)
    expect(count({ applications: { application: Array(3_200).fill({}) } })).toBe(100)
  })
})
