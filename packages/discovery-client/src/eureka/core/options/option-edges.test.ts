/** Where each setting ends: the last value that is taken, and the first that is not, with what is said of it. */
import { describe, expect, it } from 'vitest'
import { faultsOf, faultsWith, instanceOf, long, refusalOf, resolve } from './edges.model.js'
import type { InstanceConfig } from './instance-config.js'

describe('a number', () => {
  it.each<[string, number, number, (value: number) => object]>([
    ['limits.maxInstances', 1, 1_000_000, (maxInstances) => ({ limits: { maxInstances } })],
    ['limits.maxMetadataEntries', 0, 10_000, (maxMetadataEntries) => ({ limits: { maxMetadataEntries } })],
    ['limits.maxMetadataChars', 1, 65_536, (maxMetadataChars) => ({ limits: { maxMetadataChars } })],
    ['shrinkGuard.maxShrinkPercent', 0, 100, (maxShrinkPercent) => ({ shrinkGuard: { maxShrinkPercent } })],
    [
      'shrinkGuard.maxServiceShrinkPercent',
      0,
      100,
      (maxServiceShrinkPercent) => ({ shrinkGuard: { maxServiceShrinkPercent } }),
    ],
    [
      'shrinkGuard.minServiceInstances',
      1,
      1_000_000,
      (minServiceInstances) => ({ shrinkGuard: { minServiceInstances } }),
    ],
    ['shrinkGuard.maxHoldMs', 0, 2 ** 31 - 1, (maxHoldMs) => ({ shrinkGuard: { maxHoldMs } })],
    ['eurekaServer.port', 1, 65_535, (port) => ({ eurekaServer: { domainName: 'example.com', port } })],
    [
      'retryableClientQuarantineRefreshPercentage',
      0,
      1,
      (share) => ({ retryableClientQuarantineRefreshPercentage: share }),
    ],
    ['instance.port', 0, 65_535, (port) => ({ instance: { appName: 'a', port } })],
    ['instance.securePort', 0, 65_535, (securePort) => ({ instance: { appName: 'a', securePort } })],
    [
      'instance.leaseRenewalIntervalMs',
      10,
      2 ** 31 - 1,
      (leaseRenewalIntervalMs) => ({ instance: { appName: 'a', leaseRenewalIntervalMs } }),
    ],
  ])('%s is taken from %i to %i', (path, min, max, options) => {
    expect([min, max].flatMap((value) => faultsWith(options(value)))).toEqual([])
    expect([min - 1, max + 1].flatMap((value) => faultsWith(options(value))).map(([at]) => at)).toEqual([
      path,
      path,
    ])
  })

  it('of the lease: it lasts as long as its renewal interval at least, and three of them where nothing is said', () => {
    const leaseOf = (leaseRenewalIntervalMs: number, leaseExpirationMs?: number): unknown =>
      resolve({ instance: { appName: 'a', leaseRenewalIntervalMs, leaseExpirationMs } }).instance
        ?.leaseExpirationMs

    expect([leaseOf(5_000, 5_000), leaseOf(5_000), leaseOf(2 ** 31 - 1)]).toEqual([
      5_000,
      15_000,
      2 ** 31 - 1,
    ])
  })
})

describe('a name', () => {
  it.each([
    'registryRefreshSingleVipAddress',
    'writeClusterVip',
    'readClusterVip',
    'name',
    'region',
    'zone',
  ] as const)('%s has 1 to 256 characters', (key) => {
    expect(resolve({ [key]: long(256) })[key]).toBe(long(256))
    expect(faultsWith({ [key]: '' }).map(([path]) => path)).toEqual([key])
    expect(faultsWith({ [key]: long(257) }).map(([path]) => path)).toEqual([key])
  })

  it.each<[string, number, Partial<InstanceConfig>]>([
    ['app', 256, { appName: long(256) }],
    ['instanceId', 512, { instanceId: long(512) }],
    ['vipAddress', 4_096, { vipAddress: long(4_096) }],
    ['secureVipAddress', 4_096, { secureVipAddress: long(4_096) }],
    ['appGroupName', 256, { appGroupName: long(256) }],
    ['asgName', 256, { asgName: long(256) }],
    ['homePageUrl', 'http://box:80'.length + 1_024, { homePageUrl: `/${long(1_023)}` }],
  ])('of an instance: its %s has up to %i characters', (key, length, config) => {
    const longer = Object.fromEntries(
      Object.entries(config).map(([name, text]) => [name, `${String(text)}x`]),
    )

    expect(instanceOf(config)[key as 'app']).toHaveLength(length)
    expect(faultsWith({ instance: { appName: 'a', ...longer } })).toHaveLength(1)
  })
})

