import { describe, expect, it } from 'vitest'
import { appsHash } from './apps-hash.js'
import { formatOf, isCompressed } from './negotiate.js'
import { ResponseCache } from './response-cache.js'
import type { PageKey } from './response-cache.js'
import { routeOf } from './router.js'
import { toXml } from './xml.js'

describe('a route', () => {
  it.each([
    ['POST', '/eureka/v2/apps/users', 'register', 'USERS', ''],
    ['GET', '/eureka/v2/apps/users', 'app', 'USERS', ''],
    ['PUT', '/eureka/v2/apps/users/a%3A1', 'heartbeat', 'USERS', 'a:1'],
    ['DELETE', '/eureka/v2/apps/USERS/a', 'cancel', 'USERS', 'a'],
    ['PUT', '/eureka/v2/apps/USERS/a/status', 'setStatus', 'USERS', 'a'],
    ['DELETE', '/eureka/v2/apps/USERS/a/status', 'removeStatus', 'USERS', 'a'],
    ['PUT', '/eureka/v2/apps/USERS/a/metadata', 'metadata', 'USERS', 'a'],
    ['GET', '/eureka/v2/apps', 'apps', '', ''],
    ['GET', '/eureka/anything/apps/', 'apps', '', ''],
    ['GET', '/eureka/v2/apps/delta', 'delta', '', ''],
    ['GET', '/eureka/v2/apps/a%2Fb/c%2Fd', 'instance', 'A/B', 'c/d'],
    ['GET', '/eureka/v2/instances/a', 'instanceById', '', 'a'],
    ['GET', '/eureka/v2/vips/a%2Cb', 'vip', '', 'a,b'],
    ['GET', '/eureka/v2/svips/a', 'svip', '', 'a'],
    ['GET', '/eureka/v2/status', 'status', '', ''],
    ['GET', '/eureka/serverinfo/statusoverrides', 'overrides', '', ''],
    ['POST', '/eureka/v2/peerreplication/batch/', 'replication', '', ''],
  ])('%s %s on the Netflix server is %s', (method, path, ...[route, app, name]) => {
    expect(routeOf(method, path, 'netflix')).toEqual({ route, app, name })
  })

  it.each([
    ['GET', '/eureka/apps', 'spring', { route: 'apps' }],
    ['GET', '/eureka/v2/apps', 'spring', { route: 'apps' }],
    ['GET', '/eureka/v1/apps', 'spring', { refusal: 404 }],
    ['GET', '/eureka/serverinfo/statusoverrides', 'spring', { refusal: 404 }],
    ['PUT', '/eureka/apps/A/a%2Fb', 'spring', { refusal: 400 }],
    ['PATCH', '/eureka/v2/apps/A', 'netflix', { refusal: 405 }],
    ['GET', '/eureka/v2/apps/A/a/status', 'netflix', { refusal: 405 }],
    ['GET', '/eureka/v2/apps/A/a/constructor', 'netflix', { refusal: 404 }],
    ['GET', '/eureka/v2/constructor/a', 'netflix', { refusal: 404 }],
    ['GET', '/eureka/v2/apps/%', 'netflix', { refusal: 400 }],
    ['GET', '/', 'netflix', { refusal: 404 }],
  ] as const)('%s %s, %s: %o', (method, path, flavour, expected) => {
    expect(routeOf(method, path, flavour)).toMatchObject(expected)
  })
})

describe('the form of an answer', () => {
  it.each([
    ['apps', undefined, 'xml'],
    ['apps', '*/*', 'xml'],
    ['apps', 'application/json', 'json'],
    ['apps', 'application/xml, application/json;q=0.1', 'json'],
    ['apps', 'text/html', undefined],
    ['apps', 'text/json', undefined],
    ['instance', 'application/xml, application/json;q=0.1', 'xml'],
    ['instance', 'application/json', 'json'],
    ['instance', '*/*', 'xml'],
  ] as const)('of %s to Accept %s is %s', (route, accept, expected) => {
    expect(formatOf(route, accept)).toBe(expected)
  })

  it.each([
    ['apps', 'netflix', undefined, true],
    ['apps', 'netflix', 'gzip;q=0', true],
    ['instance', 'netflix', 'identity', undefined],
    ['vip', 'netflix', 'identity', false],
    ['apps', 'spring', undefined, false],
    ['delta', 'spring', 'br, gzip', true],
    ['app', 'spring', 'gzip', false],
  ] as const)('of %s on %s to Accept-Encoding %s is compressed: %s', (route, flavour, encoding, expected) => {
    expect(isCompressed(route, flavour, encoding)).toBe(expected)
  })
})

describe('the hash of a list', () => {
  it.each([
    [[], ''],
    [['UP'], 'UP_1_'],
    [['UP', 'DOWN', 'UP', 'OUT_OF_SERVICE'], 'DOWN_1_OUT_OF_SERVICE_1_UP_2_'],
  ] as const)('of %o is %s', (statuses, expected) => {
    expect(appsHash(statuses)).toBe(expected)
  })
})

describe('the pages', () => {
  const key: PageKey = { entity: 'vip', name: 'users', format: 'json', accept: 'full' }

  it('are made anew after a change or their time', () => {
    const cache = new ResponseCache({ expiryMs: 100, hasCopies: false })
    let loads = 0
    const read = (now: number, of = key): string | undefined =>
      cache.get(of, now, () => ({ body: String(++loads) })).body

    expect([read(0), read(99), read(100)]).toEqual(['1', '1', '2'])
    cache.invalidate('USERS', 'users', undefined)
    expect(read(101)).toBe('3')
    cache.invalidate('USERS', 'orders', 'users')
    expect(read(102)).toBe('3')
  })

  it('of a VIP in compact form live through changes', () => {
    const cache = new ResponseCache({ expiryMs: 100, hasCopies: false })
    let loads = 0
    const read = (): string | undefined =>
      cache.get({ ...key, accept: 'compact' }, 0, () => ({ body: String(++loads) })).body
    read()

    cache.invalidate('USERS', 'users', 'users')

    expect(read()).toBe('1')
  })

  it('that clients read are copies, as old as the last copying', () => {
    const cache = new ResponseCache({ expiryMs: 100, hasCopies: true })
    let body = 'old'
    const load = (): { body: string } => ({ body })
    cache.get(key, 0, load)
    body = 'new'
    cache.invalidate('USERS', 'users', undefined)

    expect(cache.get(key, 1, load).body).toBe('old')
    cache.copy(2, load)
    expect(cache.get(key, 3, load).body).toBe('new')
  })
})

it('XML has attributes, repeated elements and the old spelling', () => {
  const content = {
    name: 'A&B',
    instance: [{ port: { $: 80, '@enabled': 'true' }, overriddenStatus: 'UP', metadata: { '@class': 'x' } }],
  }

  expect(toXml('application', content)).toBe(
    [
      '<application>',
      '  <name>A&amp;B</name>',
      '  <instance>',
      '    <port enabled="true">80</port>',
      '    <overriddenstatus>UP</overriddenstatus>',
      '    <metadata class="x"/>',
      '  </instance>',
      '</application>',
    ].join('\n'),
  )
})
