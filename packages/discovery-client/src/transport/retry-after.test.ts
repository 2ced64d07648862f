import { expect, test } from 'vitest'
import { waitOf } from './retry-after.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

test.each([
  ['0', 0],
  ['7', 7_000],
  ['999999999', HOUR_MS],
  ['Thu, 01 Jan 1970 00:01:05 GMT', 5_000],
  ['Thu, 01 Jan 1970 00:00:05 GMT', 0],
  ['Thu, 01 Jan 1970 09:00:00 GMT', HOUR_MS],
])('a wait may be given in seconds or as a date, and is an hour at most: %s', (text, ms) => {
  expect(waitOf(text, MINUTE_MS)).toBe(ms)
})

test.each([
  undefined,
  '',
  '-1',
  '7.5',
  'in a minute',
  'Thu, 01 Foo 1970 00:01:05 GMT',
  '1970-01-01T00:01:05Z',
])('anything else is no wait: %s', (text) => {
  expect(waitOf(text, MINUTE_MS)).toBeUndefined()
})
