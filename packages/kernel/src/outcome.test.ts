import { expect, test } from 'vitest'
import { needsAnswer, OUTCOME_KINDS } from './outcome.js'

test('a fallback is for calls that failed, were too slow or were refused', () => {
  expect(OUTCOME_KINDS.filter(needsAnswer)).toEqual(['failure', 'timeout', 'rejected'])
})
