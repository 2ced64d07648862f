import { InvalidOptionsError } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { PlainAnswer } from './plain-answer.js'
import type { FallbackAnswer } from './plain-answer.js'

test('an answer has a length, and its headers in small letters', () => {
  const { statusCode, headers } = new PlainAnswer({ headers: { 'X-From': 'cache' }, body: 'é' }, 'GET')

  expect(statusCode).toBe(200)
  expect(headers).toEqual({ 'content-length': '2', 'x-from': 'cache' })
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'answer'],
  ['a text, which has no body', 'guest', 'answer'],
  ['a `Response`', new Response('guest'), 'headers'],
  ['a `Headers`, whose values could not be seen', { headers: new Headers({ a: '1' }) }, 'headers'],
  ['a map', { headers: new Map([['a', '1']]) }, 'headers'],
  ['an object for a body', { body: { name: 'guest' } }, 'body'],
  ['a status of no final answer', { status: 103 }, 'status'],
])('%s is no answer, and is told by its name', (_what, answer, path) => {
  const make = (): unknown => new PlainAnswer(answer as FallbackAnswer, 'GET')

  expect(make).toThrow(InvalidOptionsError)
  expect(make).toThrow(`${path}: expected`)
})
