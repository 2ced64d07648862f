import { describe, expect, it } from 'vitest'
import { identify } from './cache-key.js'
import { InvalidOptionsError } from './invalid-options-error.js'

describe('keys', () => {
  it('may be objects and symbols, by identity', () => {
    const [user, sign] = [{ id: 1 }, Symbol('sign')]

    expect([identify(user), identify(sign)]).toEqual([user, sign])
    expect(identify({ id: 1 })).not.toBe(user)
  })

  it.each([[{ id: 1 }], [() => 1], [Symbol('sign')]])(
    'that are lists do not hold %o, which has no value to compare',
    (part) => {
      expect(() => identify([part])).toThrow(InvalidOptionsError)
      expect(() => identify([part])).toThrow('Invalid arguments for a call:\n  key: expected a text')
    },
  )

  it('that are lists have a part where nothing was ever put', () => {
    const sparse: string[] = []
    sparse[1] = 'a'

    expect(identify(sparse)).toBe(identify([undefined, 'a']))
    expect(identify(sparse)).not.toBe(identify(['a']))
  })

  it('are no promises: each would be a key of its own', () => {
    expect(() => identify(Promise.resolve('k'))).toThrow('a text, a number')
  })

  it('may be objects with a `then` that is nothing to call', () => {
    const step = { then: 'next' }

    expect(identify(step)).toBe(step)
  })
})
