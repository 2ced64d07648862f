/** What `request` makes of its URL and options is what undici makes of them, parsed or not. */
import { request as undiciRequest } from 'undici'
import { expect, test } from 'vitest'
import { answering, clientOf, failureOf, usersOn } from './fleet.model.js'

test.each([
  ['/users/42?full=yes', undefined],
  ['/a/../b c?d="e"#f', undefined],
  ['/', { path: '/said?by=options' }],
  ['/plain', { method: 'DELETE' }],
  ['/plain', { method: '' }],
  ['/plain', { body: 'some text' }],
  ['/plain', { headers: { 'x-of': 'caller' }, query: { page: 2 } }],
  ['/plain', null],
])('a request for %s with %j is the one that undici sends', async (path, options) => {
  const users = await answering('ok')
  const { request } = clientOf({})

  await (await undiciRequest(`${users.url}${path}`, options as object)).body.text()
  await (await request(`${users.url}${path}`, options as object)).body.text()

  const [bare, own] = users.got
  expect(own).toEqual(bare)
})

test.each<[string, () => Iterable<[string, string]>]>([
  ['Headers', () => new Headers({ 'x-of': 'caller' })],
  ['a Map', () => new Map([['x-of', 'caller']])],
  ['what can be read but once', () => new Map([['x-of', 'caller']]).entries()],
])('headers given as %s go out with every attempt to a service', async (_form, headers) => {
  const users = await answering(503, 'good')
  const { request } = usersOn([users])

  const { statusCode } = await request('http://users/', { headers: headers() })

  expect(statusCode).toBe(200)
  expect(users.got.map((got) => got.headers)).toMatchObject([{ 'x-of': 'caller' }, { 'x-of': 'caller' }])
})

test('an agent is a mistake, as undici says', async () => {
  const { request } = clientOf({})
  const sent = async (): Promise<unknown> => request('http://127.0.0.1:1/plain', { agent: {} } as object)

  expect(await failureOf(sent())).toMatchObject({ code: 'UND_ERR_INVALID_ARG' })
})
