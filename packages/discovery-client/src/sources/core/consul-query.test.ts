import { describe, expect, test } from 'vitest'
import { ageOf, isServiceName, longestAnswerMs, nextIndex, NO_INDEX, queryPath } from './consul-query.js'

describe('the index of the next query', () => {
  test.each<[number, string | undefined, number | undefined]>([
    [0, '7', 7],
    [7, '7', 7],
    [7, '8', 8],
    [7, '6', NO_INDEX],
    [0, '0', 1],
    [5, '0', NO_INDEX],
    [0, '9007199254740991', 9_007_199_254_740_991],
    [0, '9007199254740993', undefined],
    [0, undefined, undefined],
    [0, '', undefined],
    [0, '-1', undefined],
    [0, '0x10', undefined],
    [0, '7, 7', undefined],
  ])('after %j and an answer with %j is %j', (current, answered, next) => {
    expect(nextIndex(current, answered)).toBe(next)
  })
})

test.each<[string | undefined, string | undefined, number | undefined]>([
  ['true', '250', 250],
  ['true', '0', 0],
  [undefined, undefined, 0],
  ['true', 'long', 0],
  ['true', '-5', 0],
  ['true', '250 ms', 0],
  ['false', '0', undefined],
  ['false', '9', undefined],
])('an answer with a known leader %j, last heard of %j ms ago, is %j ms old', (leader, contact, age) => {
  expect(ageOf(leader, contact)).toBe(age)
})

test('an answer takes as long as its query waits, and a sixteenth more', () => {
  expect([longestAnswerMs(NO_INDEX, 60_000), longestAnswerMs(1, 60_000)]).toEqual([0, 63_750])
})

test.each<[string, boolean]>([
  ['users', true],
  ['a b/c', true],
  ['..', false],
  ['.', false],
  ['', false],
  ['x'.repeat(255), true],
  ['x'.repeat(256), false],
  ['a\u0000', false],
  ['\udc00', false],
])('whether %j can be the name of a service: %j', (name, can) => {
  expect(isServiceName(name)).toBe(can)
})

test('a query that asks for nothing in particular has no parameters', () => {
  const query = {
    passing: false,
    datacenter: undefined,
    tags: [],
    filter: undefined,
    consistency: 'default',
    waitMs: 60_000,
  } as const

  expect(queryPath('a b', query, NO_INDEX)).toBe('v1/health/service/a%20b')
  expect(queryPath('users', query, 7)).toBe('v1/health/service/users?index=7&wait=60000ms')
})
