import { expect, it } from 'vitest'
import { processWide } from './process-wide.js'

it.each([
  ['a global object', {}],
  ['one that is frozen', Object.freeze({})],
])('gives all who ask for a key the same thing, with %s', (_, place) => {
  const key = Symbol('test')
  const first = processWide(key, () => new Set(), place)

  expect(processWide(key, () => new Set(), place)).toBe(first)
  expect(processWide(Symbol('another'), () => new Set(), place)).not.toBe(first)
})

it('leaves it to other copies of the package, and takes what they have left', () => {
  const key = Symbol('test')
  const place: { [key]?: string } = {}
  processWide(key, () => 'mine', place)
  expect(place[key]).toBe('mine')

  place[key] = 'theirs'
  expect(processWide(key, () => 'mine', place)).toBe('theirs')
})
