/** Requests that cannot be sent as they were asked for: the fault of who asked, for which nobody else is to pay. */
import axios from 'axios'
import { Agent, request as request7 } from 'undici'
import type { Dispatcher } from 'undici'
import * as undici8 from 'undici-8'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answering, clientOf, failureOf, isAtRest, silence, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'

interface Asked {
  readonly method?: 'GET' | 'PUT'
  readonly headers?: Record<string, string>
  readonly body?: string
}

type Ask = (client: HttpClient, asked: Asked) => Promise<unknown>

function composed(client: HttpClient, agent: Agent): Dispatcher {
  onTestFinished(() => agent.destroy())
  return agent.compose(client.interceptor())
}

const ways: readonly (readonly [string, Ask])[] = [
  ['fetch', (client, asked) => client.fetch('http://users/', asked)],
  ['request', (client, asked) => client.request('http://users/', asked)],
  [
    'axios',
    (client, { body = '', ...asked }) =>
      axios.create({ adapter: client.axiosAdapter() })({ url: 'http://users/', data: body, ...asked }),
  ],
  [
    'the interceptor on undici 7',
    (client, asked) => request7('http://users/', { ...asked, dispatcher: composed(client, new Agent()) }),
  ],
  [
    'the interceptor on undici 8',
    (client, asked) => {
      const agent = new undici8.Agent() as unknown as Agent
      const dispatcher = composed(client, agent) as unknown as undici8.Dispatcher
      return undici8.request('http://users/', { ...asked, dispatcher })
    },
  ],
]

/** What a gateway sends that passes on all headers of those who call it. */
const unsendable: readonly (readonly [string, Asked])[] = [
  ['a header that undici does not know to honour', { headers: { expect: '100-continue' } }],
  ['a header of one connection', { headers: { 'transfer-encoding': 'chunked' } }],
  ['the length of another body', { method: 'PUT', body: 'short', headers: { 'content-length': '50' } }],
]

describe.each(ways)('by %s', (_way, ask) => {
  test.each(unsendable)(
    '%s is refused once, and says nothing of service and instances',
    async (_what, asked) => {
      const users = await answering('good')
      const client = usersOn([users, await answering('good'), await answering('good')])
      let retries = 0
      client.on('retry', () => retries++)

      for (let call = 0; call < 25; call++)
        expect(await failureOf(ask(client, asked))).not.toMatchObject({ code: 'ERR_CIRCUIT_OPEN' })

      expect(retries).toBe(0)
      const [service] = client.snapshot().services
      expect(service?.command).toMatchObject({
        executions: { failure: 0, bad_request: 25 },
        breaker: { failures: 0 },
      })
      expect(service?.balancer?.calls).toMatchObject({ failure: 0, ignored: 25 })
      expect((await client.request('http://users/')).statusCode).toBe(200)
      await isAtRest(client)
    },
  )
})

test('what cannot be sent leaves its connection to others, also to those that wait for one', async () => {
  const users = await answering('good')
  const client = usersOn([users], { connections: 1, retry: false })
  const { body: held } = await client.request('http://users/')

  const refused = failureOf(client.request('http://users/', { headers: { expect: '100-continue' } }))
  const waiting = client.request('http://users/')
  await held.text()

  expect(await refused).toMatchObject({ code: 'UND_ERR_NOT_SUPPORTED' })
  expect(await (await waiting).body.text()).toBe('good')
  await isAtRest(client)
})

test('a query beside that of the path says nothing of service and instances', async () => {
  const client = usersOn([await answering('good'), await answering('good')])
  for (let call = 0; call < 25; call++)
    expect((await failureOf(client.request('http://users/?page=1', { query: { size: 2 } }))).message).toMatch(
      /^Query params cannot be passed/,
    )
  const [service] = client.snapshot().services
  expect(service?.command).toMatchObject({ executions: { failure: 0, bad_request: 25 } })
  expect(service?.balancer?.calls).toMatchObject({ failure: 0, ignored: 25 })
  await isAtRest(client)
})

test('no fallback stands in for a mistake', async () => {
  const users = { instances: [(await answering('good')).url], fallback: () => ({ body: 'instead' }) }
  const client = clientOf({ services: { users } })

  const error = await failureOf(client.request('http://users/', { headers: { expect: '100-continue' } }))

  expect(error).toMatchObject({ code: 'UND_ERR_NOT_SUPPORTED' })
})

test('a full queue for connections is no mistake of who asks: the fallback answers, and a rejection is counted', async () => {
  const users = await answering(silence)
  const client = clientOf({
    connections: 1,
    maxQueue: 0,
    services: { users: { instances: [users.url], retry: false, fallback: ({ kind }) => ({ body: kind }) } },
  })
  const caller = new AbortController()
  const held = failureOf(client.request('http://users/', { signal: caller.signal }))
  await expect.poll(() => users.got.length).toBe(1)

  const { body } = await client.request('http://users/')

  expect(await body.text()).toBe('rejected')
  expect(client.snapshot().services[0]?.command).toMatchObject({
    executions: { semaphore_rejected: 1, bad_request: 0 },
    breaker: { failures: 0 },
  })
  caller.abort()
  await held
  await isAtRest(client)
})
