/** A client that is closed, or a caller that leaves, at each stage of a request: it settles, and nothing is left of it. */
import { runInNewContext } from 'node:vm'
import axios from 'axios'
import { constant } from '@breakwater/breaker'
import { describe, expect, test } from 'vitest'
import type { HttpClientOptions } from './client-options.js'
import { clientOf } from './fleet.model.js'
import { heldBy } from './held.model.js'
import type { HttpClient } from './http-client.js'
import { bytesArrived, eventually, rawServer, tcpServer } from './wire/hostile-server.model.js'
import type { TestServer } from './wire/hostile-server.model.js'

type Ask = (client: HttpClient, signal?: AbortSignal) => Promise<unknown>

const ways: readonly (readonly [string, Ask])[] = [
  ['fetch', async (client, signal) => (await client.fetch('http://users/', signal ? { signal } : {})).text()],
  [
    'request',
    async (client, signal) => (await client.request('http://users/', signal ? { signal } : {})).body.text(),
  ],
  [
    'axios',
    (client, signal) =>
      axios.create({ adapter: client.axiosAdapter() }).get('http://users/', signal ? { signal } : {}),
  ],
]

interface Stage {
  readonly server: TestServer
  readonly client: HttpClient
  /** Whether the last request has come as far as that. */
  readonly isThere: () => boolean
  /** Requests to send, the last of which is the one. */
  readonly count: number
  /** What is held when it has been left: by the others, or until there is a connection. */
  readonly held?: readonly number[]
}

const clientTo = (server: TestServer, options: HttpClientOptions = {}): HttpClient =>
  clientOf({
    drainTimeoutMs: 60,
    attemptTimeoutMs: false,
    services: { users: { instances: [server.origin] } },
    ...options,
  })
const waiting = (client: HttpClient): number =>
  client.snapshot().pools.reduce((sum, pool) => sum + pool.waiting, 0)

const stages: Readonly<Record<string, () => Promise<Stage>>> = {
  async 'in the queue'() {
    const server = await rawServer(() => undefined)
    const client = clientTo(server, { connections: 1 })
    return {
      server,
      client,
      count: 2,
      held: [1, 1, 1],
      isThere: () => server.requests.length === 1 && waiting(client) === 1,
    }
  },
  async connecting() {
    // It takes connections, and never ends the handshake.
    const server = await tcpServer(() => undefined)
    const secure = server.origin.replace('http:', 'https:')
    const client = clientTo(server, {
      services: { users: { instances: [secure] } },
      connectTimeoutMs: 60_000,
    })
    return { server, client, count: 1, held: [1], isThere: () => server.accepted === 1 }
  },
  async 'before the headers'() {
    const server = await rawServer(() => undefined)
    return { server, client: clientTo(server), count: 1, isThere: () => server.requests.length === 1 }
  },
  async 'in the body'() {
    const server = await rawServer((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
    )
    const client = clientTo(server)
    const succeeds = (): boolean => client.snapshot().services[0]?.balancer?.instances[0]?.inFlight === 1
    return { server, client, count: 1, isThere: () => server.requests.length === 1 && succeeds() }
  },
  async 'before another attempt'() {
    const server = await rawServer((socket) => socket.write('HTTP/1.1 503 Full\r\ncontent-length: 0\r\n\r\n'))
    const client = clientTo(server, { retry: { backoff: constant({ ms: 400 }) } })
    let isWaiting = false
    client.on('retry', () => (isWaiting = true))
    return { server, client, count: 1, isThere: () => isWaiting }
  },
}

describe.each(Object.entries(stages))('%s', (stage, make) => {
  test.each(ways)('a caller of %s who leaves settles at once', async (_way, ask) => {
    const { server, client, isThere, count, held = [] } = await make()
    const caller = new AbortController()
    const others = Array.from({ length: count - 1 }, () => ask(client).catch((error: unknown) => error))
    await eventually(() => server.requests.length === others.length)
    let error: unknown
    const sent = ask(client, caller.signal).catch((thrown: unknown) => (error = thrown))
    await eventually(isThere)
    const before = server.requests.length

    caller.abort()
    await new Promise((resolve) => setImmediate(resolve))
    await sent

    expect((error as Error).name).toMatch(/AbortError|CanceledError/)
    expect([heldBy(client), waiting(client)]).toEqual([held, 0])
    await bytesArrived()
    expect(server.requests).toHaveLength(before)
    await client.close()
    await Promise.all(others)
    await eventually(() => server.open() === 0)
  })

  test.each(ways)(
    'a client of %s that is closed settles what it has, and leaves no socket',
    async (_way, ask) => {
      const { server, client, isThere, count } = await make()
      const sent = Array.from({ length: count }, () => ask(client).catch((error: unknown) => error))
      await eventually(isThere)

      await client.close()

      for (const outcome of await Promise.all(sent)) {
        // A failing answer is one, also when another attempt cannot be made any more.
        if (stage !== 'before another attempt') expect(outcome).toBeInstanceOf(Error)
      }
      expect(heldBy(client)).toEqual([])
      await eventually(() => server.open() === 0)
    },
  )
})

describe('while the client closes', () => {
  const slowly: HttpClientOptions = { drainTimeoutMs: 5_000, retry: { backoff: constant({ ms: 1_000 }) } }

  test.each(ways)('a failing answer to %s is the last', async (_way, ask) => {
    let answer = (): unknown => undefined
    const server = await rawServer((socket) => {
      answer = () => socket.write('HTTP/1.1 503 Full\r\ncontent-length: 4\r\n\r\nfull')
    })
    const client = clientTo(server, slowly)
    const sent = ask(client).catch((error: unknown) => error)
    await eventually(() => server.requests.length === 1)

    const closed = client.close()
    answer()

    const given = await sent
    expect(given instanceof Error ? given.message : given).toMatch(/full|503/)
    await closed
  })

  test.each(ways)(
    'what of %s waits for a connection is refused, and nothing else is tried',
    async (_way, ask) => {
      const server = await rawServer(() => undefined)
      const client = clientTo(server, { ...slowly, drainTimeoutMs: 60, connections: 1 })
      const retried: unknown[] = []
      client.on('retry', (event) => retried.push(event))
      const sent = [1, 2].map(() => ask(client).catch((error: unknown) => error))
      await eventually(() => server.requests.length === 1 && waiting(client) === 1)

      await client.close()

      for (const error of await Promise.all(sent)) expect(error).toBeInstanceOf(Error)
      expect(retried).toEqual([])
    },
  )
})

test.each([
  ['an error', new Error('enough')],
  ['an error of another context, as in Jest', runInNewContext('new Error("enough")') as Error],
])('destroying the dispatcher with %s ends with that what is under way', async (_what, error) => {
  const server = await rawServer(() => undefined)
  const client = clientTo(server, { retry: false })
  const ended = client.request('http://users/').catch((thrown: unknown) => thrown)
  await eventually(() => server.requests.length === 1)

  await client.dispatcher.destroy(error)

  expect(await ended).toBe(error)
})
