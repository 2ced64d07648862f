/** Bodies that are made for each attempt, in place of the one that the request has. */
import { constant } from '@breakwater/breaker'
import { Agent, fetch as fetch7 } from 'undici'
import * as undici8 from 'undici-8'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answering, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'

const URL_OF_USERS = 'http://users/'
const PUT = { method: 'PUT', body: 'hello' }
const body = (): string => 'another body'

describe('the length of the body that fetch was given is not that of the one in its place', () => {
  test.each([
    ['text', 'hello'],
    ['bytes', Buffer.from('hello')],
    ['a blob', new Blob(['hello'])],
  ])('where that is %s, and too large to be kept', async (_what, given) => {
    const users = await answering('ok')
    const client = usersOn([users], { maxReplayBytes: 1 })

    const answer = await client.with({ body }).fetch(URL_OF_USERS, { ...PUT, body: given })

    expect([answer.status, users.got[0]?.body]).toEqual([200, 'another body'])
  })

  test.each<[string, (client: HttpClient) => Promise<{ readonly status: number }>]>([
    [
      '7',
      (client) => {
        const agent = new Agent()
        onTestFinished(() => agent.destroy())
        return fetch7(URL_OF_USERS, { ...PUT, dispatcher: agent.compose(client.interceptor({ body })) })
      },
    ],
    [
      '8',
      (client) => {
        const agent = new undici8.Agent()
        onTestFinished(() => agent.destroy())
        return undici8.fetch(URL_OF_USERS, {
          ...PUT,
          dispatcher: agent.compose(client.interceptor({ body })),
        })
      },
    ],
  ])('where the fetch of undici %s goes through an interceptor', async (_version, ask) => {
    const users = await answering('ok')

    const answer = await ask(usersOn([users]))

    expect([answer.status, users.got[0]?.body]).toEqual([200, 'another body'])
  })
})

test.each([
  ['a form', () => new FormData(), /^multipart\/form-data; boundary=/, /name="a"\r\n\r\nb c\r\n/],
  ['parameters', () => new URLSearchParams(), /^application\/x-www-form-urlencoded;/, /^a=b\+c$/],
])('%s may be made, and is sent as fetch would send it', async (_what, make, type, text) => {
  const users = await answering(503, 'ok')
  const client = usersOn([users], { retry: { backoff: constant({ ms: 1 }) } })
  const made = (): FormData | URLSearchParams => {
    const form = make()
    form.append('a', 'b c')
    return form
  }

  const answer = await client.with({ body: made, idempotent: true }).fetch(URL_OF_USERS, { method: 'POST' })

  expect(answer.status).toBe(200)
  expect(users.got.map(({ headers }) => headers['content-type'])).toEqual(
    [type, type].map((one) => expect.stringMatching(one) as unknown),
  )
  expect(users.got[1]?.body).toMatch(text)
})
