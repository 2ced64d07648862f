/** Rows 15 to 21: answers that do not end, are too large, or are not what they seem. */
import { constant } from '@breakwater/breaker'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { endsOf, failureOf, isAtRest, rawServer, saying, usersAt, written } from './http-faults.model.js'
import type { RawServer } from './http-faults.model.js'

const MIB = 1_048_576

/** Sends the headers at once, and then one byte every 20 ms. */
function dripping(): Promise<RawServer> {
  return rawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
    const drip = setInterval(() => socket.write('x'), 20)
    socket.once('close', () => {
      clearInterval(drip)
    })
  })
}

test.each([
  ['with the same time for the headers', {}],
  ['with less time for the headers', { attemptTimeoutMs: 1_000 }],
])('row 15: one byte now and then does not outlive the time of the request, %s', async (_what, limits) => {
  const server = await dripping()
  const client = usersAt([server.url], { timeoutMs: 1_500, ...limits })
  const before = performance.now()

  const { body } = await client.request('http://users/')
  let bytes = 0
  body.on('data', () => bytes++)
  const [error] = (await once(body, 'close').catch((thrown: unknown) => [thrown])) as [unknown]

  expect(performance.now() - before).toBeGreaterThanOrEqual(1_499)
  expect(performance.now() - before).toBeLessThan(5_000)
  expect(error).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
  expect(bytes).toBeGreaterThan(2)
  await isAtRest(client)
  await expect.poll(() => server.closed()).toBe(1)
})

test('row 15: where the time ends with the headers, a slow body may take longer than both times', async () => {
  const server = await dripping()
  const client = usersAt([server.url], { timeoutMs: 1_500, attemptTimeoutMs: 1_000, endsWith: 'headers' })
  const before = performance.now()

  const { body } = await client.request('http://users/')
  for await (const chunk of body) if (performance.now() - before > 2_000 && chunk !== undefined) break

  expect(performance.now() - before).toBeGreaterThan(2_000)
  expect(endsOf(client)).toEqual({ success: 1 })
  await isAtRest(client)
})

test('row 16: a body without end ends at the limit, and is not asked for again', async () => {
  const server = await rawServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    const part = `${(65_536).toString(16)}\r\n${'x'.repeat(65_536)}\r\n`
    const more = (): boolean => socket.destroyed || socket.write(part, more)
    more()
  })
  const client = usersAt([server.url], { maxBodyBytes: MIB })

  const { body } = await client.request('http://users/')

  expect(await failureOf(body.text())).toMatchObject({ code: 'ERR_RESPONSE_TOO_LARGE' })
  expect(server.asked()).toBe(1)
  await isAtRest(client)
  await expect.poll(() => server.closed()).toBe(1)
})

test('row 18: of an answer that unpacks to a thousand times its size no more is unpacked than is read', async () => {
  const size = 64 * MIB
  const packed = gzipSync(Buffer.alloc(size), { level: 9 })
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${String(packed.length)}\r\n\r\n`
  const server = await rawServer((socket) => {
    socket.write(head)
    socket.write(packed)
  })
  const client = usersAt([server.url])
  const before = process.memoryUsage().arrayBuffers

  const response = await client.fetch('http://users/')
  const reader = response.body?.getReader()
  let read = 0
  while (read < MIB) read += (await reader?.read())?.value?.byteLength ?? Infinity
  await new Promise((resolve) => setTimeout(resolve, 100))
  const held = process.memoryUsage().arrayBuffers - before
  await reader?.cancel()

  expect(size / packed.length).toBeGreaterThan(900)
  expect(held).toBeLessThan(16 * MIB)
  await isAtRest(client)
})

const twice = { maxRetries: 1, backoff: constant({ ms: 1 }) }

test.each<[string, string, number, [number, string]]>([
  ['200 with HTML', written('200 OK', '<html>', { 'content-type': 'text/html' }), 200, [1, 'success']],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 204, [1, 'success']],
  ['302', written('302 Found', '', { location: 'http://elsewhere.invalid/' }), 302, [1, 'success']],
  ['304', 'HTTP/1.1 304 Not Modified\r\n\r\n', 304, [1, 'success']],
  [
    '304 with the length of what it stands for',
    written('304 Not Modified', '', { 'content-length': '9' }),
    304,
    [1, 'success'],
  ],
  ['204 with a body', written('204 No Content', 'oh, but'), 204, [1, 'success']],
  ['401', written('401 Unauthorized', 'who?', { 'www-authenticate': 'Basic' }), 401, [1, 'success']],
  ['404', written('404 Not Found', 'what?'), 404, [1, 'success']],
  ['429 at once', written('429 Too Many Requests', 'slow', { 'retry-after': '0' }), 429, [2, 'failure']],
  [
    '429 in an hour',
    written('429 Too Many Requests', 'slow', { 'retry-after': '3600' }),
    429,
    [1, 'failure'],
  ],
  ['500', written('500 Internal Server Error', 'oh'), 500, [2, 'failure']],
  ['501', written('501 Not Implemented', 'no'), 501, [1, 'failure']],
  ['503', written('503 Service Unavailable', 'load'), 503, [2, 'failure']],
])('row 21: %s', async (_what, answer, status, [attempts, kind]) => {
  const server = await saying(answer)
  const client = usersAt([server.url], { retry: twice })

  const { statusCode, body } = await client.request('http://users/')
  await body.text()

  expect([statusCode, server.asked()]).toEqual([status, attempts])
  await expect.poll(() => endsOf(client)).toEqual({ [kind]: 1 })
  await isAtRest(client)
})

test.each([
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['two lengths that differ', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ['headers of a megabyte', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(MIB)}\r\n\r\n`],
])('row 19: %s is a failure of the attempt', async (_what, answer) => {
  const server = await rawServer((socket) => socket.write(answer))
  const client = usersAt([server.url], { retry: false, attemptTimeoutMs: 1_000 })

  await expect(client.request('http://users/')).rejects.toThrow(/HTTP\/|content-length|Headers Overflow/i)

  expect(endsOf(client)).toEqual({ failure: 1 })
  await isAtRest(client)
  await expect.poll(() => server.closed()).toBe(1)
})
