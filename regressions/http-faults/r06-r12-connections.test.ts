/** Rows 6 to 12: connections that are not made, break, or lead nowhere. */
import { constant } from '@breakwater/breaker'
import { expect, test } from 'vitest'
import {
  endsOf,
  failureOf,
  isAtRest,
  nobody,
  rawServer,
  saying,
  usersAt,
  written,
} from './http-faults.model.js'

const quick = { backoff: constant({ ms: 1 }) }
const GOOD = written('200 OK', 'good')
/** Where no route leads: Linux says so at once. */
const UNREACHABLE = 'http://255.255.255.255'

test('row 6: a refused connection is a failure, at once, and no timeout', async () => {
  const client = usersAt([await nobody()], { retry: false, attemptTimeoutMs: 1_000 })

  expect(await failureOf(client.request('http://users/'))).toMatchObject({ code: 'ECONNREFUSED' })

  expect(endsOf(client)).toEqual({ failure: 1 })
  await isAtRest(client)
})

test('row 7: of a reset in the middle of the headers only what may be done twice is repeated', async () => {
  const server = await rawServer((socket, nth) => {
    if (nth > 2) socket.write(GOOD)
    else socket.write('HTTP/1.1 200 O', () => socket.resetAndDestroy())
  })
  const client = usersAt([server.url], { retry: quick })

  expect(await failureOf(client.request('http://users/', { method: 'POST', body: 'x' }))).toMatchObject({
    code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) as string,
  })
  expect(server.asked()).toBe(1)
  const { body } = await client.request('http://users/')

  expect([await body.text(), server.asked()]).toEqual(['good', 3])
  expect(endsOf(client)).toEqual({ failure: 1, success: 1 })
  await isAtRest(client)
})

test('row 9: a connection that fell silent is not used again', async () => {
  const server = await rawServer((socket, nth) => {
    if (nth !== 2) socket.write(GOOD)
  })
  const client = usersAt([server.url], { retry: false, attemptTimeoutMs: 1_000 }, { connections: 1 })
  await (await client.request('http://users/')).body.text()

  expect(await failureOf(client.request('http://users/'))).toMatchObject({ code: 'ERR_TIMEOUT' })
  await expect.poll(() => server.closed()).toBe(1)
  await (await client.request('http://users/')).body.text()

  expect(server.accepted()).toBe(2)
  expect(server.asked()).toBe(3)
  expect(endsOf(client)).toEqual({ success: 2, timeout: 1 })
  await isAtRest(client)
})

test.skipIf(process.platform !== 'linux')('row 10: a host that no route leads to', async () => {
  const good = await saying(GOOD)
  const [alone, together] = [usersAt([UNREACHABLE], { retry: false }), usersAt([UNREACHABLE, good.url])]

  const error = await failureOf(alone.request('http://users/'))
  for (let call = 0; call < 4; call++) {
    const { body } = await together.request('http://users/', { method: 'POST', body: 'x' })
    expect(await body.text()).toBe('good')
  }

  expect(error).toMatchObject({ code: expect.stringMatching(/UNREACH|ERR_ADDRESS_DENIED/) as string })
  expect(endsOf(together)).toEqual({ success: 4 })
  await Promise.all([isAtRest(alone), isAtRest(together)])
})

test.each([
  ['a length that is not reached', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'],
  ['chunks without an end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('row 11: an answer that ends too soon, %s, is no success', async (_what, answer) => {
  const server = await rawServer((socket) => socket.end(answer))
  const client = usersAt([server.url], { retry: quick })

  const { body } = await client.request('http://users/')

  await expect(body.text()).rejects.toThrow()
  expect(server.asked()).toBe(1)
  await expect.poll(() => endsOf(client)).toEqual({ failure: 1 })
  await isAtRest(client)
  await expect.poll(() => server.closed()).toBe(1)
})
