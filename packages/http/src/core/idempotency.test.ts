import { expect, test } from 'vitest'
import { IDEMPOTENCY_KEY, isIdempotent } from './idempotency.js'

test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'QUERY'])('%s may be done twice', (method) => {
  expect(isIdempotent(method, undefined, false)).toBe(true)
})

test.each(['POST', 'PATCH', 'CONNECT', 'get', 'LOCK', ''])('%j may not', (method) => {
  expect(isIdempotent(method, undefined, false)).toBe(false)
})

test('a key makes any method repeatable, under the name of its draft', () => {
  expect(IDEMPOTENCY_KEY).toBe('idempotency-key')
  expect(isIdempotent('POST', undefined, true)).toBe(true)
})

test('what was declared outweighs method and key', () => {
  expect(isIdempotent('POST', true, false)).toBe(true)
  expect(isIdempotent('GET', false, true)).toBe(false)
})
