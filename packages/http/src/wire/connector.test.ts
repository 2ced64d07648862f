import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Connector } from './connector.js'
import { eventually, tcpServer } from './hostile-server.model.js'
import type { TestServer } from './hostile-server.model.js'
import { resolvePools } from './pool-options.js'

function connect(connector: Connector, { port }: TestServer): Promise<Socket> {
  const target = { hostname: '127.0.0.1', protocol: 'http:', port: String(port) }
  return new Promise((resolve, reject) => {
    connector.connect(target, (error, socket) => (error === null ? resolve(socket) : reject(error)))
  })
}

test('counts what is open and what is being opened', async () => {
  const server = await tcpServer(() => undefined)
  const connector = new Connector(resolvePools(), undefined)

  const opening = connect(connector, server)
  expect([connector.connecting, connector.connected]).toEqual([1, 0])
  const socket = await opening
  expect([connector.connecting, connector.connected]).toEqual([0, 1])
  socket.destroy()

  await eventually(() => connector.connected === 0)
})

test('once destroyed, it opens nothing for clients that undici forgot to stop', async () => {
  const server = await tcpServer(() => undefined)
  const connector = new Connector(resolvePools(), undefined)
  const socket = await connect(connector, server)
  const gone = new Error('gone')
  socket.on('error', () => undefined)

  await connector.destroy(gone)

  expect(socket.destroyed).toBe(true)
  await expect(connect(connector, server)).rejects.toBe(gone)
  expect([connector.connecting, connector.connected]).toEqual([0, 0])
  expect(server.accepted).toBe(1)
})

test('tells of a broken connection only while its listeners hear of it', async () => {
  const server = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
  const connector = new Connector(resolvePools(), undefined)
  const socket = await connect(connector, server)

  const seen = await new Promise((resolve) => {
    socket
      .once('error', () => resolve(connector.breaking))
      .resume()
      .write('x')
  })

  expect(seen).toMatchObject({ code: 'ECONNRESET' })
  await new Promise((resolve) => setImmediate(resolve))
  expect(connector.breaking).toBeUndefined()
})
