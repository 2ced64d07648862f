import { BulkheadFullError, CallTimeoutError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../../../servers/free-ports.ts'
import { bytesArrived, eventually, httpServer, rawServer, tcpServer } from './hostile-server.model.js'
import { PoolClosedError } from './wire-errors.js'
import { send, testPool } from './wire.model.js'

const EMPTY = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'

test('no more requests than connections are under way; the others come in the order of their arrival', async () => {
  const held: ServerResponse[] = []
  const server = await httpServer((_request, response) => held.push(response))
  const pool = testPool(server.origin, { connections: 2 })

  const sent = ['/1', '/2', '/3', '/4', '/5'].map((path) => send(pool, { ...server, path }))
  await eventually(() => held.length === 2)

  expect(pool.stats).toMatchObject({ state: 'open', inFlight: 2, waiting: 3, connected: 2 })
  for (let answered = 0; answered < 5; answered++) {
    await eventually(() => held.length > answered)
    expect(held.length - answered).toBeLessThanOrEqual(2)
    held[answered]!.end()
  }
  await Promise.all(sent.map(({ sink }) => sink.ended))
  expect(server.requests).toEqual(['GET /1', 'GET /2', 'GET /3', 'GET /4', 'GET /5'])
  expect(server.accepted).toBe(2)
  expect(pool.isIdle).toBe(true)
})

test('a full queue rejects at once, and nothing was sent', async () => {
  const server = await rawServer(() => undefined)
  const pool = testPool(server.origin, { connections: 1, maxQueue: 1 })
  send(pool, server)
  send(pool, server)

  const { exchange, sink } = send(pool, server, {})

  expect(sink.error).toBeInstanceOf(BulkheadFullError)
  expect(sink.error).toMatchObject({ reason: 'queue_full' })
  expect(sink.error?.message).toBe(`${server.origin}: 1 requests are under way, 1 wait`)
  expect(exchange).toMatchObject({ failureKind: 'rejected', failureClass: 'never-sent' })
})

test('abort and timeout hold in the queue, and make room there', async () => {
  const clock = new SimClock()
  const held: ServerResponse[] = []
  const server = await httpServer((_request, response) => held.push(response))
  const pool = testPool(server.origin, { connections: 1, maxQueue: 2 })
  const first = send(pool, { ...server, path: '/first' })
  const late = send(pool, { ...server, path: '/late' }, { clock, headTimeoutMs: 100 })
  const unwanted = send(pool, { ...server, path: '/unwanted' })

  await clock.advance(100)
  unwanted.exchange.abort(new Error('gone'))

  expect(late.sink.error).toBeInstanceOf(CallTimeoutError)
  expect([late, unwanted].map(({ exchange }) => exchange.failureClass)).toEqual(['never-sent', 'never-sent'])
  expect(pool.stats).toMatchObject({ inFlight: 1, waiting: 0 })
  const next = send(pool, { ...server, path: '/next' })
  await eventually(() => held.length === 1)
  held[0]!.end()
  await eventually(() => held.length === 2)
  held[1]!.end()
  await Promise.all([first.sink.ended, next.sink.ended])
  expect(server.requests).toEqual(['GET /first', 'GET /next'])
})

test('who gave up while connecting keeps his place until the connection is there, which is then for others', async () => {
  const server = await rawServer((socket) => socket.write(EMPTY))
  const pool = testPool(server.origin, { connections: 1 })

  const { exchange, sink } = send(pool, { ...server, path: '/unwanted' })
  exchange.abort(new Error('gone'))
  const next = send(pool, { ...server, path: '/next' })

  expect(sink.heard).toEqual(['failure'])
  expect(exchange.failureClass).toBe('never-sent')
  expect(pool.stats).toMatchObject({ inFlight: 1, waiting: 1, connecting: 1 })
  await next.sink.ended
  expect(server.requests).toEqual(['GET /next'])
  expect(server.accepted).toBe(1)
  expect(pool.stats).toMatchObject({ inFlight: 0, waiting: 0 })
})

test('a connection that takes too long ends all who wait for it, and is closed', async () => {
  const clock = new SimClock()
  const server = await tcpServer(() => undefined)
  const origin = server.origin.replace('http:', 'https:')
  const pool = testPool(origin, { clock, connectTimeoutMs: 250 })

  const { exchange, sink } = send(pool, { origin })
  await eventually(() => server.accepted === 1)
  await clock.advance(250)
  await sink.ended

  expect(sink.error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' })
  expect(sink.error?.message).toContain('within 250 ms')
  expect(exchange).toMatchObject({ failureKind: 'transport', failureClass: 'never-sent' })
  await eventually(() => server.open() === 0)
  expect(pool.stats).toMatchObject({ inFlight: 0, connected: 0 })
  await eventually(() => pool.stats.connecting === 0)
})

test('closing does not wait for a connection that nobody waits for any more', async () => {
  const server = await tcpServer(() => undefined)
  const origin = server.origin.replace('http:', 'https:')
  const slow = { connectTimeoutMs: 60_000, drainTimeoutMs: 60_000 }
  const [before, after] = [testPool(origin, slow), testPool(origin, slow)]
  const [first, second] = [send(before, { origin }), send(after, { origin })]
  await eventually(() => server.accepted === 2)

  first.exchange.abort(new Error('gone'))
  await before.close()
  const closed = after.close()
  expect(after.stats).toMatchObject({ state: 'draining', inFlight: 1 })
  second.exchange.abort(new Error('gone'))
  await closed

  expect([first, second].map(({ sink }) => sink.heard)).toEqual([['failure'], ['failure']])
  expect(after.stats).toMatchObject({ state: 'closed', inFlight: 0, connecting: 0 })
})

test('a refused connection fails who asked for it; nobody tries again on his own (row 37)', async () => {
  const origin = `http://127.0.0.1:${String(await freePort())}`
  const pool = testPool(origin, { connections: 4 })
  let tries = 0
  const count = (): unknown => tries++
  subscribe('undici:client:beforeConnect', count)
  onTestFinished(() => void unsubscribe('undici:client:beforeConnect', count))

  const sent = Array.from({ length: 12 }, () => send(pool, { origin, method: 'POST', body: 'x' }))
  await Promise.all(sent.map(({ sink }) => sink.ended))
  await bytesArrived()

  expect(sent.every(({ exchange }) => exchange.failureClass === 'never-sent')).toBe(true)
  expect(sent.every(({ sink }) => sink.heard.length === 1)).toBe(true)
  expect(tries).toBe(12)
  expect(pool.stats).toMatchObject({ inFlight: 0, waiting: 0, connected: 0, connecting: 0 })
})

test('an instance that refused and came back is used again, on few connections too', async () => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${String(port)}`
  const pool = testPool(origin, { connections: 1 })
  for (let round = 0; round < 3; round++) await send(pool, { origin }).sink.ended
  const server = await rawServer((socket) => socket.write(EMPTY), { port })

  const sent = Array.from({ length: 12 }, () => send(pool, { origin }))
  await Promise.all(sent.map(({ sink }) => sink.ended))

  expect(sent.map(({ sink }) => sink.heard.at(-1))).toEqual(sent.map(() => 'end'))
  expect(server.requests).toHaveLength(12)
})

test.each([
  ['', EMPTY],
  [', though its server would keep it', EMPTY.replace('\r\n', '\r\nkeep-alive: timeout=60\r\n')],
])('an unused connection is closed after its time%s (row 12)', async (_whose, answer) => {
  const server = await rawServer((socket) => socket.write(answer))
  const pool = testPool(server.origin, { keepAliveTimeoutMs: 50 })
  await send(pool, server).sink.ended
  expect(server.open()).toBe(1)

  await eventually(() => server.open() === 0)

  expect(pool.stats.connected).toBe(0)
})

test('draining: what is under way ends, what waits and what comes fails at once, then the sockets close', async () => {
  const held: ServerResponse[] = []
  const server = await httpServer((_request, response) => held.push(response))
  const pool = testPool(server.origin, { connections: 1 })
  const running = send(pool, server)
  const waiting = send(pool, server)
  await eventually(() => held.length === 1)

  const closed = pool.close()
  const late = send(pool, server)

  for (const { exchange, sink } of [waiting, late]) {
    expect(sink.error).toBeInstanceOf(PoolClosedError)
    expect(exchange).toMatchObject({ failureKind: 'rejected', failureClass: 'never-sent' })
  }
  expect(pool.state).toBe('draining')
  held[0]!.end('bye')
  await running.sink.ended
  await closed
  expect(running.sink.body).toBe('bye')
  expect(pool.stats).toMatchObject({ state: 'closed', inFlight: 0, connected: 0, connecting: 0 })
  await eventually(() => server.open() === 0)
})

test('draining ends after its time, whatever is under way', async () => {
  const clock = new SimClock()
  const server = await rawServer(() => undefined)
  const pool = testPool(server.origin, { clock, drainTimeoutMs: 1_000 })
  const { exchange, sink } = send(pool, server)
  await eventually(() => server.requests.length === 1)

  const closed = pool.close()
  await clock.advance(999)
  expect(sink.heard).toEqual([])
  await clock.advance(1)
  await closed

  expect(sink.error).toBeInstanceOf(PoolClosedError)
  expect(exchange.failureClass).toBe('maybe-processed')
  expect(pool.stats).toMatchObject({ inFlight: 0, connected: 0 })
})

test('a pool that drains can be used again when its instance comes back', async () => {
  const clock = new SimClock()
  const held: ServerResponse[] = []
  const server = await httpServer((_request, response) => held.push(response))
  const pool = testPool(server.origin, { clock, drainTimeoutMs: 1_000 })
  const running = send(pool, server)
  await eventually(() => held.length === 1)
  pool.drain()

  pool.revive()
  await clock.advance(5_000)
  const next = send(pool, server)
  await eventually(() => held.length === 2)
  for (const response of held) response.end()
  await Promise.all([running.sink.ended, next.sink.ended])

  expect([running, next].map(({ sink }) => sink.heard.at(-1))).toEqual(['end', 'end'])
  expect(pool.state).toBe('open')
})

test('destroying closes what is being opened too', async () => {
  const server = await tcpServer(() => undefined)
  const origin = server.origin.replace('http:', 'https:')
  const pool = testPool(origin)
  const { exchange, sink } = send(pool, { origin })
  await eventually(() => server.accepted === 1)

  await pool.destroy()

  expect(sink.error).toBeInstanceOf(PoolClosedError)
  expect(exchange.failureClass).toBe('never-sent')
  expect(pool.stats).toMatchObject({ state: 'closed', connected: 0, connecting: 0 })
  await eventually(() => server.open() === 0)
})

test('closing that ends with a failing connection leaves none either', async () => {
  const origin = `http://127.0.0.1:${String(await freePort())}`
  const pool = testPool(origin, { connections: 1 })
  const { sink } = send(pool, { origin })

  await pool.close()

  expect(sink.error).toMatchObject({ code: 'ECONNREFUSED' })
  expect(pool.stats).toMatchObject({ state: 'closed', inFlight: 0, connected: 0, connecting: 0 })
})

test('closing twice, or after destroying, is one closing', async () => {
  const server = await httpServer((_request, response) => response.end())
  const pool = testPool(server.origin)
  await send(pool, server).sink.ended

  await Promise.all([pool.close(), pool.destroy(), pool.close()])
  pool.revive()
  pool.drain()

  expect(pool.state).toBe('closed')
})
