import { expect, test } from 'vitest'
import { AliasTable } from './alias-table.js'

test.each([
  [[1, 3], 'of the first column the lower half is its own', [0, 0], 0],
  [[1, 3], 'of the first column the lower half is its own', [0.49, 0.49], 0],
  [[1, 3], 'the upper half is that of the heavier', [0, 0.5], 1],
  [[1, 3], 'the second column is its own', [0.5, 0], 1],
  [[1, 3], 'the second column is its own', [0.99, 0.99], 1],
  [[0, 1], 'who weighs nothing has nothing', [0, 0], 1],
  [[5e-324, 1.7e308], 'who weighs next to nothing has nothing', [0, 0], 1],
  [[2, 2], 'equals have a column each', [0.5, 0.99], 1],
  // A 49th of 49 is less than 1 by rounding.
  [Array.from({ length: 49 }, () => 1), 'what rounding has left is its own', [0.5, 1 - 2 ** -53], 24],
])('with weights of %j, %s: %j is %i', (weights, _, [column, height], index) => {
  expect(new AliasTable(weights).draw(column!, height!)).toBe(index)
})
