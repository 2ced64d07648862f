/** What holds a place in a pool, and what holds the process: no more than what is under way. */
import { systemClock, timelineOf } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { bytesArrived, eventually, rawServer } from './hostile-server.model.js'
import { RecordingSink, send, testPool } from './wire.model.js'

const EMPTY = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n'

class UpgradeSink extends RecordingSink {
  socket: Duplex | undefined = undefined

  onUpgrade(_exchange: unknown, statusCode: number, _headers: unknown, socket: Duplex): void {
    this.heard.push(`upgrade ${String(statusCode)}`)
    this.socket = socket
  }
}

test('connections opened ahead hold no process; those in use do', async () => {
  const held = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  const server = await rawServer(() => undefined)
  const pool = testPool(server.origin, { connections: 2 })

  await pool.warm(2)
  // The ends of the server are in this process too, and stay.
  await eventually(() => server.accepted === 2)
  const ahead = held()
  const { exchange } = send(pool, { origin: server.origin })
  await eventually(() => server.requests.length === 1)
  const inUse = held()
  exchange.abort()

  expect(inUse - ahead).toBe(1)
})

test('nor does the time that they are kept for', async () => {
  const held: unknown[] = []
  const clock: Clock = {
    now: () => systemClock.now(),
    epochNow: () => systemClock.epochNow(),
    schedule: (at, run, options) => {
      if (options?.background !== true) held.push(at)
      return systemClock.schedule(at, run, options)
    },
  }
  const server = await rawServer(() => undefined)
  const pool = testPool(server.origin, { connections: 2, clock })

  await pool.warm(2)
  // As when the process has nothing else to do.
  timelineOf(clock).holdProcess()

  expect(held).toEqual([])
})

test('an upgraded connection keeps its place until it closes; then that is for the next', async () => {
  const server = await rawServer((socket, nth) => socket.write(nth === 1 ? SWITCHED : EMPTY))
  const pool = testPool(server.origin, { connections: 1 })
  const sink = new UpgradeSink()

  send(pool, { origin: server.origin, upgrade: 'echo' }, { sink })
  await eventually(() => sink.socket !== undefined)
  const next = send(pool, { origin: server.origin })
  await bytesArrived()
  const meanwhile = { ...pool.stats }
  sink.socket?.destroy()
  await next.sink.ended

  expect(meanwhile).toMatchObject({ inFlight: 1, waiting: 1 })
  expect([sink.heard, next.sink.heard]).toEqual([['upgrade 101'], ['head 200', 'end']])
  await eventually(() => pool.stats.inFlight === 0)
})

test('an upgrade that nobody wants is a failure, and its connection closes', async () => {
  const server = await rawServer((socket) => socket.write(SWITCHED))
  const pool = testPool(server.origin, { connections: 1 })

  const { sink } = send(pool, { origin: server.origin, upgrade: 'echo' })
  await sink.ended

  expect(sink.heard).toEqual(['failure'])
  expect(sink.error?.message).toContain('nobody asked for the answer 101')
  await eventually(() => pool.stats.inFlight === 0 && server.closed.includes(1))
})

test('who pauses before there is an answer is not one whose body stops to come', async () => {
  const clock = new SimClock()
  const server = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood'))
  const pool = testPool(server.origin, { clock })
  const sink = new RecordingSink()
  const exchange = pool.open(sink, { clock, bodyIdleTimeoutMs: 1_000 })

  exchange.pause()
  exchange.start({ origin: server.origin, path: '/', method: 'GET' }, clock.now())
  await eventually(() => exchange.hasHead)
  await bytesArrived()
  await clock.advance(60_000)
  const meanwhile = [...sink.heard]
  exchange.resume()
  await sink.ended

  expect([meanwhile, sink.body]).toEqual([['head 200'], 'good'])
})