describe('a URL of a server', () => {
  const wanted = 'an http or https URL without query and fragment, with properly encoded credentials'
  const urlOf = (length: number): string => `http://h/${long(length - 9)}`

  it.each([
    'http://h',
    'https://h:1/a/b',
    'http://h/a,b',
    'HTTP://H/',
    'http://a%40b:c%3Ad@h/',
    urlOf(2_048),
  ])('%s is taken', (url) => {
    expect(faultsOf({ serviceUrls: [url] })).toEqual([])
    expect(faultsWith({ proxy: { url } })).toEqual([])
  })

  it.each([
    'ftp://h/',
    'xhttp://h/',
    'httpx://h/',
    'http://h/?q',
    'http://h/#f',
    'http://a%zz:b@h/',
    'http://a:b%zz@h/',
    'h/eureka',
    ['http://h/'],
    urlOf(2_049),
    7,
  ])('%s is not', (url) => {
    expect(faultsOf({ serviceUrls: [url] })).toEqual([['serviceUrls[0]', wanted]])
    expect(faultsWith({ proxy: { url } })).toEqual([['proxy.url', wanted]])
  })

  it.each(['http://a/eureka/,http://b/eureka/', 'http://a/, HTTPS://b/'])('%s is two', (url) => {
    expect(faultsOf({ serviceUrls: { zone: [url] } })).toEqual([
      ['serviceUrls.zone[0]', 'one URL: a list in commas has to be split'],
    ])
  })
})

describe('of several settings together', () => {
  it.each<[string, object, [string, string][]]>([
    [
      'a registration of nothing',
      { registerWithEureka: true },
      [['registerWithEureka', 'false, or an instance to register']],
    ],
    ['DNS without a domain', { useDns: true }, [['eurekaServer', '{ domainName }, because useDns is true']]],
    ['no server', { serviceUrls: [] }, [['serviceUrls', 'at least one URL, or useDns']]],
    [
      'no server in any zone',
      { serviceUrls: { a: [], b: [] } },
      [['serviceUrls', 'at least one URL, or useDns']],
    ],
    ['a domain of nothing', { eurekaServer: {} }, [['eurekaServer.domainName', 'a domain name']]],
    ['a proxy of nothing', { proxy: {} }, [['proxy.url', 'the URL of a proxy']]],
    ['an instance of nothing', { instance: {} }, [['instance.appName', 'the name of the service']]],
  ])('%s is refused', (_, options, faults) => {
    expect(faultsWith(options)).toEqual(faults)
  })

  it('each is told beside faults of others, with what was there', () => {
    const refusal = refusalOf({ serviceUrls: [], registerWithEureka: true, name: 5 })

    expect(refusal?.message).toContain('EurekaClient')
    expect(refusal?.issues.map(({ path, received }) => [path, received])).toEqual([
      ['name', 5],
      ['registerWithEureka', true],
      ['serviceUrls', []],
    ])
    expect(faultsWith({ useDns: true, name: 5 }).map(([path]) => path)).toEqual(['name', 'eurekaServer'])
  })

  it('a server in one of the zones is enough', () => {
    expect([...resolve({ serviceUrls: { a: [], b: ['http://h/'] } }).serviceUrls]).toEqual([
      ['a', []],
      ['b', ['http://h/']],
    ])
  })

  it('there are no zones where nothing is said', () => {
    expect(resolve({}).availabilityZones.size).toBe(0)
  })

  it('zones without a region are refused', () => {
    expect(faultsWith({ availabilityZones: ['a'] })).toHaveLength(1)
  })

  it('a registration follows from an instance, unless it is switched off', () => {
    const instance = { appName: 'a' }

    expect(
      [{}, { instance }, { instance, registerWithEureka: false }].map(
        (options) => resolve(options).registerWithEureka,
      ),
    ).toEqual([false, true, false])
  })
})

describe('the domain of the servers', () => {
  const dns = (more: object): object => ({ eurekaServer: { domainName: 'example.com', ...more } })

  it('is taken with what is said of it', () => {
    expect(resolve(dns({ port: 80, context: 'a-b/v2.1', secure: true })).eurekaServer).toEqual({
      domainName: 'example.com',
      port: 80,
      context: 'a-b/v2.1',
      secure: true,
    })
    expect(resolve(dns({ context: '' })).eurekaServer?.context).toBe('')
  })

  it.each([
    ['context', '?a'],
    ['context', 'a b'],
    ['context', 'a?'],
  ])('is refused with the %s %s', (key, value) => {
    expect(faultsWith(dns({ [key]: value }))).toEqual([['eurekaServer.context', 'a path such as eureka/v2']])
  })
})

describe('one of several words', () => {
  it.each([
    ['allowRedirects', ['known', 'any', 'none']],
    ['clientDataAccept', ['full', 'compact']],
  ] as const)('%s is one of %j', (key, words) => {
    expect(words.map((word) => resolve({ [key]: word })[key])).toEqual(words)
    expect(faultsWith({ [key]: 'other' }).map(([path]) => path)).toEqual([key])
  })
})

describe('a value that fails when somebody looks', () => {
  const revoked = (target: object): unknown => {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
  }

  it.each(['serviceUrls', 'availabilityZones', 'instance', 'headers', 'limits', 'tls'])(
    'is refused as %s, as any other that is none',
    (key) => {
      for (const target of [{}, []])
        expect(faultsWith({ [key]: revoked(target) }).map(([path]) => path)).toContain(key)
    },
  )
})
