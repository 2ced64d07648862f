import { expect, it } from 'vitest'
import { runSteps } from '../steps.js'
import { parseLargeJson } from './parse-json.js'
import { sliced } from './parse-json.model.js'

it.each([' ', '\t', '\r', '\n', '\n\r\t '])('%j may stand between all parts', (blank) => {
  const parts = ['{', '"a"', ':', '[', '[', '1', ']', ',', '{', '}', ']', ',', '"b"', ':', '2', '}']
  const text = ['', ...parts, ''].join(blank)

  expect(sliced(text)).toEqual({ a: [[1], {}], b: 2 })
})

it('a blank before a list does not make one value of it, which may be too long', () => {
  const limits = { slicedFromChars: 0, maxLeafChars: 5 }

  expect(runSteps(parseLargeJson('{"a": [1,2,3]}', limits))).toEqual({ a: [1, 2, 3] })
})
