import { describe, expect, test } from 'vitest'
import { headerOf, isFieldName, rereadable, withHeader } from './request-headers.js'
import type { RequestHeaders } from './request-headers.js'

const forms: readonly (readonly [string, () => RequestHeaders])[] = [
  ['an object', () => ({ 'X-Kind': 'a', Host: 'users' })],
  ['a flat list', () => ['X-Kind', 'a', 'Host', 'users']],
  ['a list of pairs', () => [['X-Kind', 'a'] as const, ['Host', 'users'] as const]],
  ['a Map', () => new Map([['X-Kind', 'a'] as const, ['Host', 'users'] as const])],
  ['Headers', () => new Headers({ 'X-Kind': 'a', Host: 'users' })],
]

describe.each(forms)('%s', (_form, make) => {
  test('is read by name, whatever the case', () => {
    expect(headerOf(make(), 'x-kind')).toBe('a')
    expect(headerOf(make(), 'host')).toBe('users')
    expect(headerOf(make(), 'kind')).toBeUndefined()
    expect(headerOf(make(), 'a')).toBeUndefined()
  })

  test('is changed in a copy, where the new value stands once', () => {
    const given = make()

    const changed = withHeader(withHeader(given, 'host', 'orders'), 'x-new', '1')

    expect(headerOf(changed, 'host')).toBe('orders')
    expect(headerOf(changed, 'x-new')).toBe('1')
    expect(headerOf(changed, 'x-kind')).toBe('a')
    expect(JSON.stringify(Array.isArray(changed) ? changed : Object.entries(changed!))).not.toContain('users')
    expect(headerOf(given, 'host')).toBe('users')
    expect(headerOf(given, 'x-new')).toBeUndefined()
  })
})

test.each(forms.slice(2))('%s becomes a flat list, which undici takes, when it is changed', (_form, make) => {
  const changed = withHeader(make(), 'x-new', '1') as string[]
  expect(changed.map((text) => text.toLowerCase()).sort()).toEqual([
    '1',
    'a',
    'host',
    'users',
    'x-kind',
    'x-new',
  ])
})

test('of an iterable a header may have several values', () => {
  expect(withHeader(new Map([['a', ['1', '2']]]), 'b', '3')).toEqual(['a', ['1', '2'], 'b', '3'])
})

test('what can be read once becomes what can be read again; all else stays', () => {
  expect(rereadable(new Map([['a', 'b']]).entries())).toEqual(['a', 'b'])
  for (const headers of [
    undefined,
    null,
    'next' as never,
    { next: 'a' },
    ['next', 'a'],
    new Headers({ next: 'a' }),
  ])
    expect(rereadable(headers)).toBe(headers)
})

test.each([null, undefined])('%s has no header and can get one', (none) => {
  expect(headerOf(none, 'host')).toBeUndefined()
  expect(withHeader(none, 'host', 'a')).toEqual({ host: 'a' })
})

test('an empty list is a flat one', () => {
  expect(headerOf([], 'host')).toBeUndefined()
  expect(withHeader([], 'host', 'a')).toEqual(['host', 'a'])
})

test('of several values the first is given', () => {
  expect(headerOf({ accept: ['a', 'b'] }, 'accept')).toBe('a')
  expect(headerOf(['accept', 'a', 'accept', 'b'], 'accept')).toBe('a')
  expect(headerOf({ accept: undefined, Accept: 'b' }, 'accept')).toBe('b')
  expect(headerOf({ Accept: 'a', accept: 'b' }, 'accept')).toBe('b')
})

test('names that are no texts are passed over', () => {
  const odd = [Buffer.from('a'), 'x', null, 'y', 'a', 'z'] as string[]

  expect(headerOf(odd, 'a')).toBe('z')
})

test('names that objects inherit are no headers', () => {
  expect(headerOf({}, 'constructor')).toBeUndefined()
})

test('names are tokens', () => {
  expect(isFieldName('x-Kind_1')).toBe(true)
  expect(isFieldName('x'.repeat(256))).toBe(true)
  for (const name of ['', 'a b', 'a:', 'a\r\n', 'caf\u00e9', 'x'.repeat(257)])
    expect(isFieldName(name)).toBe(false)
})
