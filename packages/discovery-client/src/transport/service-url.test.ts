import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ServiceUrl } from './service-url.js'

test.each([
  ['http://host:8761/eureka', 'http://host:8761/eureka/'],
  ['http://host:8761/eureka///', 'http://host:8761/eureka/'],
  ['http://host/', 'http://host/'],
  ['http://host', 'http://host/'],
  ['https://[::1]:8443/eureka/v2', 'https://[::1]:8443/eureka/v2/'],
])('%s has the base %s', (given, base) => {
  expect(ServiceUrl.parse(given, 'z')?.base).toBe(base)
})

test.each([
  'ftp://host/',
  'host:8761/eureka',
  'http://',
  'http://host/?a=b',
  'http://host/#a',
  'http://u:%zz@host/',
  '',
  42,
  undefined,
])('%s is no URL of a registry', (given) => {
  expect(ServiceUrl.parse(given, 'z')).toBeUndefined()
})

test('S6: credentials are kept where no log finds them', () => {
  const url = ServiceUrl.parse('http://user:p%40ss@host/', 'z')!

  expect(url.authorization()).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
  const texts = [
    String(url),
    JSON.stringify(url),
    inspect(url, { depth: 9, showHidden: true }),
    JSON.stringify({ ...url }),
  ]
  for (const text of texts) expect(text).not.toMatch(/p@ss|p%40ss|Basic|user/)
})
