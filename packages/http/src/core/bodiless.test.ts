import { expect, test } from 'vitest'
import { isWholeAnyway } from './bodiless.js'

test.each([
  [204, 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', true],
  [304, 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', true],
  [200, 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', false],
  [304, 'UND_ERR_SOCKET', false],
  [304, undefined, false],
])('an answer with %d that failed with %s is whole all the same: %s', (status, code, isWhole) => {
  expect(isWholeAnyway(status, Object.assign(new Error('failed'), { code }))).toBe(isWhole)
})
