import { SimClock } from '@breakwater/testing'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { freePort } from '../../../../servers/free-ports.ts'
import { eventually, rawServer, tcpServer } from './hostile-server.model.js'
import { send, testPool } from './wire.model.js'

const EMPTY = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'

test('connections opened ahead serve the first requests', async () => {
  const server = await rawServer((socket) => socket.write(EMPTY))
  const pool = testPool(server.origin, { warmConnections: 3 })

  expect(await pool.warm()).toBe(3)
  expect(pool.stats).toMatchObject({ connected: 3, inFlight: 0 })
  const sent = [send(pool, server), send(pool, server), send(pool, server)]
  await Promise.all(sent.map(({ sink }) => sink.ended))

  expect(sent.every(({ sink }) => sink.heard.at(-1) === 'end')).toBe(true)
  expect(server.accepted).toBe(3)
  expect(new Set(server.cameOn).size).toBe(3)
})

test('no more are opened than the pool may have', async () => {
  const server = await rawServer((socket) => socket.write(EMPTY))
  const pool = testPool(server.origin, { connections: 2 })

  expect(await pool.warm(5)).toBe(2)
  expect(await pool.warm(5)).toBe(0)
  await eventually(() => server.accepted === 2)
})

test('one that the server closed meanwhile, or on which it said something unasked, is not used', async () => {
  const sockets: Socket[] = []
  const server = await tcpServer((socket) => {
    sockets.push(socket)
    if (sockets.length > 2) socket.on('data', () => socket.write(EMPTY))
  })
  const pool = testPool(server.origin)
  await pool.warm(2)
  await eventually(() => sockets.length === 2)

  sockets[0]!.end()
  sockets[1]!.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nevil!')
  await eventually(() => pool.stats.connected === 0)
  const { exchange, sink } = send(pool, server)
  await sink.ended

  expect(sink.body).toBe('')
  expect(exchange.statusCode).toBe(200)
  expect(server.accepted).toBe(3)
})

test('one that nobody needs is closed after its time', async () => {
  const clock = new SimClock()
  const server = await tcpServer(() => undefined)
  const pool = testPool(server.origin, { clock, keepAliveTimeoutMs: 500 })
  await pool.warm(2)

  await clock.advance(500)

  await eventually(() => server.open() === 0)
  expect(pool.stats.connected).toBe(0)
})

test('an instance that refuses is none, and no error', async () => {
  const pool = testPool(`http://127.0.0.1:${String(await freePort())}`)

  expect(await pool.warm(2)).toBe(0)
})

test('closing the pool closes them; a closed pool opens none', async () => {
  const server = await tcpServer(() => undefined)
  const pool = testPool(server.origin)
  await pool.warm(2)

  await pool.close()

  await eventually(() => server.open() === 0)
  expect(await pool.warm(2)).toBe(0)
  expect(server.accepted).toBe(2)
})

test('an instance with an IPv6 address is connected to as any other', async () => {
  const server = await rawServer((socket) => socket.write(EMPTY), { host: '::1' })
  const pool = testPool(server.origin)

  expect(await pool.warm(1)).toBe(1)
  const sent = [send(pool, server), send(pool, server)]
  await Promise.all(sent.map(({ sink }) => sink.ended))

  expect(sent.map(({ sink }) => sink.heard.at(-1))).toEqual(['end', 'end'])
  expect(server.accepted).toBe(2)
})
