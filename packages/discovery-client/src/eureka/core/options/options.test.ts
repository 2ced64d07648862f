import { InvalidOptionsError } from '@breakwater/kernel'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readInstanceAnswer } from '../wire/read-applications.js'
import { DEFAULT_READ_LIMITS } from '../wire/read-parts.js'
import { writeRegistration } from '../wire/write-instance.js'
import { DURATION_ROWS, NUMBER_ROWS, SWITCH_ROWS } from './client-rows.js'
import type { EurekaClientOptions } from './client-options.js'
import type { InstanceConfig } from './instance-config.js'
import { renderOptionsTable } from './render-table.js'
import { CLIENT_KEYS, resolveEurekaOptions } from './resolve-client.js'
import { instanceInfoOf } from './resolve-instance.js'

const LOCAL = { hostName: 'box', ipAddr: '10.0.0.7' }
const URLS = ['http://eureka:8761/eureka/']

const resolve = (options: object = {}) => resolveEurekaOptions({ serviceUrls: URLS, ...options })

function infoOf(config: Partial<InstanceConfig> = {}) {
  const { instance } = resolve({ instance: { appName: 'Users', port: 8080, ...config } })
  if (instance === undefined) throw new Error('no instance')
  return instanceInfoOf(instance, LOCAL)
}

function faultsOf(options: unknown): string[] {
  try {
    resolveEurekaOptions(options as EurekaClientOptions)
    return []
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    return error.issues.map(({ path, hint }) => (hint === undefined ? path : `${path}: ${hint}`))
  }
}

describe('options of the Eureka client', () => {
  it('have the defaults of the tables', () => {
    const resolved = resolve() as unknown as Record<string, unknown>

    const rows = { ...DURATION_ROWS, ...NUMBER_ROWS, ...SWITCH_ROWS }
    for (const [name, row] of Object.entries(rows))
      expect([name, resolved[name]]).toEqual([name, row.default])
    expect(resolved).toMatchObject({
      registerWithEureka: false,
      region: 'us-east-1',
      allowRedirects: 'known',
      clientDataAccept: 'full',
      shrinkGuard: {
        maxShrinkPercent: 50,
        maxServiceShrinkPercent: 50,
        minServiceInstances: 2,
        maxHoldMs: 180_000,
      },
      limits: DEFAULT_READ_LIMITS,
    })
    expect([...resolve().serviceUrls]).toEqual([['defaultZone', URLS]])
    expect(Object.isFrozen(resolved)).toBe(true)
    expect(Object.keys(resolved).sort()).toEqual([...CLIENT_KEYS].sort())
  })

  it('K6: each row refuses what is out of its range, and takes its ends', () => {
    for (const [name, { min, max }] of Object.entries({ ...DURATION_ROWS, ...NUMBER_ROWS })) {
      expect(faultsOf({ serviceUrls: URLS, [name]: min - 1 })).toEqual([name])
      expect(faultsOf({ serviceUrls: URLS, [name]: max + 1 })).toEqual([name])
      expect(faultsOf({ serviceUrls: URLS, [name]: String(min) })).toEqual([name])
      expect(faultsOf({ serviceUrls: URLS, [name]: min })).toEqual([])
      expect(faultsOf({ serviceUrls: URLS, [name]: max })).toEqual([])
    }
    for (const name of Object.keys(SWITCH_ROWS))
      expect(faultsOf({ serviceUrls: URLS, [name]: 0 })).toContain(name)
  })

  it('report every fault at once, those of the instance too', () => {
    const faults = faultsOf({
      serviceUrls: { a: ['http://ok/'], b: ['ftp://no/', 'http://h/?q', 7] },
      instance: { appname: 'x', instanceId: 'a/b', port: 70_000, metadata: { a: 1 }, status: 'up' },
      fetchRegistryForRemoteRegions: ['mars'],
      limits: { maxInstances: 0 },
      shrinkGuard: true,
      headers: { 'x-a': 'b\r\nc: d' },
      tls: { rejectUnauthorized: false },
      proxy: {},
      eurekaServer: { port: 0 },
    })

    expect(faults).toEqual([
      'instance.appname: did you mean appName?',
      'instance.appName',
      'instance.instanceId',
      'instance.port',
      'instance.status: did you mean UP?',
      'instance.metadata',
      'serviceUrls.b[0]',
      'serviceUrls.b[1]',
      'serviceUrls.b[2]',
      'eurekaServer.domainName',
      'eurekaServer.port',
      'tls.rejectUnauthorized',
      'proxy.url',
      'headers',
      'limits.maxInstances',
      'shrinkGuard',
      'fetchRegistryForRemoteRegions[0]',
    ])
  })

  it.each<[string, object, string]>([
    ['no server', { serviceUrls: [] }, 'serviceUrls'],
    ['servers that are no list', { serviceUrls: NaN }, 'serviceUrls'],
    ['one server, which is no URL', { serviceUrls: ['ftp://no/'] }, 'serviceUrls[0]'],
    ['a domain that is no object', { useDns: true, eurekaServer: 5 }, 'eurekaServer'],
    ['an instance that is no object', { registerWithEureka: true, instance: 5 }, 'instance'],
    ['DNS without a domain', { useDns: true }, 'eurekaServer'],
    ['a registration of nothing', { registerWithEureka: true }, 'registerWithEureka'],
    ['credentials that are not encoded', { proxy: { url: 'http://a%zz:b@proxy/' } }, 'proxy.url'],
    ['S14: a switch for certificates', { tls: { rejectUnauthorized: false } }, 'tls.rejectUnauthorized'],
    ['S14: an old protocol', { tls: { minVersion: 'TLSv1.1' } }, 'tls.minVersion: did you mean TLSv1.2?'],
    ['S14: an older protocol', { tls: { minVersion: 'TLSv1' } }, 'tls.minVersion: did you mean TLSv1.2?'],
    ['S5: a header that ends its line', { headers: { a: 'b\nc' } }, 'headers'],
    ['metadata that are a map', { instance: { appName: 'a', metadata: new Map() } }, 'instance.metadata'],
    ['S5: a header with a blank in its name', { headers: { 'a b': 'c' } }, 'headers'],
    [
      'a lease shorter than its renewal',
      { instance: { appName: 'a', leaseExpirationMs: 29_999 } },
      'instance.leaseExpirationMs',
    ],
    [
      'S3: a path of two slashes',
      { instance: { appName: 'a', homePageUrl: '//evil' } },
      'instance.homePageUrl',
    ],
    ['S3: a host that is none', { instance: { appName: 'a', hostName: 'a@b' } }, 'instance.hostName'],
    [
      'Amazon without metadata',
      { instance: { appName: 'a', dataCenterInfo: { name: 'Amazon' } } },
      'instance.dataCenterInfo',
    ],
  ])('refuse %s', (_, options, path) => {
    expect(faultsOf({ serviceUrls: URLS, ...options })).toEqual([path])
  })

  it('need no server URL with DNS', () => {
    expect(faultsOf({ useDns: true, eurekaServer: { domainName: 'example.com' } })).toEqual([])
  })

  it('S6: a message about a bad URL does not show its password', () => {
    expect(() => resolve({ serviceUrls: ['ftp://user:canary@host/'] })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('canary') as string }),
    )
  })
})

