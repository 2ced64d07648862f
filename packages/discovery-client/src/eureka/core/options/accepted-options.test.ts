import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import type { InstanceConfig } from './instance-config.js'
import type { EurekaClientOptions, ResolvedEurekaOptions } from './client-options.js'
import { resolveEurekaOptions } from './resolve-client.js'
import { instanceInfoOf } from './resolve-instance.js'

const SERVER = { serviceUrls: ['http://eureka:8761/eureka/'] }
const LOCAL = { hostName: 'box', ipAddr: '10.0.0.7' }

const resolve = (options: EurekaClientOptions = {}): ResolvedEurekaOptions =>
  resolveEurekaOptions({ ...SERVER, ...options })

/** What is said of a wrong setting: where, and what was expected. */
function faultOf(options: object): readonly [string, string] {
  try {
    resolve(options)
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    expect(error.issues).toHaveLength(1)
    const { path, expected } = error.issues[0]!
    return [path, expected]
  }
  throw new Error('nothing was wrong')
}

const infoOf = (config: Partial<InstanceConfig>): ReturnType<typeof instanceInfoOf> =>
  instanceInfoOf(resolve({ instance: { appName: 'Users', ...config } }).instance!, LOCAL)

describe('regions and zones', () => {
  it('are taken as they are: a remote region needs zones', () => {
    const resolved = resolve({
      region: 'home',
      zone: 'a',
      fetchRegistryForRemoteRegions: ['mars'],
      availabilityZones: { mars: ['olympus'] },
    })

    expect([...resolved.availabilityZones]).toEqual([['mars', ['olympus']]])
    expect(resolved).toMatchObject({ region: 'home', zone: 'a', fetchRegistryForRemoteRegions: ['mars'] })
  })

  it.each([
    [{ availabilityZones: { mars: [''] } }, ['availabilityZones.mars[0]', 'a name']],
    [{ availabilityZones: { mars: [5] } }, ['availabilityZones.mars[0]', 'a name']],
    [
      { fetchRegistryForRemoteRegions: ['mars'] },
      ['fetchRegistryForRemoteRegions[0]', 'a region with availabilityZones'],
    ],
    [
      { fetchRegistryForRemoteRegions: ['mars'], availabilityZones: { mars: [] } },
      ['fetchRegistryForRemoteRegions[0]', 'a region with availabilityZones'],
    ],
  ])('%o are told as wrong', (options, fault) => {
    expect(faultOf(options)).toEqual(fault)
  })
})

describe('the domain of the servers', () => {
  it('is completed', () => {
    expect(resolve({ eurekaServer: { domainName: 'example.com' } }).eurekaServer).toEqual({
      domainName: 'example.com',
      port: 8_761,
      context: 'eureka',
      secure: false,
    })
  })

  it('has to be a name', () => {
    expect(faultOf({ eurekaServer: { domainName: 'a b' } })).toEqual([
      'eurekaServer.domainName',
      'a domain name',
    ])
  })
})

describe('headers', () => {
  it('are copied, whatever their values, as long as they can be sent', () => {
    const headers = { 'x-empty': '', Authorization: 'Bearer a.b ü', "!#$%&'*+.^_`|~0": 'odd' }

    expect(resolve({ headers }).headers).toEqual(headers)
  })

  it('that change are asked of a function, which is kept', () => {
    const headers = (): Record<string, string> => ({ authorization: 'Bearer new' })

    expect(resolve({ headers }).headers).toBe(headers)
  })

  it.each<[string, object]>([
    ['a `Headers`, whose values could not be seen', new Headers({ a: '1' })],
    ['a map', new Map([['a', '1']])],
    ['a promise', Promise.resolve({ a: '1' })],
    ['a name that is none', { 'x:a': '1' }],
    ['an empty name', { '': '1' }],
    ['a long name', { ['x'.repeat(129)]: '1' }],
    ['a value that is none', { a: 1 }],
    ['a long value', { a: 'x'.repeat(4_097) }],
    ['a value that is not Latin-1', { a: 'Ā' }],
    ['a tab', { a: 'b\tc' }],
    ['what is of the connection', { 'Transfer-Encoding': 'chunked' }],
    ['too many', Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`x-${String(index)}`, '1']))],
  ])('with %s are refused', (_, headers) => {
    const expected = 'header values on one line of Latin-1, by header name, and none of the connection'
    expect(faultOf({ headers })).toEqual(['headers', expected])
  })
})

