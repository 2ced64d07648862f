import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { isPlainObject } from './plain-object.js'

test.each([[{}], [{ a: 1 }], [Object.create(null)], [runInNewContext('({ a: 1 })')]])(
  '%j is plain',
  (value) => {
    expect(isPlainObject(value)).toBe(true)
  },
)

test.each([
  [null],
  [undefined],
  ['text'],
  [7],
  [() => 1],
  [[]],
  [new Date(0)],
  [new Map()],
  [new Error('no')],
])('%s is not plain', (value) => {
  expect(isPlainObject(value)).toBe(false)
})

test.each(['getPrototypeOf', 'ownKeys'])('what does not want to be looked at by %s is not plain', (trap) => {
  const shy = new Proxy(
    {},
    {
      [trap]: () => {
        throw new Error('no')
      },
    },
  )

  expect(isPlainObject(shy)).toBe(false)
})