describe('the instance to register', () => {
  it('is complete with a name only', () => {
    expect(infoOf()).toEqual({
      instanceId: 'box:users:8080',
      app: 'USERS',
      hostName: 'box',
      ipAddr: '10.0.0.7',
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
      port: { number: 8080, enabled: true },
      securePort: { number: 443, enabled: false },
      dataCenterInfo: { name: 'MyOwn' },
      metadata: {},
      leaseInfo: { renewalIntervalMs: 30_000, durationMs: 90_000 },
      isCoordinatingDiscoveryServer: false,
      vipAddress: 'users',
      secureVipAddress: 'users',
      homePageUrl: 'http://box:8080/',
      statusPageUrl: 'http://box:8080/info',
      healthCheckUrl: 'http://box:8080/health',
    })
  })

  it('is one that this client can read', () => {
    const json: unknown = JSON.parse(JSON.stringify(writeRegistration(infoOf({ metadata: { zone: 'z' } }))))

    expect(readInstanceAnswer(json, DEFAULT_READ_LIMITS)).toEqual({
      ...infoOf({ metadata: { zone: 'z' } }),
      countryId: 1,
    })
  })

  it('has the URLs of the port that is open, and fills in the host', () => {
    const secure = infoOf({ portEnabled: false, securePort: 8443, hostName: 'h', healthCheckUrl: '/up' })

    expect([secure.homePageUrl, secure.secureHealthCheckUrl]).toEqual([
      'https://h:8443/',
      'https://h:8443/up',
    ])
    expect(secure.instanceId).toBe('h:users:8443')
    expect(infoOf({ homePageUrl: 'https://${hostname}/${eureka.hostname}' }).homePageUrl).toBe(
      'https://box/box',
    )
    expect(infoOf({ hostName: '::1' }).homePageUrl).toBe('http://[::1]:8080/')
  })

  it('takes the IP address where that is preferred, or where the machine has no proper name', () => {
    expect(infoOf({ preferIpAddress: true }).hostName).toBe('10.0.0.7')
    const { instance } = resolve({ instance: { appName: 'a' } })
    expect(instance && instanceInfoOf(instance, { ...LOCAL, hostName: 'my box' }).hostName).toBe('10.0.0.7')
  })

  it('is named by its machine at Amazon, and may do without VIPs', () => {
    const metadata = { 'instance-id': 'i-1' }
    const info = infoOf({
      dataCenterInfo: { name: 'Amazon', metadata },
      vipAddress: null,
      secureVipAddress: 's',
    })

    expect([info.instanceId, info.vipAddress, info.secureVipAddress]).toEqual(['i-1', undefined, 's'])
  })

  it('K5: keeps copies', () => {
    const metadata = { a: '1' }
    const info = infoOf({ metadata })
    metadata.a = '2'

    expect(info.metadata).toEqual({ a: '1' })
  })
})

describe('the table of options', () => {
  it('is in the README', () => {
    const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
    const table = readme.split('<!-- options:begin -->')[1]?.split('<!-- options:end -->')[0]

    expect(table?.trim()).toBe(renderOptionsTable().trim())
  })
})

it('certificates and keys go along as they are given, and nothing else does', () => {
  const tls = { ca: 'ca', cert: 'cert', key: 'key', pfx: 'pfx', passphrase: 'p', minVersion: 'TLSv1.3' }

  expect(resolve({ tls }).tls).toEqual(tls)
  expect(resolve({ tls: { cert: 'cert' } }).tls).toEqual({ cert: 'cert' })
  expect(resolve().tls).toBeUndefined()
})
