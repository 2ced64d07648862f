import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { causeOf } from './attempt-failed-error.js'

it.each([
  ['an error', new Error('read ECONNRESET')],
  ['an error of another context, as those of sockets are in Jest', runInNewContext('new Error("reset")')],
])('callers see %s as it is', (_what, error: unknown) => {
  expect(causeOf(error)).toBe(error)
})

it('callers see an error, whatever it was that ended the attempt', () => {
  expect(causeOf('gone')).toMatchObject({ name: 'Error', message: 'gone', cause: 'gone' })
  expect(causeOf(Object.create(null))).toMatchObject({ message: 'ended without an error' })
})
