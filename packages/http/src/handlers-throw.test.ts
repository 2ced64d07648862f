/** What becomes of a request whose handler throws. */
import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import * as undici8 from 'undici-8'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answering, isAtRest, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'
import { rawServer } from './wire/hostile-server.model.js'

const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: own\r\n\r\n'
const THROWN = new Error('of the handler')

const ways: readonly (readonly [string, (client: HttpClient) => Dispatcher])[] = [
  ['the dispatcher', (client) => client.dispatcher],
  ...[Agent, undici8.Agent as unknown as typeof Agent].map(
    (Own, at): [string, (client: HttpClient) => Dispatcher] => [
      `the interceptor on undici ${String(7 + at)}`,
      (client) => {
        const agent = new Own()
        onTestFinished(() => agent.destroy())
        return agent.compose(client.interceptor())
      },
    ],
  ),
]

/** What a handler hears that throws in one of its methods. */
function heardBy(dispatcher: Dispatcher, throwing: string, more: object = {}): Promise<Error> {
  return new Promise((resolve, reject) => {
    const handler = {
      onRequestStart: () => undefined,
      onRequestUpgrade: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: () => undefined,
      onResponseEnd: () => reject(new Error('it ended well')),
      onResponseError: (_controller: unknown, error: Error) => resolve(error),
      [throwing]: () => {
        throw THROWN
      },
    }
    dispatcher.dispatch({ origin: 'http://users', path: '/', method: 'GET', ...more }, handler)
  })
}

describe.each(ways)('a handler that throws, by %s,', (_way, dispatcherOf) => {
  test('as its request begins hears of it, and nothing is sent', async () => {
    const users = await answering('good')
    const client = usersOn([users])

    expect(await heardBy(dispatcherOf(client), 'onRequestStart')).toBe(THROWN)

    expect(users.got).toEqual([])
    await isAtRest(client)
  })

  test('before there is an answer hears of it; that is no failure of anybody, and not tried again', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
    const answer = `${hints}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`
    const users = await rawServer((socket) => socket.write(answer))
    const client = usersOn([users.origin])
    const dispatcher = dispatcherOf(client)
    const put = { method: 'PUT', body: 'hello' }

    expect(await heardBy(dispatcher, 'onResponseStart', put)).toBe(THROWN)
    expect(client.snapshot().services[0]?.command.executions).toMatchObject({ cancelled: 1 })
    // Of these not every undici tells, and who is not told does not throw.
    for (const method of ['onBodySent', 'onRequestSent', 'onResponseStarted'])
      await heardBy(dispatcher, method, put).catch(() => undefined)

    const [service] = client.snapshot().services
    expect(users.requests.length).toBeLessThanOrEqual(4)
    expect(service?.command.executions).toMatchObject({ failure: 0 })
    expect(service?.balancer?.calls).toMatchObject({ failure: 0 })
    await isAtRest(client)
  })

  test.each(['onResponseStart', 'onResponseData'])(
    'in %s hears of it; that is no failure of anybody',
    async (where) => {
      const users = await answering('good')
      const client = usersOn([users])

      expect(await heardBy(dispatcherOf(client), where)).toBe(THROWN)
      await isAtRest(client)

      const [service] = client.snapshot().services
      expect(users.got).toHaveLength(1)
      expect(service?.command).toMatchObject({ executions: { failure: 0 }, breaker: { failures: 0 } })
      expect(service?.balancer?.calls).toMatchObject({ failure: 0 })
    },
  )

  test('as it is handed the connection hears of it, and holds neither that nor a slot', async () => {
    const users = await rawServer((socket) => socket.write(SWITCHED))
    const client = usersOn([users.origin])

    expect(await heardBy(dispatcherOf(client), 'onRequestUpgrade', { upgrade: 'own' })).toBe(THROWN)

    await isAtRest(client)
    await expect.poll(() => users.open()).toBe(0)
  })
})
