import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, rangeText } from './option-checks.js'

describe('rangeText', () => {
  it.each([
    [{}, ''],
    [{ min: 0, max: 5 }, ' from 0 to 5'],
    [{ min: 1 }, ' of at least 1'],
    [{ max: 5 }, ' of at most 5'],
    [{ min: Number.MIN_VALUE }, ' above 0'],
    [{ min: Number.MIN_VALUE, max: 100 }, ' above 0, at most 100'],
  ])('puts %j into words', (range, text) => {
    expect(rangeText(range)).toBe(text)
  })
})

describe('didYouMean', () => {
  it.each([
    ['timeout', 'did you mean timeoutMs?'],
    ['timeuotMs', 'did you mean timeoutMs?'],
    ['TIMEOUTMS', 'did you mean timeoutMs?'],
    ['mx', 'did you mean max?'],
    ['limits', 'did you mean limit?'],
    ['lixxt', 'did you mean limit?'],
    ['timeoutMsxyz', undefined],
    ['mqq', undefined],
    ['ib', 'did you mean id?'],
    ['breaker', undefined],
    ['qq', undefined],
    ['', undefined],
  ])('answers %j with %s', (word, hint) => {
    expect(didYouMean(word, ['timeoutMs', 'max', 'min', 'limit', 'id'])).toBe(hint)
  })

  it('prefers the nearest word', () => {
    expect(didYouMean('limit1', ['limits', 'limit12', 'limitA1', 'limit1'])).toBe('did you mean limit1?')
    expect(didYouMean('abcdxy', ['abcdef', 'abcdxf'])).toBe('did you mean abcdxf?')
  })

  it('does not compare very long words', () => {
    const long = 'x'.repeat(65)
    expect(didYouMean(long, [long])).toBeUndefined()
    expect(didYouMean(long.slice(1), [long])).toBe(`did you mean ${long}?`)
  })
})

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['abc', 'xbc', 1],
    ['ab', 'abcd', 2],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('from %j to %j is %d', (a, b, distance) => {
    expect(editDistance(a, b, 10)).toBe(distance)
    expect(editDistance(b, a, 10)).toBe(distance)
  })

  it('stops at the limit when the lengths alone say enough', () => {
    expect(editDistance('abc', 'abcdefgh', 3)).toBe(3)
  })
})
