import { BulkheadFullError, InvalidOptionsError } from '@breakwater/kernel'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, httpServer, rawServer } from './hostile-server.model.js'
import { resolvePools } from './pool-options.js'
import type { PoolOptions } from './pool-options.js'
import { Pools } from './pools.js'
import { PoolClosedError } from './wire-errors.js'
import { send } from './wire.model.js'

function testPools(options: PoolOptions = {}): Pools {
  const pools = new Pools(resolvePools(options))
  onTestFinished(() => pools.destroy())
  return pools
}

const EMPTY = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'

test('an instance has one pool for all who hold it, until the last lets go', async () => {
  const server = await rawServer((socket) => socket.write(EMPTY))
  const pools = testPools()
  const one = pools.acquire(server.origin)
  const two = pools.acquire(server.origin)
  await send(one, server).sink.ended

  pools.release(one)

  expect(two).toBe(one)
  expect(one.state).toBe('open')
  pools.release(two)
  await eventually(() => one.state === 'closed')
  await eventually(() => server.open() === 0)
  pools.release(two)
  expect(pools.stats).toEqual([])
})

test('the same address under another TLS name is another pool', () => {
  const pools = testPools()

  expect(pools.acquire('https://10.0.0.1', 'a')).not.toBe(pools.acquire('https://10.0.0.1', 'b'))
})

test('an instance that comes back while it drains gets its pool again; after that a new one', async () => {
  const server = await rawServer((socket, nth) => (nth > 1 ? socket.write(EMPTY) : undefined))
  const pools = testPools()
  const pool = pools.acquire(server.origin)
  const running = send(pool, server)
  await eventually(() => server.requests.length === 1)
  pools.release(pool)
  expect(pool.state).toBe('draining')

  expect(pools.acquire(server.origin)).toBe(pool)

  expect(pool.state).toBe('open')
  running.exchange.abort(new Error('over'))
  await send(pool, server).sink.ended
  pools.release(pool)
  await eventually(() => pool.state === 'closed')
  expect(pools.acquire(server.origin)).not.toBe(pool)
})

test('a new instance is warmed', async () => {
  const server = await rawServer((socket) => socket.write(EMPTY))
  const pools = testPools({ warmConnections: 2 })

  pools.acquire(server.origin)

  await eventually(() => server.accepted === 2)
})

test('hosts outside of services have pools by origin, as text or URL', () => {
  const pools = testPools()

  const pool = pools.forOrigin('http://10.0.0.1')

  expect(pools.forOrigin(new URL('http://10.0.0.1/path'))).toBe(pool)
  expect(pools.forOrigin('HTTP://10.0.0.1:80')).toBe(pool)
  expect(pools.forOrigin('https://10.0.0.1')).not.toBe(pool)
  expect(() => pools.forOrigin('ftp://10.0.0.1')).toThrow(TypeError)
  expect(() => pools.forOrigin('nonsense')).toThrow(TypeError)
})

test('when there are as many as may be, the one idle for longest makes room', async () => {
  const busy = await rawServer(() => undefined)
  const idle = await httpServer((_request, response) => response.end())
  const pools = testPools({ maxDirectOrigins: 3 })
  const { exchange } = send(pools.forOrigin(busy.origin), busy)
  const first = pools.forOrigin(idle.origin)
  await send(first, idle).sink.ended
  const second = pools.forOrigin('http://10.0.0.2')
  pools.forOrigin(idle.origin)

  pools.forOrigin('http://10.0.0.3')

  expect(second.state).toBe('closed')
  expect(first.state).toBe('open')
  pools.forOrigin('http://10.0.0.4')
  expect(first.state).toBe('closed')
  await eventually(() => idle.open() === 0)
  expect(pools.stats.map(({ origin }) => origin)).toContain(busy.origin)
  exchange.abort(new Error('over'))
})

test('when all are in use, a new one is refused', async () => {
  const busy = await rawServer(() => undefined)
  const pools = testPools({ maxDirectOrigins: 1 })
  const { exchange } = send(pools.forOrigin(busy.origin), busy)

  expect(() => pools.forOrigin('http://10.0.0.9')).toThrow(BulkheadFullError)

  exchange.abort(new Error('over'))
})

test('a thousand origins leave no more than the bound', async () => {
  const pools = testPools({ maxDirectOrigins: 10 })

  for (let host = 0; host < 1_000; host++) pools.forOrigin(`http://h${String(host)}.invalid`)

  await eventually(() => pools.stats.length === 10)
})

test('closing waits for what is under way, leaves no socket and no timer, and refuses what comes after', async () => {
  const base = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  const server = await httpServer((_request, response) => setTimeout(() => response.end('late'), 30))
  const pools = testPools()
  const held = pools.acquire(server.origin)
  const { sink } = send(held, server)
  const direct = send(pools.forOrigin(server.origin), server)
  await eventually(() => server.requests.length === 2)

  await pools.close()

  expect([sink.body, direct.sink.body]).toEqual(['late', 'late'])
  expect(pools.stats).toEqual([])
  await eventually(() => server.open() === 0)
  await server.stop()
  expect(
    process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
  ).toBeLessThanOrEqual(base)
  expect(() => pools.acquire(server.origin)).toThrow(PoolClosedError)
  expect(() => pools.forOrigin('http://10.0.0.9')).toThrow(PoolClosedError)
})

test('options are checked, every fault in one error', () => {
  const options = {
    connections: 0,
    maxQueue: -1,
    connectTimeoutMs: 'soon',
    warmConnections: 101,
    addresses: { allow: ['10.0.0.0/33'], deny: ['nowhere', 7] },
    tls: { rejectUnauthorized: false, minVersion: 'TLSv1.1' },
    clock: {},
    connection: 5,
  }

  const error = (() => {
    try {
      resolvePools(options as never)
    } catch (thrown) {
      return thrown as InvalidOptionsError
    }
    return undefined
  })()

  expect(error).toBeInstanceOf(InvalidOptionsError)
  expect(error?.issues.map(({ path }) => path).sort()).toEqual([
    'addresses.allow[0]',
    'addresses.deny[0]',
    'addresses.deny[1]',
    'clock',
    'connectTimeoutMs',
    'connection',
    'connections',
    'maxQueue',
    'tls.minVersion',
    'tls.rejectUnauthorized',
    'warmConnections',
  ])
})
