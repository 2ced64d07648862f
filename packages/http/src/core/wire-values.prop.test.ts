import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEADLINE_HEADER, formatDeadline, parseDeadline } from './deadline-header.js'
import { parseHttpDate } from './http-date.js'
import { redactUrl } from './redaction.js'
import { headerOf, isFieldName, withHeader } from './request-headers.js'
import { retryHintOf } from './retry-after.js'
import { instanceOrigin, serviceNameOf } from './service-host.js'

const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[a-z0-9.:@/\\#?%[\]_-]{0,20}$/),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.domain(),
)

test('S3: an origin leads to the host and port that it was made of, and nowhere else', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 65_535 }), fc.boolean(), (host, port, secure) => {
      const origin = instanceOrigin(host, port, secure)
      if (origin === undefined) return
      const url = new URL(`${origin}/path`)
      expect(url).toMatchObject({ username: '', password: '', pathname: '/path', search: '', hash: '' })
      expect(Number(url.port === '' ? (secure ? 443 : 80) : url.port)).toBe(port)
      if (!host.includes(':')) expect(url.hostname).toBe(host.toLowerCase())
      else expect(url.hostname.startsWith('[')).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('S3: a service name is the host of the URL that is made of it', () => {
  fc.assert(
    fc.property(hostile, (host) => {
      const name = serviceNameOf(host)
      if (name === undefined) return
      expect(new URL(`http://${host}/a`).hostname).toBe(name)
      expect(serviceNameOf(name)).toBe(name)
    }),
    { numRuns: 1_000 },
  )
})

test('S6: no credentials and no query are shown of a URL', () => {
  const secret = fc.stringMatching(/^[a-z]{4,8}$/).map((text) => `canary${text}`)
  fc.assert(
    fc.property(
      secret,
      fc.webPath(),
      fc.constantFrom('http', 'https', 'ws', 'foo'),
      (canary, path, scheme) => {
        const shown = redactUrl(`${scheme}://${canary}:${canary}@host:81${path}?a=${canary}#${canary}`)
        expect(shown).not.toContain('canary')
        expect(shown.startsWith(`${scheme}://host:81`)).toBe(true)
      },
    ),
  )
})

test('S5: what passes as the name of a header is one to the platform, and nothing else is', () => {
  const name = fc.oneof(
    hostile,
    fc.string({ unit: fc.constantFrom(...'aZ0-_~!#', ' ', ':', '\r', '\u00e9') }),
  )
  fc.assert(
    fc.property(name, (text) => {
      const takes = (): Headers => new Headers([[text, 'value']])
      if (isFieldName(text)) expect([...takes().keys()]).toEqual([text.toLowerCase()])
      else expect(takes).toThrow(TypeError)
    }),
  )
})

test('R6: a hint is never longer than allowed, whatever the server says', () => {
  const value = fc.oneof(
    hostile,
    fc.stringMatching(/^-?\d{0,70}$/),
    fc.date({ noInvalidDate: true }).map((at) => at.toUTCString()),
  )
  const key = fc.constantFrom('retry-after', 'grpc-retry-pushback-ms')
  fc.assert(
    fc.property(key, value, fc.nat(), (name, text, maxMs) => {
      const hint = retryHintOf({ [name]: text }, Date.UTC(2026, 0), maxMs)
      if (typeof hint === 'number') expect(hint >= 0 && hint <= maxMs).toBe(true)
    }),
  )
})

test('R6: every date of HTTP is read as the platform reads it', () => {
  const date = fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(date, (at) => {
      expect(parseHttpDate(at.toUTCString(), 0)).toBe(Math.floor(at.getTime() / 1_000) * 1_000)
    }),
  )
})

test('a deadline read is the deadline written, never shorter, and longer by one unit at most', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 31 - 1, noNaN: true }), (leftMs) => {
      for (const header of [DEADLINE_HEADER, 'grpc-timeout']) {
        const read = parseDeadline(header, formatDeadline(header, leftMs)) as number
        expect(read).toBeGreaterThanOrEqual(Math.floor(leftMs))
        expect(read - leftMs).toBeLessThanOrEqual(
          header === 'grpc-timeout' && leftMs > 99_999_998 ? 1_000 : 1,
        )
      }
    }),
  )
})

test('a stranger cannot make a deadline that is negative, endless or no number', () => {
  const header = fc.constantFrom(DEADLINE_HEADER, 'grpc-timeout', 'x-envoy-expected-rq-timeout-ms')
  fc.assert(
    fc.property(header, fc.oneof(hostile, fc.stringMatching(/^[0-9]{0,20}[HMSmun]?$/)), (name, text) => {
      const ms = parseDeadline(name, text)
      if (ms !== undefined) expect(ms >= 0 && ms <= 2 ** 31 - 1).toBe(true)
    }),
  )
})

test('S5: a header that was set is read back, and the others stay', () => {
  const name = fc.stringMatching(/^[a-z-]{1,8}$/)
  const value = fc.stringMatching(/^[a-z]{0,4}$/)
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), name, value, (given, key, set) => {
      const flat = Object.entries(given).flat()
      for (const headers of [given, flat, new Map(Object.entries(given))]) {
        const changed = withHeader(headers, key, set)
        expect(headerOf(changed, key)).toBe(set)
        for (const [other, kept] of Object.entries(given)) {
          if (other !== key) expect(headerOf(changed, other)).toBe(kept)
        }
      }
    }),
  )
})
