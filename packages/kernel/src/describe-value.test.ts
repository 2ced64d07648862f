import { describe, expect, it } from 'vitest'
import { MAX_DESCRIPTION_LENGTH, describeError, describeText, describeValue } from './describe-value.js'

class Order {
  readonly id = 7
}

const throws = (): never => {
  throw new Error('trap')
}
const hostileProxy: object = new Proxy({}, { ownKeys: throws, get: throws, getPrototypeOf: throws })

describe('describeValue', () => {
  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [0, '0'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [10n, '10n'],
    [2n ** 255n - 1n, `${2n ** 255n - 1n}n`],
    [2n ** 255n, 'a BigInt of more than 256 bits'],
    [Symbol('a\nb'), 'Symbol(a\\nb)'],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1 }, '{ a, b, c, d, e }'],
    [Symbol('tag'), 'Symbol(tag)'],
    ['5s', '"5s"'],
    ['a\nb', '"a\\nb"'],
    [[1, 2], 'an array of 2'],
    [{}, '{}'],
    [{ percent: 50 }, '{ percent }'],
    [Object.create(null), '{}'],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, '{ a, b, c, d, e, … }'],
    [new Order(), 'Order { id }'],
    [new Map(), 'Map {}'],
    [throws, 'function throws'],
    [() => 1, 'a function'],
  ])('describes %o as %s', (value, text) => {
    expect(describeValue(value)).toBe(text)
  })

  it.each(['\u0000', '\u001b', '\u007f', '\u0085', '\u009b', '\u2028', '\u2029'])(
    'escapes %j, wherever it stands',
    (char) => {
      const texts = [char, { [char]: 1 }, Symbol(char), { [char]: () => 1 }[char]].map(describeValue)

      const code = `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
      expect(texts).toEqual([`"${code}"`, `{ ${code} }`, `Symbol(${code})`, `function ${code}`])
    },
  )

  it('describes what cannot be read as such', () => {
    expect(describeValue(hostileProxy)).toBe('unreadable object')
  })

  it('caps long text and keeps its quotes', () => {
    const text = describeValue('x'.repeat(1e6))

    expect(MAX_DESCRIPTION_LENGTH).toBe(120)
    expect(text).toBe(`"${'x'.repeat(117)}…"`)
    expect(describeValue('x'.repeat(118))).toBe(`"${'x'.repeat(118)}"`)
  })

  it('caps long keys, class names and symbols', () => {
    const long = 'k'.repeat(500)

    expect(describeValue({ [long]: 1 })).toHaveLength(MAX_DESCRIPTION_LENGTH)
    expect(describeValue(Symbol(long))).toHaveLength(MAX_DESCRIPTION_LENGTH)
  })

  it('masks the credentials in URLs, also when the password holds an @ or a slash', () => {
    expect(describeValue('http://joe:p@ss@registry:8761/eureka')).toBe('"http://***@registry:8761/eureka"')
    expect(describeValue('http://joe:pa/ss@registry:8761/eureka')).toBe('"http://***@registry:8761/eureka"')
    expect(describeValue('joe:p@ss@registry:8761/eureka')).toBe('"***@registry:8761/eureka"')
    expect(describeValue('joe:pa/ss@registry:8761/eureka')).toBe('"***@registry:8761/eureka"')
    expect(describeValue('registry:8761/a@b')).toBe('"registry:8761/a@b"')
    expect(describeValue('http://registry/a@b')).toBe('"http://registry/a@b"')
    expect(describeValue('http://registry:8761/a@b')).toBe('"http://registry:8761/a@b"')
  })

  it('masks them where the scheme or a slash of it was forgotten', () => {
    expect(describeValue('joe:pass@registry:8761/eureka')).toBe('"***@registry:8761/eureka"')
    expect(describeValue('joe:p@s/s@registry')).toBe('"***@registry"')
    expect(describeValue('http:/joe:pass@registry')).toBe('"***@registry"')
    expect(describeValue('http:\\\\joe:pass@registry')).toBe('"***@registry"')
    expect(describeValue('registry:8761/a@b')).toBe('"registry:8761/a@b"')
    expect(describeValue('joe@registry')).toBe('"joe@registry"')
  })

  it('does not trust the name of a function or class', () => {
    const nameless = Object.defineProperty(() => 1, 'name', { get: throws })
    const odd = Object.create({ constructor: { name: 42 } }) as object

    expect(describeValue(nameless)).toBe('a function')
    expect(describeValue(odd)).toBe('{}')
    expect(describeValue(Object.create(Object.create({})))).toBe('Object {}')
  })
})

describe('describeError', () => {
  it('gives name and message of an error', () => {
    expect(describeError(new TypeError('reset'))).toEqual({ name: 'TypeError', message: 'reset' })
  })

  it('copes with thrown values that are no errors', () => {
    expect(describeError(undefined)).toEqual({ name: 'undefined', message: 'undefined' })
    expect(describeError(null)).toEqual({ name: 'null', message: 'null' })
    expect(describeError('boom')).toEqual({ name: 'string', message: '"boom"' })
    expect(describeError(throws)).toEqual({ name: 'throws', message: 'function throws' })
    expect(describeError({ code: 1 })).toEqual({ name: 'Error', message: '{ code }' })
    expect(describeError(hostileProxy)).toEqual({ name: 'Error', message: 'unreadable object' })
  })

  it('caps and masks the message', () => {
    expect(describeError(new Error('x'.repeat(5_000))).message).toHaveLength(1_024)
    for (const error of [new Error('xxxxxx'), { message: 5 }, 'xxxxxx'])
      expect(describeError(error, 4).message).toMatch(/^...…$/)
    expect(describeError(new Error('GET http://u:p@host/')).message).toBe('GET http://***@host/')
  })
})

describe('describeText', () => {
  it('escapes line breaks and quotes', () => {
    expect(describeText('a\n"b"')).toBe('a\\n\\"b\\"')
  })
})
