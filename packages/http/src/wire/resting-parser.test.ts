/** A connection that ends with its answer, while the reader of that has paused: undici alone throws where nobody catches it. */
import { systemClock } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { bytesArrived, eventually, rawServer } from './hostile-server.model.js'
import { InstancePool } from './instance-pool.js'
import { resolvePools } from './pool-options.js'
import { RecordingSink, send } from './wire.model.js'
import type { Exchange } from './exchange.js'

class Pausing extends RecordingSink {
  override onData(exchange: Exchange, chunk: Buffer): void {
    super.onData(exchange, chunk)
    exchange.pause()
  }
}

const pool = (origin: string): InstancePool =>
  new InstancePool(origin, undefined, resolvePools({ clock: systemClock }))

/** On Node 22 a reset after a read that left room in its buffer looks as a well-meant end, which is that of a body without a length. */
const SHOWS_RESETS = Number.parseInt(process.versions.node, 10) > 22

describe.each([
  ['without a length', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n', SHOWS_RESETS],
  ['with a length', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\n', true],
])('%s', (_what, head, isCut) => {
  test('an answer that ends well is whole', async () => {
    const server = await rawServer((socket) => {
      socket.write(`${head}body`, () => setImmediate(() => socket.end()))
    })
    const outlet = pool(server.origin)

    const { exchange, sink } = send(outlet, server, { sink: new Pausing() })
    await eventually(() => server.closed.length === 1)
    exchange.resume()
    await sink.ended

    expect([sink.heard.at(-1), sink.body]).toEqual(['end', 'body'])
    await outlet.destroy()
    expect(outlet.stats).toMatchObject({ inFlight: 0, connected: 0 })
  })

  test('an answer that is seen to be reset fails, and its place is free', async () => {
    const server = await rawServer((socket) => {
      socket.write(`${head}bod`, () => setImmediate(() => socket.resetAndDestroy()))
    })
    const outlet = pool(server.origin)

    const { sink } = send(outlet, server, { sink: new Pausing() })
    await sink.ended
    await bytesArrived()

    expect(sink.heard.at(-1)).toBe(isCut ? 'failure' : 'end')
    await outlet.destroy()
    expect(outlet.stats).toMatchObject({ inFlight: 0, connected: 0 })
  })
})
