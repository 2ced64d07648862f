import { describe, expect, it } from 'vitest'
import { formatOf, isCompressed } from './negotiate.js'
import { ResponseCache } from './response-cache.js'
import type { PageKey } from './response-cache.js'
import { routeOf } from './router.js'
import { toXml } from './xml.js'

describe('a route that no server knows', () => {
  it.each([
    ['GET', '/other/v2/apps', 'netflix', 404],
    ['GET', '/eureka/v2', 'netflix', 404],
    ['GET', '/eureka/v2/other', 'netflix', 404],
    ['GET', '/eureka/v2/apps/A/a/status/x', 'netflix', 404],
    ['PUT', '/eureka/v2/apps/A/a/status/x/y', 'netflix', 404],
    ['GET', '/eureka/v2/apps/A/a/other', 'netflix', 404],
    ['POST', '/eureka/v2/apps/delta', 'netflix', 405],
    ['POST', '/eureka/v2/apps', 'netflix', 405],
    ['POST', '/eureka/v2/peerreplication/other', 'netflix', 404],
    ['POST', '/eureka/v2/peerreplication/batch/x', 'netflix', 404],
    ['POST', '/eureka/v2/peerreplication', 'netflix', 404],
    ['GET', '/eureka/v2/peerreplication/batch', 'netflix', 405],
    ['POST', '/eureka/v2/other/batch', 'netflix', 404],
    ['GET', '/eureka/v2/status/x', 'netflix', 404],
    ['POST', '/eureka/v2/status', 'netflix', 405],
    ['GET', '/eureka/v2/instances', 'netflix', 404],
    ['GET', '/eureka/v2/vips/a/b', 'netflix', 404],
    ['POST', '/eureka/v2/vips/a', 'netflix', 405],
    ['POST', '/eureka/serverinfo/statusoverrides', 'netflix', 405],
    ['GET', '/eureka/serverinfo/other', 'netflix', 404],
    ['GET', '/eureka/apps/a%2fb', 'spring', 400],
    ['GET', '/eureka/apps/a%5Cb', 'spring', 400],
    ['toString', '/eureka/apps', 'spring', 405],
  ] as const)('%s %s, %s: %i', (method, path, flavour, refusal) => {
    expect(routeOf(method, path, flavour)).toEqual({ route: 'other', app: '', name: '', refusal })
  })
})

describe('the form of an answer', () => {
  it.each([
    ['apps', '', 'xml'],
    ['apps', ' ', 'xml'],
    ['delta', 'application/xml, text/json', 'json'],
    ['vip', 'application/xml, text/json', 'xml'],
    ['vip', 'application/*', 'xml'],
    ['vip', 'application/json;q=0', undefined],
    ['vip', 'application/json;q=0.5, application/xml;q=0.4', 'json'],
    ['vip', 'application/json;q=0.4, application/xml;q=0.5', 'xml'],
    ['vip', 'application/json, application/xml', 'json'],
    ['vip', 'application/json; charset=utf-8 ; Q=0.2, */*', 'xml'],
    ['vip', 'application/json; charset=utf-8; q=0.5, application/xml;q=0.4', 'json'],
    ['vip', 'application/json;q=0.2, */*;q=0.1', 'json'],
    ['vip', 'application/json;q=0.1, application/*;q=0.2', 'xml'],
    ['vip', ' APPLICATION/JSON ', 'json'],
    ['vip', 'application/xml', 'xml'],
  ] as const)('of %s to Accept %s is %s', (route, accept, format) => {
    expect(formatOf(route, accept)).toBe(format)
  })

  it.each([
    ['delta', 'netflix', undefined, true],
    ['app', 'netflix', undefined, true],
    ['instance', 'netflix', undefined, true],
    ['vip', 'netflix', undefined, false],
    ['vip', 'netflix', 'gzip', true],
    ['app', 'netflix', 'br', undefined],
    ['apps', 'spring', 'gzip', true],
    ['delta', 'spring', 'identity', false],
    ['instance', 'spring', 'gzip', false],
  ] as const)('of %s on %s to Accept-Encoding %s is compressed: %s', (route, flavour, encoding, is) => {
    expect(isCompressed(route, flavour, encoding)).toBe(is)
  })
})

describe('a change of an instance', () => {
  const entities = ['apps', 'delta', 'app', 'vip', 'svip'] as const
  const keys = entities.flatMap((entity) =>
    (['json', 'xml'] as const).flatMap((format) =>
      (['full', 'compact'] as const).map((accept): PageKey => {
        const name = { apps: '', delta: '', app: 'USERS', vip: 'vip', svip: 'safe' }[entity]
        return { entity, name, format, accept }
      }),
    ),
  )

  /** Which of the pages are made anew after it. */
  const anew = (app: string, vip?: string, secureVip?: string): string[] => {
    const cache = new ResponseCache({ expiryMs: 100, hasCopies: false })
    const read = (key: PageKey, body: string): string | undefined => cache.get(key, 0, () => ({ body })).body
    for (const key of keys) read(key, 'old')
    cache.invalidate(app, vip, secureVip)
    return keys
      .filter((key) => read(key, 'new') === 'new')
      .map(({ entity, format, accept }) => `${entity} ${format} ${accept}`)
  }
  const all = (entity: string): string[] =>
    ['json', 'xml'].flatMap((format) => ['full', 'compact'].map((accept) => `${entity} ${format} ${accept}`))

  it('concerns the whole lists, its application and its VIPs, but not in compact form', () => {
    expect(anew('USERS', 'vip', 'safe')).toEqual([
      ...['apps', 'delta', 'app'].flatMap(all),
      ...['vip json full', 'vip xml full', 'svip json full', 'svip xml full'],
    ])
  })

  it('concerns nothing of others', () => {
    expect(anew('ORDERS')).toEqual(['apps', 'delta'].flatMap(all))
    expect(anew('ORDERS', 'safe', 'vip')).toEqual(['apps', 'delta'].flatMap(all))
  })
})

it('copies are kept for each page apart', () => {
  const cache = new ResponseCache({ expiryMs: 0, hasCopies: true })
  const bodyOf = (name: string, body: string): string | undefined =>
    cache.get({ entity: 'app', name, format: 'json', accept: 'full' }, 0, () => ({ body })).body

  expect([bodyOf('A', 'a'), bodyOf('B', 'b'), bodyOf('A', 'c')]).toEqual(['a', 'b', 'a'])
})

describe('XML', () => {
  it('writes marks of its own as what they stand for, each time', () => {
    expect(toXml('a', { b: '<x & "y"> <&">', '@c': '"<&>' })).toBe(
      [
        '<a c="&quot;&lt;&amp;&gt;">',
        '  <b>&lt;x &amp; &quot;y&quot;&gt; &lt;&amp;&quot;&gt;</b>',
        '</a>',
      ].join('\n'),
    )
  })

  it('has no element for an empty list, nor for one in it', () => {
    expect(toXml('a', { b: [] })).toBe('<a/>')
    expect(toXml('a', {})).toBe('<a/>')
    expect(toXml('a', { b: [], c: [1, 2], d: null })).toBe(
      ['<a>', '  <c>1</c>', '  <c>2</c>', '  <d>null</d>', '</a>'].join('\n'),
    )
  })

  it('has each attribute apart', () => {
    expect(toXml('a', { '@b': 1, '@c': 2 })).toBe('<a b="1" c="2"/>')
  })

  it('has what stands beside attributes as text', () => {
    expect(toXml('a', { port: { '@enabled': 'false', $: 0 } })).toBe(
      ['<a>', '  <port enabled="false">0</port>', '</a>'].join('\n'),
    )
  })
})
