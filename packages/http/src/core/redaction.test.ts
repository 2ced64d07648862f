import { expect, test } from 'vitest'
import { readUrl, redactToOrigin, redactUrl, refuseCredentials, withoutInput } from './redaction.js'

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

test('a text that is no URL is refused without being shown (S6)', () => {
  expect(readUrl('http://users/a').href).toBe('http://users/a')
  expect(() => readUrl('canary canary')).toThrow(new TypeError('Invalid URL'))
})

test.each([
  'http://canary@users/a?canary',
  'http://:canary@users/a?canary',
  new URL('http://canary:canary@users/a'),
])('credentials in %s are refused without being shown (S6)', (url) => {
  const refused = 'Request cannot be constructed from a URL that includes credentials: http://users/a'

  expect(() => {
    refuseCredentials(url)
  }).toThrow(new TypeError(refused))
})

test('what may hold credentials and cannot be read is refused without being shown (S6)', () => {
  expect(() => {
    refuseCredentials('http://canary@ users')
  }).toThrow(new TypeError('Failed to parse URL'))
})

test.each(['http://users/a', 'http://users/a@b', new URL('http://users/a@b'), 'no URL', undefined, {}])(
  '%s holds no credentials',
  (url) => {
    expect(() => {
      refuseCredentials(url)
    }).not.toThrow()
  },
)

test('what the platform says of a URL is told without the URL, everything else as it is (S6)', () => {
  const aboutUrl = Object.assign(new TypeError('canary is no URL'), { input: 'canary' })
  const others = [new TypeError('other'), { input: 'a' }, 'text', undefined]

  expect(withoutInput(aboutUrl)).toEqual(new TypeError('Invalid URL'))
  expect(JSON.stringify(withoutInput(aboutUrl))).not.toContain('canary')
  expect(others.map(withoutInput)).toEqual(others)
})

test.each([
  ['Failed to parse URL from http://canary', 'Failed to parse URL'],
  ['Headers.append: "canary" is an invalid header value.', 'invalid header value'],
])('of "%s" the value is not told (S6)', (said, told) => {
  expect(withoutInput(new TypeError(said))).toEqual(new TypeError(told))
})
