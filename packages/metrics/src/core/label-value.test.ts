import { expect, test } from 'vitest'
import { labelValue, MAX_LABEL_LENGTH, OVERFLOW_LABEL } from './label-value.js'

test('leaves a name as it is while it fits', () => {
  const names = ['GetUser', '', 'with "quotes"\nand \\', 'x,b:y', '名前 🙂', 'x'.repeat(MAX_LABEL_LENGTH)]

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

test('tells a name from the value that stands for too many names', () => {
  expect(labelValue(OVERFLOW_LABEL)).toMatch(/^__other__~[0-9a-f]{16}$/)
})
