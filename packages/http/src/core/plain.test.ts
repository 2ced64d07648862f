import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { isPlain } from './plain.js'

test.each([[{}], [{ a: 1 }], [Object.create(null)], [runInNewContext('({ a: 1 })')]])(
  '%j is plain',
  (value) => {
    expect(isPlain(value)).toBe(true)
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
  expect(isPlain(value)).toBe(false)
})

test('what does not want to be looked at is not plain', () => {
  const shy = new Proxy(
    {},
    {
      getPrototypeOf: () => {
        throw new Error('no')
      },
    },
  )

  expect(isPlain(shy)).toBe(false)
})
