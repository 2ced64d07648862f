import { expect, test } from 'vitest'
import { labelValue, MAX_LABEL_LENGTH, OVERFLOW_LABEL } from './label-value.js'

test('leaves a name as it is while it fits', () => {
  const names = [
    'GetUser',
    'a~0123456789abcdef.',
    '',
    'with "quotes"\nand \\',
    'x,b:y',
    '名前 🙂',
    'x'.repeat(MAX_LABEL_LENGTH),
  ]

  expect(names.map(labelValue)).toEqual(names)
})

test('cuts a long name and keeps its beginning', () => {
  const value = labelValue('x'.repeat(5_000))

  expect(value).toMatch(/^x{111}~[0-9a-f]{16}$/)
})

test('does not cut a character in two', () => {
  const value = labelValue(`${'x'.repeat(110)}${'🙂'.repeat(20)}`)

  expect(value).toMatch(/^x{110}~[0-9a-f]{16}$/)
})

test('shows where characters were that have no encoding', () => {
  expect(labelValue('a\ud800b')).toMatch(/^a\ufffdb~[0-9a-f]{16}$/)
})

test('gives a name the same value in every release, or its series would break off', () => {
  const golden = ['x'.repeat(200), 'a\ud800b', OVERFLOW_LABEL].map((name) => labelValue(name).slice(-16))

  expect(golden).toMatchInlineSnapshot(`
    [
      "b3e4b6e571b9116f",
      "0095b3d23b9b665c",
      "f003f7ed1ad3c28b",
    ]
  `)
})

test('tells a name from the value that stands for too many names', () => {
  expect(labelValue(OVERFLOW_LABEL)).toMatch(/^__other__~[0-9a-f]{16}$/)
})
