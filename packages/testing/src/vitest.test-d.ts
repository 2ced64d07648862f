import { expect, expectTypeOf, test } from 'vitest'
import './vitest.js'

test('the matchers are known on every expectation', () => {
  expectTypeOf(expect({}).toBeOpen).toEqualTypeOf<() => void>()
  expectTypeOf(expect({}).not.toHaveState).toEqualTypeOf<(state: string) => void>()
  expectTypeOf(expect(Promise.resolve()).toRejectWithCode('ERR_TIMEOUT')).toEqualTypeOf<Promise<void>>()
})

test('an outcome has one of the known kinds', () => {
  expect({}).toHaveOutcome('success')
  // @ts-expect-error not a kind
  expect({}).toHaveOutcome('sucess')
})
