/** How large a body may be that is kept to be sent again: by each way in, of each service. */
import { constant } from '@breakwater/breaker'
import { Readable } from 'node:stream'
import { FormData as UndiciFormData } from 'undici'
import type { Dispatcher } from 'undici'
import { describe, expect, test } from 'vitest'
import { answering, clientOf, failureOf, reset, usersOn } from './fleet.model.js'

const retry = { backoff: constant({ ms: 1 }) }
type Body = NonNullable<Dispatcher.DispatchOptions['body']>

function form(value: string | Blob): UndiciFormData {
  const made = new UndiciFormData()
  if (typeof value === 'string') made.set('n', value)
  else made.set('n', value, 'file')
  return made
}

describe.each<[string, (text: string) => Body, number]>([
  ['text', (text) => text, 4],
  ['bytes', (text) => Buffer.from(text), 4],
  ['a blob', (text) => new Blob([text]) as unknown as Body, 4],
  ['a form, whose names count too', (text) => form(text), 5],
  ['a form with a file', (text) => form(new Blob([text])), 5],
  ['text in bytes, not in characters', () => '\u{20ac}', 3],
  ['a form in bytes, not in characters', () => form('\u{20ac}'), 4],
])('%s, given to request', (_what, bodyOf, size) => {
  test.each([
    ['is sent again when it is as large as may be', 0, 2],
    ['is sent once when it is larger', -1, 1],
  ])('%s', async (_title, difference, attempts) => {
    const users = await answering(reset, 'ok')
    const client = usersOn([users], { retry, maxReplayBytes: size + difference })

    const sent = client.request('http://users/', { method: 'PUT', body: bodyOf('four') as string })
    const outcome = await sent
      .then(({ statusCode }) => statusCode)
      .catch(({ code }: { code: string }) => code)

    expect([outcome, users.got.length]).toEqual(attempts === 2 ? [200, 2] : ['ECONNRESET', 1])
  })
})

test('a stream, given to request, is sent once, whatever its size', async () => {
  const users = await answering(reset, 'ok')
  const client = usersOn([users], { retry })

  await failureOf(client.request('http://users/', { method: 'PUT', body: Readable.from(['']) }))

  expect(users.got).toHaveLength(1)
})

test('each service has a limit of its own, given to fetch as well', async () => {
  const body = 'x'.repeat(2_000_000)
  const [large, small] = [await answering(reset, 'ok'), await answering(reset, 'ok')]
  const client = clientOf({
    retry,
    services: {
      large: { instances: [large.url], maxReplayBytes: 4_000_000 },
      small: { instances: [small.url] },
    },
  })

  const answer = await client.fetch('http://large/', { method: 'PUT', body })
  const failed = await failureOf(client.fetch('http://small/', { method: 'PUT', body }))

  expect([answer.status, large.got.map((got) => got.body.length)]).toEqual([200, [2_000_000, 2_000_000]])
  expect([failed.cause, small.got.length]).toEqual([expect.objectContaining({ code: 'ECONNRESET' }), 1])
})

test('bytes are sent again as they were when they were given, whatever is written there later', async () => {
  const users = await answering(reset, 'ok')
  const client = usersOn([users], { retry })
  const bytes = Buffer.from('first')
  client.on('retry', () => bytes.fill('x'))

  await client.fetch('http://users/', { method: 'PUT', body: bytes })

  expect(users.got.map(({ body }) => body)).toEqual(['first', 'first'])
})

test('a file in a form that is too large to be sent again keeps its name', async () => {
  const users = await answering('ok')
  const body = new FormData()
  body.set('n', new Blob(['text']), 'report.txt')

  await usersOn([users], { maxReplayBytes: 1 }).fetch('http://users/', { method: 'PUT', body })

  expect(users.got[0]?.body).toContain('filename="report.txt"')
})
