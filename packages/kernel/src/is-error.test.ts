import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { CircuitOpenError } from './errors.js'
import { isError } from './is-error.js'

it.each([
  ['an error', new TypeError('down'), true],
  ['an error of ours', new CircuitOpenError('open'), true],
  ['an exception of the platform', new DOMException('gone', 'AbortError'), true],
  ['an error of another context', runInNewContext('new TypeError("down")') as unknown, true],
  ['an error of the old style', Object.create(Error.prototype) as unknown, true],
  ['what looks like one', { name: 'Error', message: 'down' }, false],
  ['a text', 'Error: down', false],
  ['nothing', undefined, false],
  ['null', null, false],
])('knows that %s is an error, or is none', (_what, value, expected) => {
  expect(isError(value)).toBe(expected)
})
