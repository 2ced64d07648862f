/** What an instance may say about itself, and what may be said with each request. */
import { describe, expect, it } from 'vitest'
import { faultsWith, instanceOf, long, resolve } from './edges.model.js'

const texts = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${String(index)}`, '1']))

describe('headers', () => {
  it.each([
    [{ [long(128)]: '1' }],
    [{ a: `ÿ${'~'.repeat(4_095)}` }],
    [{ 'Upgrade-Insecure-Requests': '1', 'x-upgrade': '1', expected: '1' }],
    [texts(64)],
  ])('are taken %#', (headers) => {
    expect(resolve({ headers }).headers).toEqual(headers)
    expect(Object.getPrototypeOf(resolve({ headers }).headers)).toBeNull()
  })

  it.each(['Connection', 'content-length', 'expect', 'keep-alive', 'transfer-encoding', 'UPGRADE'])(
    'with %s are refused',
    (name) => {
      expect(faultsWith({ headers: { [name]: '1' } }).map(([path]) => path)).toEqual(['headers'])
    },
  )

  it.each([[['a']], [{ 'a\n': '1' }], [{ a: '\u00001' }], [{ a: '1\u0000' }], [{ a: '\u0080' }], [5]])(
    '%j are refused',
    (headers) => {
      expect(faultsWith({ headers }).map(([path]) => path)).toEqual(['headers'])
    },
  )
})

describe('metadata', () => {
  it.each([[{ [long(1_024)]: long(1_024) }], [texts(64)], [{ a: 'line\nline 😀', b: '' }]])(
    'is taken %#',
    (metadata) => {
      expect(instanceOf({ metadata }).metadata).toEqual(metadata)
    },
  )

  it.each([
    [{ [long(1_025)]: '1' }],
    [{ a: long(1_025) }],
    [texts(65)],
    [{ 'a\n': '1' }],
    [{ '': '1' }],
    [5],
    [{ a: 'x\ud800' }],
  ])('is refused %#', (metadata) => {
    expect(faultsWith({ instance: { appName: 'a', metadata } })).toEqual([
      ['instance.metadata', 'up to 64 texts of up to 1024 characters, by name'],
    ])
  })
})

describe('a page of an instance', () => {
  const wanted = 'a path that begins with one slash, or an http or https URL'

  it.each([
    ['/', 'http://box:80/'],
    ['/a/b?c#d', 'http://box:80/a/b?c#d'],
    ['https://${hostname}:9/${hostname}', 'https://box:9/box'],
    ['http://x/${other}', 'http://x/${other}'],
  ])('%s is %s', (statusPageUrl, url) => {
    expect(instanceOf({ statusPageUrl }).statusPageUrl).toBe(url)
  })

  it.each(['//evil', 'a', '/a b', '/a\\b', '/a\n', ' /a', 'ftp://h/', ''])('%j is refused', (path) => {
    for (const key of ['homePageUrl', 'statusPageUrl', 'healthCheckUrl', 'secureHealthCheckUrl'])
      expect(faultsWith({ instance: { appName: 'a', [key]: path } })).toEqual([[`instance.${key}`, wanted]])
  })

  it('is on the plain port, open or not, unless only the secure one is open', () => {
    const homeOf = (config: object): unknown => instanceOf({ securePort: 443, ...config }).homePageUrl

    expect([
      homeOf({ portEnabled: true, securePortEnabled: true }),
      homeOf({ portEnabled: false, securePortEnabled: false }),
      homeOf({ portEnabled: true, securePortEnabled: false }),
      homeOf({ portEnabled: false, securePortEnabled: true }),
    ]).toEqual(['http://box:80/', 'http://box:80/', 'http://box:80/', 'https://box:443/'])
  })

  it('for secure health checks is there with a secure port, or when it is given', () => {
    expect(instanceOf({})).not.toHaveProperty('secureHealthCheckUrl')
    expect(instanceOf({ securePort: 1 }).secureHealthCheckUrl).toBe('https://box:1/health')
    expect(instanceOf({ secureHealthCheckUrl: '/s' }).secureHealthCheckUrl).toBe('https://box:443/s')
  })
})

describe('an instance', () => {
  it('says nothing of what it was not told', () => {
    const info = instanceOf({ vipAddress: null, secureVipAddress: null })

    for (const key of ['vipAddress', 'secureVipAddress', 'appGroupName', 'asgName'])
      expect(info).not.toHaveProperty(key)
  })

  it('has a host and an address of its own, or those of the machine', () => {
    const placeOf = (config: object): unknown => {
      const { hostName, ipAddr } = instanceOf(config)
      return [hostName, ipAddr]
    }

    expect(placeOf({ hostName: 'h' })).toEqual(['h', '10.0.0.7'])
    expect(placeOf({ ipAddr: '10.0.0.9', preferIpAddress: true, hostName: 'h' })).toEqual([
      '10.0.0.9',
      '10.0.0.9',
    ])
    expect(placeOf({ ipAddr: '::1' })).toEqual(['box', '::1'])
  })

  it('may be at Amazon without an id there, and has a copy of what is said of it', () => {
    const metadata: Record<string, string> = { 'availability-zone': 'a' }
    const info = instanceOf({ dataCenterInfo: { name: 'Amazon', metadata } })
    metadata['availability-zone'] = 'b'

    expect(info.instanceId).toBe('box:users:80')
    expect(info.dataCenterInfo).toEqual({ name: 'Amazon', metadata: { 'availability-zone': 'a' } })
  })

  it.each(['MyOwn', 'Netflix'] as const)('may be in %s', (name) => {
    expect(instanceOf({ dataCenterInfo: { name } }).dataCenterInfo).toEqual({ name })
  })

  it.each([
    [{ name: 'Amazon', metadata: 5 }],
    [{ name: 'Azure', metadata: {} }],
    [{ metadata: {} }],
    ['MyOwn'],
    [null],
  ])('is refused in %j', (dataCenterInfo) => {
    expect(faultsWith({ instance: { appName: 'a', dataCenterInfo } })).toEqual([
      ['instance.dataCenterInfo', "{ name: 'MyOwn' }, or { name: 'Amazon', metadata }"],
    ])
  })
})
