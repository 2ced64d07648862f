import { expect, test } from 'vitest'
import { redactHeaders, redactToOrigin, redactUrl } from './redaction.js'

test.each([
  ['http://canary:canary@users/a/b?token=canary#canary', 'http://users/a/b'],
  ['https://canary@10.0.0.1:8443/', 'https://10.0.0.1:8443/'],
  ['http://[::1]:80/a', 'http://[::1]/a'],
  ['unix://canary@host/a?canary', 'unix://host/a'],
  ['canary canary', '[redacted]'],
  ['', '[redacted]'],
])('%s is shown as %s (S6)', (url, expected) => {
  expect(redactUrl(url)).toBe(expected)
})

test.each([
  ['http://canary:canary@users/a/b?token=canary', 'http://users'],
  ['unix://canary@host/canary', 'unix://host'],
  ['canary', '[redacted]'],
])('of %s the origin is %s (S6)', (url, expected) => {
  expect(redactToOrigin(url)).toBe(expected)
})

test('a URL object is read as its text is', () => {
  expect(redactUrl(new URL('http://canary@users/a?canary'))).toBe('http://users/a')
})

test('headers that may hold credentials lose their values; the others and the given object stay (S6)', () => {
  const given = {
    Authorization: 'canary',
    'proxy-authorization': 'canary',
    Cookie: 'canary',
    'set-cookie': ['canary'],
    'X-Api-Key': 'canary',
    'x-amz-security-token': 'canary',
    'x-client-secret': 'canary',
    accept: ['a', 'b'],
    'x-gone': undefined,
    'x-token': undefined,
  }

  const shown = redactHeaders(given)

  expect(JSON.stringify(shown)).not.toContain('canary')
  expect(shown).toMatchObject({ Authorization: '[redacted]', accept: ['a', 'b'] })
  expect(shown['x-token']).toBeUndefined()
  expect(given.Authorization).toBe('canary')
})

test('a header named __proto__ is a header', () => {
  const shown = redactHeaders(JSON.parse('{"__proto__":"x"}') as Record<string, string>)

  expect(Object.keys(shown)).toEqual(['__proto__'])
})
