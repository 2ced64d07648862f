/** A failing answer is kept until it is clear whether there is a better one: what becomes of its body, and of its connection. */
import { constant } from '@breakwater/breaker'
import type { Socket } from 'node:net'
import type { Agent, Dispatcher } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failureOf, isAtRest, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'
import { UNDICI_VERSIONS } from './undici-versions.model.js'
import { bytesArrived, eventually, rawServer } from './wire/hostile-server.model.js'
import type { TestServer } from './wire/hostile-server.model.js'

const KIB = 1_024
const retry = { backoff: constant({ ms: 1 }) }
/** Another attempt begins beside a failing answer, which may still be the one to give. */
const hedge = { delayMs: 60_000, maxExtraPercent: 1_000 }

const GOOD = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood'
const failing = (length: number): string => `HTTP/1.1 503 Full\r\ncontent-length: ${String(length)}\r\n\r\n`

function composed(client: HttpClient, agent: Agent): Dispatcher {
  onTestFinished(() => agent.destroy())
  return agent.compose(client.interceptor())
}

/** Answers 503 with a body without end; `written`: how much of it has left the server. */
async function endless(): Promise<TestServer & { written(): number }> {
  const part = Buffer.alloc(64 * KIB, 'x')
  const sockets: Socket[] = []
  const server = await rawServer((socket) => {
    sockets.push(socket)
    socket.write(failing(Number.MAX_SAFE_INTEGER))
    const more = (): boolean => socket.destroyed || socket.write(part, more)
    more()
  })
  const written = (): number => sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0)
  return Object.assign(server, { written })
}

describe('a failing answer that a better one took the place of', () => {
  test('is read to its end when that is near, and its connection stays', async () => {
    const body = 'x'.repeat(32 * KIB)
    const server = await rawServer((socket, nth) =>
      socket.write(nth === 1 ? `${failing(body.length)}${body}` : GOOD),
    )
    const client = usersOn([server.origin], { retry })

    expect(await (await client.request('http://users/')).body.text()).toBe('good')
    await isAtRest(client)
    await bytesArrived()

    expect(server.requests).toHaveLength(2)
    expect(server.closed).toEqual([])
  })

  test('is cut off when it stops to come', async () => {
    const server = await rawServer((socket, nth) =>
      socket.write(nth === 1 ? `${failing(1_000)}and then nothing` : GOOD),
    )
    const client = usersOn([server.origin], { retry, timeoutMs: false, bodyIdleTimeoutMs: false })

    expect(await (await client.request('http://users/')).body.text()).toBe('good')

    await isAtRest(client)
    await eventually(() => server.closed.includes(1))
  })

  test('is cut off when it goes on and on', async () => {
    const [bad, good] = [await endless(), await rawServer((socket) => socket.write(GOOD))]
    const client = usersOn([bad.origin, good.origin], { retry, timeoutMs: false })

    for (let call = 0; call < 2; call++)
      expect(await (await client.request('http://users/')).body.text()).toBe('good')

    await isAtRest(client)
    expect(bad.requests).not.toEqual([])
    // Undici opens another one at once; unused, it closes in its time.
    await eventually(() => bad.cameOn.every((connection) => bad.closed.includes(connection)))
  })
})

test('a failing answer that is kept for a while is not read meanwhile, whatever its size', async () => {
  const bad = await endless()
  const held: Socket[] = []
  const slow = await rawServer((socket) => held.push(socket))
  const client = usersOn([bad.origin, slow.origin], { retry: false, attemptTimeoutMs: false, hedge })
  const stands = async (): Promise<boolean> => {
    const before = bad.written()
    for (let turn = 0; turn < 20; turn++) await bytesArrived()
    return bad.written() === before
  }

  const asked = [client.request('http://users/'), client.request('http://users/')]
  await eventually(() => bad.requests.length > 0 && held.length === 2)
  await expect.poll(stands).toBe(true)
  for (const socket of held) socket.write(GOOD)

  for (const { body } of await Promise.all(asked)) expect(await body.text()).toBe('good')
  await isAtRest(client)
})

describe.each([
  ['and nothing', 'HTTP/1.1 503 Full\r\nconnection: close\r\n\r\n', ''],
  ['and its length, none', 'HTTP/1.1 503 Full\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', ''],
  ['and an old version', 'HTTP/1.0 503 Full\r\n\r\n', ''],
  ['and a body', 'HTTP/1.0 503 Full\r\n\r\nbusy', 'busy'],
])('a failing answer with the end of its connection, %s,', (_what, text, body) => {
  test.each<[string, (client: HttpClient) => Dispatcher | undefined]>([
    ['of ours', () => undefined],
    ...UNDICI_VERSIONS.map(([version, { Agent }]): [string, (client: HttpClient) => Dispatcher] => [
      `of undici ${version}`,
      (client) => composed(client, new Agent()),
    ]),
  ])('is kept as any other on connections %s', async (_whose, dispatcherOf) => {
    const server = await rawServer((socket) => socket.end(text))
    const client = usersOn([server.origin])
    const dispatcher = dispatcherOf(client)
    const ask = dispatcher?.request.bind(dispatcher) ?? client.dispatcher.request.bind(client.dispatcher)

    const answer = await ask({ origin: 'http://users', path: '/', method: 'GET' })

    expect([answer.statusCode, await answer.body.text(), server.requests.length]).toEqual([503, body, 3])
    await isAtRest(client)
  })
})

test('a failing answer that breaks off, and is the only one, comes as far as it came', async () => {
  const server = await rawServer((socket) => socket.end(`${failing(10)}half`))
  const client = usersOn([server.origin], { retry: false })

  const { statusCode, body } = await client.request('http://users/')

  expect(statusCode).toBe(503)
  expect(await failureOf(body.text())).toBeInstanceOf(Error)
  await isAtRest(client)
})

test('a failing answer that is passed on after all comes whole, to a slow reader too', async () => {
  const body = Buffer.alloc(2_048 * KIB, 'x')
  const server = await rawServer((socket) => {
    socket.write(failing(body.length))
    socket.write(body)
  })
  const client = usersOn([server.origin], { retry: { ...retry, maxRetries: 1 } })

  const answer = await client.request('http://users/')
  let size = 0
  for await (const chunk of answer.body) {
    size += (chunk as Buffer).length
    await new Promise((resolve) => setImmediate(resolve))
  }

  expect([answer.statusCode, size, server.requests.length]).toEqual([503, body.length, 2])
  await isAtRest(client)
})

test('a failing answer that breaks while it is kept is no answer, when nothing better comes', async () => {
  const held: Socket[] = []
  const server = await rawServer((socket, nth) => {
    held.push(socket)
    if (nth === 1) socket.write(`${failing(10)}half`)
  })
  const client = usersOn([server.origin], { retry: false, attemptTimeoutMs: false, hedge })

  const asked = failureOf(client.request('http://users/'))
  await eventually(() => held.length === 2)
  held[0]?.resetAndDestroy()
  await eventually(() => server.closed.includes(1))
  await bytesArrived()
  held[1]?.write(`${failing(4)}also`)

  expect(await asked).toMatchObject({ code: 'ECONNRESET' })
  await isAtRest(client)
})
