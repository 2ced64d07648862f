import { describe, expect, it } from 'vitest'
import {
  isJsonObject,
  ownValue,
  readBoolean,
  readHttpUrl,
  readInteger,
  readStamp,
  readText,
} from './read-values.js'

const long = (length: number): string => 'x'.repeat(length)

describe('a text', () => {
  it.each(['a', ' ', 'ü😀', long(9)])('is %j', (text) => {
    expect(readText(text, 9)).toBe(text)
  })

  it.each([
    '',
    long(10),
    'a\nb',
    '\u0000',
    'a\u007f',
    '\u0085',
    '\u2028',
    '\u2029b',
    '\ud800',
    5,
    null,
    ['a'],
  ])('is not %j', (value) => {
    expect(readText(value, 9)).toBeUndefined()
  })
})

describe('a whole number', () => {
  it.each([
    [12, 12],
    [-12, -12],
    ['12', 12],
    ['-12', -12],
    ['007', 7],
    ['1234567890123456', 1_234_567_890_123_456],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [-0, 0],
    ['-0', 0],
  ])('is %j', (value, number) => {
    expect(readInteger(value)).toBe(number)
  })

  it.each([
    '',
    '-',
    '1.5',
    '1e3',
    ' 1',
    '1 ',
    '0x1',
    '+1',
    '00000000000000001',
    1.5,
    NaN,
    Infinity,
    2 ** 53,
    true,
    null,
    ['1'],
  ])('is not %j', (value) => {
    expect(readInteger(value)).toBeUndefined()
  })
})

it('a stamp is no number before 1970, and none after the last date', () => {
  expect([0, '7', 8.64e15, 8.64e15 + 1, -1, '-1', 'x', undefined].map(readStamp)).toEqual([
    0,
    7,
    8.64e15,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

it('a switch may be a word', () => {
  expect([true, false, 'TRUE', 'False'].map(readBoolean)).toEqual([true, false, true, false])
  expect(['', 'yes', 'true ', 'falsey', 1, 0, null].map(readBoolean)).not.toContainEqual(expect.any(Boolean))
})

describe('a URL', () => {
  const ofLength = (length: number): string => `http://${long(length - 7)}`

  it.each(['http://a', 'HTTPS://a/b?c#d', ofLength(2_048)])('is %s', (url) => {
    expect(readHttpUrl(url)).toBe(url)
  })

  it.each([
    'http://',
    'http:/a',
    'xhttp://a',
    'httpx://a',
    'ftp://a',
    'http://a b',
    'http://a\n',
    ofLength(2_049),
    7,
  ])('is not %s', (url) => {
    expect(readHttpUrl(url)).toBeUndefined()
  })
})

it('an object is no list, and has what it has itself only', () => {
  expect([{}, Object.create(null), [], null, 'a', undefined].map(isJsonObject)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
  expect([ownValue({ a: 1 }, 'a'), ownValue({}, 'toString')]).toEqual([1, undefined])
})
