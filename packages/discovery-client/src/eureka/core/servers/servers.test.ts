import { seededRandom } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { namesInTxt, regionRecord, zoneOfDomain, zoneRecords } from './dns-names.js'
import { orderServers } from './order.js'
import { judgeRedirect } from './redirect.js'
import type { RedirectQuestion } from './redirect.js'

describe('the order of servers', () => {
  const servers = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((base) => ({ base, zone: base.slice(0, 1) }))
  const orders = Array.from({ length: 200 }, (_, seed) =>
    orderServers(servers, 'b', seededRandom(seed)).map(({ base }) => base),
  )

  test('begins with those of the own zone', () => {
    for (const order of orders) {
      expect(order.slice(0, 2).toSorted()).toEqual(['b1', 'b2'])
      expect(order.slice(2).toSorted()).toEqual(['a1', 'a2', 'a3', 'c1'])
    }
  })

  test('is by chance within a zone and within the rest', () => {
    expect(new Set(orders.map(([first]) => first)).size).toBe(2)
    expect(new Set(orders.map((order) => order[2])).size).toBe(4)
  })

  test('has each server once', () => {
    expect(orderServers([...servers, ...servers], undefined, seededRandom(1))).toHaveLength(6)
  })
})

describe('servers in DNS', () => {
  test('have records named as in Java', () => {
    expect(regionRecord('us-east-1', 'example.com')).toBe('txt.us-east-1.example.com')
    expect(zoneRecords('us-east-1c.example.com')).toEqual([
      'txt.us-east-1c.example.com',
      'us-east-1c.example.com',
    ])
    expect(zoneOfDomain('us-east-1c.example.com')).toBe('us-east-1c')
  })

  test.each<[string, string[][]]>([
    ['several strings in one record', [['a.example', 'b.example']]],
    ['one string with blanks', [['a.example  b.example']]],
    ['one string with blanks in quotes', [['"a.example b.example"']]],
    ['several records', [['a.example'], ['b.example']]],
    ['commas, dots at the end, upper case, the same twice', [['A.example.,b.example'], ['a.example']]],
  ])('are read from %s', (_form, records) => {
    expect(namesInTxt(records)).toEqual(['a.example', 'b.example'])
  })

  test('are read from a text that the name server had to cut', () => {
    const names = Array.from({ length: 20 }, (_, index) => `eureka-${String(index)}.example.com`)
    const text = names.join(' ')

    expect(namesInTxt([[text.slice(0, 255), text.slice(255)]])).toEqual(names)
  })

  test('leave out what is no host name', () => {
    expect(namesInTxt([['v=spf1', 'a/b', 'x@evil', '-a', 'ok.example', '..']])).toEqual(['ok.example'])
  })
})

describe('a redirect', () => {
  const question: RedirectQuestion = {
    from: 'http://a:8761/eureka/v2/apps/delta',
    path: 'apps/delta?regions=x',
    location: 'http://b:8761/eureka/v2/apps/delta',
    known: new Set(['http://a:8761', 'http://b:8761']),
    policy: 'known',
    visited: new Set(['http://a:8761/eureka/v2/apps/delta']),
    maxHops: 10,
  }

  test('leads to the base of the peer, also one with another path or a relative one', () => {
    expect(judgeRedirect(question)).toMatchObject({ kind: 'follow', basePath: '/eureka/v2/' })
    expect(judgeRedirect({ ...question, location: '/other/apps/delta?regions=x' })).toMatchObject({
      kind: 'follow',
      basePath: '/other/',
      url: new URL('http://a:8761/other/apps/delta?regions=x'),
    })
    expect(judgeRedirect({ ...question, path: 'apps/', location: '/eureka/apps' })).toMatchObject({
      basePath: '/eureka/',
    })
  })

  test.each<[string, Partial<RedirectQuestion>]>([
    ['without a target', { location: undefined }],
    ['to what is no URL', { location: 'http://[' }],
    ['to another scheme', { location: 'file:///apps/delta' }],
    ['to a host that is not in the list', { location: 'http://evil/apps/delta' }],
    ['to a login page', { location: 'http://b:8761/login?then=/apps/delta' }],
    ['with credentials', { location: 'http://u:p@b:8761/apps/delta' }],
    ['to what has redirected already', { location: 'http://a:8761/eureka/v2/apps/delta' }],
    ['past the last hop', { visited: new Set(Array.from({ length: 11 }, (_, hop) => String(hop))) }],
    ['when they are switched off', { policy: 'none' }],
    [
      'from TLS to plain text',
      { from: 'https://a/apps/delta', policy: 'any', location: 'http://a/apps/delta' },
    ],
  ])('%s is refused', (_what, part) => {
    expect(judgeRedirect({ ...question, ...part }).kind).toBe('refuse')
  })

  test('may lead anywhere when the user says so', () => {
    expect(judgeRedirect({ ...question, policy: 'any', location: 'https://peer/apps/delta' }).kind).toBe(
      'follow',
    )
  })
})