describe('hooks and parts', () => {
  it('are taken as they are, where they have all that is asked of them', () => {
    const given = {
      random: { next: () => 0.25 },
      clock: { now: () => 0, epochNow: () => 0, schedule: () => () => undefined },
      healthCheckHandler: () => 'UP' as const,
      backupRegistry: () => undefined,
      preRegistrationHandler: () => undefined,
      resolveTxt: () => Promise.resolve([]),
    }

    const resolved = resolve(given)

    expect(resolved.random.next()).toBe(0.25)
    expect(resolved.clock).toBe(given.clock)
    expect(resolved.healthCheckHandler).toBe(given.healthCheckHandler)
    expect(resolved.backupRegistry).toBe(given.backupRegistry)
    expect(resolved.preRegistrationHandler).toBe(given.preRegistrationHandler)
    expect(resolved.resolveTxt).toBe(given.resolveTxt)
  })

  it.each([
    ['clock', { now: () => 0 }, 'a clock: { now, epochNow, schedule }'],
    ['random', {}, 'a source of chance: { next }'],
    ['random', 5, 'a source of chance: { next }'],
    ['runtime', { register: () => undefined }, 'a runtime of createRuntime()'],
  ])('%s %o is refused', (name, value, expected) => {
    expect(faultOf({ [name]: value })).toEqual([name, expected])
  })
})

describe('the guard against answers that shrink', () => {
  it('can be switched off, and changed in parts', () => {
    expect(resolve({ shrinkGuard: false }).shrinkGuard).toBe(false)
    expect(resolve({ shrinkGuard: { maxHoldMs: 5 } }).shrinkGuard).toEqual({
      maxShrinkPercent: 50,
      maxServiceShrinkPercent: 50,
      minServiceInstances: 2,
      maxHoldMs: 5,
    })
  })
})

describe('the instance to register', () => {
  it('is as it was told', () => {
    const config = {
      ipAddr: '10.0.0.9',
      appGroupName: 'group',
      asgName: 'scaling',
      secureVipAddress: null,
      instanceId: 'me:1',
      status: 'STARTING',
      dataCenterInfo: { name: 'Netflix' },
    } as const

    expect(infoOf(config)).toMatchObject({
      ipAddr: '10.0.0.9',
      appGroupName: 'group',
      asgName: 'scaling',
      vipAddress: 'users',
      instanceId: 'me:1',
      status: 'STARTING',
      dataCenterInfo: { name: 'Netflix' },
    })
    expect(infoOf(config)).not.toHaveProperty('secureVipAddress')
  })

  it('has URLs that are whole, with the host filled in', () => {
    const info = infoOf({
      statusPageUrl: 'https://${hostname}:9/s',
      secureHealthCheckUrl: '/safe',
      securePort: 9_443,
    })

    expect(info).toMatchObject({
      statusPageUrl: 'https://box:9/s',
      secureHealthCheckUrl: 'https://box:9443/safe',
    })
  })

  it.each([
    [{ appName: 'a/b' }, 'appName', 'a name without slashes, backslashes and control characters'],
    [{ appName: '' }, 'appName', 'a name'],
    [{ appName: 'x'.repeat(257) }, 'appName', 'a name'],
    [{ ipAddr: 'box' }, 'ipAddr', 'an IP address'],
    [{ hostName: 'a b' }, 'hostName', 'a host name or IP address'],
    [{ instanceId: '' }, 'instanceId', 'a text of 1 to 512 printable characters'],
    [{ instanceId: 'x'.repeat(513) }, 'instanceId', 'a text of 1 to 512 printable characters'],
    [{ instanceId: 'a/b' }, 'instanceId', 'a name without slashes, backslashes and control characters'],
    [{ vipAddress: 5 }, 'vipAddress', 'names separated by commas, or null'],
    [
      { homePageUrl: 'ftp://a/' },
      'homePageUrl',
      'a path that begins with one slash, or an http or https URL',
    ],
    [{ homePageUrl: 5 }, 'homePageUrl', 'a path that begins with one slash, or an http or https URL'],
    [{ dataCenterInfo: 5 }, 'dataCenterInfo', "{ name: 'MyOwn' }, or { name: 'Amazon', metadata }"],
    [
      { dataCenterInfo: { name: 'Other' } },
      'dataCenterInfo',
      "{ name: 'MyOwn' }, or { name: 'Amazon', metadata }",
    ],
    [
      { dataCenterInfo: { name: 'Amazon', metadata: { a: 1 } } },
      'dataCenterInfo',
      "{ name: 'MyOwn' }, or { name: 'Amazon', metadata }",
    ],
    [{ metadata: { '@class': 'x' } }, 'metadata', 'up to 64 texts of up to 1024 characters, by name'],
    [{ metadata: { a: '\ud800' } }, 'metadata', 'up to 64 texts of up to 1024 characters, by name'],
  ])('%o is refused', (config, path, expected) => {
    expect(faultOf({ instance: { appName: 'Users', ...config } })).toEqual([`instance.${path}`, expected])
  })
})
