import { expect, test } from 'vitest'
import { parseHttpDate } from './http-date.js'
import { retryAfterOf, retryHintOf } from './retry-after.js'

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0)
const HOUR = 3_600_000

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
  ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
  ['Sat Nov 21 12:00:30 2026', 30_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['86400', HOUR],
  ['9'.repeat(64), HOUR],
  ['5'.padStart(20, '0'), 5_000],
  ['Tue, 21 Nov 2996 12:00:30 GMT', HOUR],
])('%j means %d ms', (value, expected) => {
  expect(retryAfterOf(value, NOW, HOUR)).toBe(expected)
})

test.each(['', '-1', '1.5', '1e3', '0x10', 'soon', '9'.repeat(65), 'Sat, 31 Feb 2026 12:00:00 GMT', '٣'])(
  '%j means nothing',
  (value) => {
    expect(retryAfterOf(value, NOW, HOUR)).toBeUndefined()
  },
)

test('pushback of gRPC comes first; negative or unreadable, it forbids another try', () => {
  const hint = (pushback: string | string[]): unknown =>
    retryHintOf({ 'grpc-retry-pushback-ms': pushback, 'retry-after': '1' }, NOW, HOUR)

  expect(hint('250')).toBe(250)
  expect(hint(' 250 ')).toBe(250)
  expect(hint(['0', '9'])).toBe(0)
  expect(hint('99999999999999999999')).toBe(HOUR)
  expect(hint('-1')).toBe('never')
  expect(hint('soon')).toBe('never')
})

test('an answer that says nothing gives no hint', () => {
  expect(retryHintOf({}, NOW, HOUR)).toBeUndefined()
  expect(retryHintOf({ 'retry-after': [] }, NOW, HOUR)).toBeUndefined()
  expect(retryHintOf({ 'retry-after': 'whenever' }, NOW, HOUR)).toBeUndefined()
  expect(retryHintOf({ 'retry-after': ['2', '3'] }, NOW, HOUR)).toBe(2_000)
})

test.each([
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777_000],
  ['Sun Nov  6 08:49:37 1994', 784_111_777_000],
  ['Tue, 29 Feb 2000 23:59:59 GMT', 951_868_799_000],
  ['Sat, 31 Dec 2016 23:59:60 GMT', 1_483_228_800_000],
  ['Thu, 29 Feb 1900 00:00:00 GMT', undefined],
  ['Wed, 21 Oct 2015 24:00:00 GMT', undefined],
  ['Wed, 21 Oct 2015 00:60:00 GMT', undefined],
  ['Wed, 21 Oct 2015 00:00:61 GMT', undefined],
  ['Wed, 00 Oct 2015 00:00:00 GMT', undefined],
  ['Wed, 31 Apr 2015 00:00:00 GMT', undefined],
  ['Wed, 21 Okt 2015 00:00:00 GMT', undefined],
  ['Wed, 21 Oct 2015 00:00:00 CET', undefined],
  ['xSun, 06 Nov 1994 08:49:37 GMT', undefined],
  ['Sun, 06 Nov 1994 08:49:37 GMT+1', undefined],
  ['xSunday, 06-Nov-94 08:49:37 GMT', undefined],
  ['Sunday, 06-Nov-94 08:49:37 GMT+1', undefined],
  ['xSun Nov  6 08:49:37 1994', undefined],
  ['Sun Nov  6 08:49:37 19945', undefined],
  [`${'W'.repeat(50)}`, undefined],
])('the date %j is %s', (text, expected) => {
  expect(parseHttpDate(text, NOW)).toBe(expected)
})

test('a year of two digits is at most fifty years ahead', () => {
  expect(parseHttpDate('Sunday, 06-Nov-76 08:49:37 GMT', NOW)).toBe(Date.UTC(2076, 10, 6, 8, 49, 37))
  expect(parseHttpDate('Sunday, 06-Nov-77 08:49:37 GMT', NOW)).toBe(Date.UTC(1977, 10, 6, 8, 49, 37))
})
