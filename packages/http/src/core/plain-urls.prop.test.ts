import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PlainUrls } from './plain-urls.js'

const host = fc.oneof(
  fc.domain(),
  fc.ipV4Extended(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.stringMatching(/^[A-Za-z0-9.:@%?#\\_-]{0,12}$/),
)
const path = fc.oneof(fc.webPath(), fc.stringMatching(/^[/a.%2eE?#'\\ ~é|^[\]{}\t\n]{0,12}$/))
const url = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string(),
  fc
    .tuple(fc.constantFrom('http://', 'https://', 'HTTP://', 'http:', 'ftp://', ' http://'), host, path)
    .map((parts) => parts.join('')),
)

test('S3: a URL that is not parsed leads where its parser would lead', () => {
  const urls = new PlainUrls()
  fc.assert(
    fc.property(url, (text) => {
      const plain = urls.read(text)
      if (plain === undefined) return
      const { origin, pathname, search, protocol, hash } = new URL(text)
      expect(plain).toEqual({ origin, path: `${pathname}${search}` })
      expect([protocol === 'http:' || protocol === 'https:', hash]).toEqual([true, ''])
    }),
    { numRuns: 2_000 },
  )
})

test('the URLs that services are called by are not parsed', () => {
  const urls = new PlainUrls()
  const paths = ['/', '/users/42', '/users//42?full=yes&of=a%20b', '/v1.2/a-b_c~d/x%41', '/a@b:c,d;e=f']

  for (const origin of [
    'http://users',
    'https://users.internal:8443',
    'http://127.0.0.1:8080',
    'http://[::1]:80',
  ])
    for (const path of paths)
      expect(urls.read(`${origin}${path}`)).toEqual(origin.endsWith(':80') ? undefined : { origin, path })
})

test('what only holds the name of a scheme is not one of HTTP', () => {
  const urls = new PlainUrls()

  expect([urls.read('ws://https:81/x'), urls.read('ftp://http:81/x')]).toEqual([undefined, undefined])
})

test('as many beginnings of URLs as there may be are remembered, each once, and no more', () => {
  const urls = new PlainUrls()
  const readAll = (count: number): void => {
    for (let nth = 0; nth < count; nth++) {
      expect(urls.read(`http://h${String(nth)}/x`)).toEqual({ origin: `http://h${String(nth)}`, path: '/x' })
      expect(urls.size).toBeLessThanOrEqual(1_000)
    }
  }

  readAll(1_000)
  readAll(1_000)

  expect(urls.size).toBe(1_000)

  readAll(3_000)
})
