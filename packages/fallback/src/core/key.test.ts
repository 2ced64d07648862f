import { describe, expect, it } from 'vitest'
import { identify } from './key.js'

describe('keys', () => {
  it('may be objects and symbols, by identity', () => {
    const [user, sign] = [{ id: 1 }, Symbol('sign')]

    expect([identify(user), identify(sign)]).toEqual([user, sign])
    expect(identify({ id: 1 })).not.toBe(user)
  })

  it('that are lists hold no objects, which have no value to compare', () => {
    expect(() => identify([{ id: 1 }])).toThrow('a list of these')
  })

  it('are no promises: each would be a key of its own', () => {
    expect(() => identify(Promise.resolve('k'))).toThrow('a text, a number')
  })
})
