import { describe, expect, it } from 'vitest'
import { readDataCenter, readLease, readPort, readStatus, readTexts } from './read-parts.js'

const LIMITS = { maxInstances: 1, maxMetadataEntries: 3, maxMetadataChars: 4 }

it('a status may be in any case; what is none is unknown, and what is not there is as told', () => {
  expect(['UP', 'out_of_service', 'Down'].map((value) => readStatus(value, 'STARTING'))).toEqual([
    'UP',
    'OUT_OF_SERVICE',
    'DOWN',
  ])
  expect(['', 'UPPER', 5, {}, 'x'.repeat(20)].map((value) => readStatus(value, 'UP'))).toEqual(
    Array.from({ length: 5 }, () => 'UNKNOWN'),
  )
  expect([undefined, null].map((value) => readStatus(value, 'STARTING'))).toEqual(['STARTING', 'STARTING'])
})

describe('a port', () => {
  it.each<[unknown, boolean, number, boolean]>([
    [undefined, true, 0, false],
    [null, true, 0, false],
    [80, true, 80, true],
    [80, false, 80, false],
    ['80', true, 80, true],
    [{ $: 65_535, '@enabled': 'true' }, false, 65_535, true],
    [{ $: 0, '@enabled': false }, true, 0, false],
    [{ $: '7' }, false, 7, false],
    [{ $: -1, '@enabled': 'false' }, true, 0, false],
    [{ $: 65_536, '@enabled': false }, true, 0, false],
    [{ '@enabled': 'false' }, true, 0, false],
  ])('of %j, open unless told: %s', (value, enabledByDefault, number, enabled) => {
    expect(readPort(value, enabledByDefault)).toEqual({ number, enabled })
  })

  it.each([{ $: -1 }, { $: 65_536 }, { $: 'x', '@enabled': true }, {}, 'x', [80]])(
    'is not to be had from %j, if it is open',
    (value) => {
      expect(readPort(value, true)).toBeUndefined()
    },
  )
})

describe('a lease', () => {
  it('is read with its stamps', () => {
    const lease = {
      renewalIntervalInSecs: 5,
      durationInSecs: '7',
      registrationTimestamp: 1,
      lastRenewalTimestamp: 2,
      renewalTimestamp: 9,
      evictionTimestamp: 3,
      serviceUpTimestamp: 4,
    }

    expect(readLease(lease)).toEqual({
      renewalIntervalMs: 5_000,
      durationMs: 7_000,
      registrationTimestamp: 1,
      lastRenewalTimestamp: 2,
      evictionTimestamp: 3,
      serviceUpTimestamp: 4,
    })
    expect(readLease({ renewalTimestamp: 9 })).toEqual({
      renewalIntervalMs: 30_000,
      durationMs: 90_000,
      lastRenewalTimestamp: 9,
    })
  })

  it.each([
    [0, 90_000],
    [-1, 90_000],
    [1, 1_000],
    [2 ** 31 - 1, (2 ** 31 - 1) * 1_000],
    [2 ** 31, 90_000],
  ])('of %i seconds lasts %i ms', (durationInSecs, durationMs) => {
    expect(readLease({ durationInSecs })?.durationMs).toBe(durationMs)
  })

  it('is not there without an object', () => {
    expect([undefined, 5, []].map(readLease)).toEqual([undefined, undefined, undefined])
  })
})

it('where it runs is one of three places, with texts of one of them', () => {
  const metadata = { a: 'b' }

  expect(
    [
      { name: 'Amazon', metadata },
      { name: 'Amazon' },
      { name: 'Netflix', metadata },
      { name: 'Azure' },
      5,
    ].map((value) => readDataCenter(value, LIMITS)),
  ).toEqual([
    { name: 'Amazon', metadata },
    { name: 'Amazon', metadata: {} },
    { name: 'Netflix' },
    { name: 'MyOwn' },
    { name: 'MyOwn' },
  ])
})

describe('texts by name', () => {
  it.each<[string, unknown, Record<string, string>, number]>([
    ['are taken as they are', { a: 'b', c: '' }, { a: 'b', c: '' }, 0],
    ['may be numbers and switches', { a: 1, b: false }, { a: '1', b: 'false' }, 0],
    ['may be of any characters', { a: '\n\u0000' }, { a: '\n\u0000' }, 0],
    ['may be as long as they may', { abcd: 'efgh' }, { abcd: 'efgh' }, 0],
    ['are left out where they are longer', { a: '1', b: 'abcde', abcde: 'b' }, { a: '1' }, 2],
    ['are left out where they are something else', { a: {}, b: null, 'c\n': '1', '': '1' }, {}, 4],
    [
      'are left out where they are too many',
      { a: '1', b: '2', c: '3', d: '4' },
      { a: '1', b: '2', c: '3' },
      1,
    ],
    [
      'are those that were kept where others were not',
      { x: {}, a: '1', b: '2', c: '3' },
      { a: '1', b: '2', c: '3' },
      1,
    ],
    ['are not what Jackson writes beside', { '@class': 'java.util.Map', a: '1' }, { a: '1' }, 0],
    ['are none of nothing', null, {}, 0],
    ['are none of what is not there', undefined, {}, 0],
    ['are none of a text', 'a', {}, 1],
    ['are none of a list', ['a'], {}, 1],
  ])('%s', (_, value, texts, omitted) => {
    const read = readTexts(value, LIMITS)

    expect(read).toEqual({ texts, omitted })
    expect(Object.getPrototypeOf(read.texts)).toBeNull()
  })
})
