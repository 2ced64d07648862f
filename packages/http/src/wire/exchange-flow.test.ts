import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Exchange, ResponseHeaders } from './exchange.js'
import { bytesArrived, eventually, httpServer, rawServer } from './hostile-server.model.js'
import { OUTLETS, RecordingSink, send } from './wire.model.js'

const CHUNK = Buffer.alloc(65_536, 'x')

describe.each(OUTLETS)('what flows through an exchange on $name', ({ name, make }) => {
  test('a paused receiver stops the sender; resumed, it gets every byte', async () => {
    const state = { written: 0, chunks: 400 }
    const server = await httpServer((_request, response) => {
      const more = (): void => {
        while (state.chunks-- > 0) {
          state.written += CHUNK.length
          if (!response.write(CHUNK)) {
            response.once('drain', more)
            return
          }
        }
        response.end()
      }
      more()
    })
    class Slow extends RecordingSink {
      override onData(exchange: Exchange, chunk: Buffer): void {
        if (exchange.bodyBytes === chunk.length) exchange.pause()
        this.heard.push('data')
      }
    }

    const { exchange, sink } = send(make(server.origin), server, { sink: new Slow() })
    await eventually(() => exchange.paused)
    let before = -1
    while (before !== state.written) {
      before = state.written
      await bytesArrived()
    }

    expect(state.chunks).toBeGreaterThan(0)
    expect(exchange.bodyBytes).toBeLessThan(5_000_000)
    exchange.resume()
    exchange.resume()
    await sink.ended
    expect(sink.heard.at(-1)).toBe('end')
    expect(exchange.bodyBytes).toBe(400 * CHUNK.length)
    expect(exchange.paused).toBe(false)
  })

  test('a receiver that paused before the start gets headers only', async () => {
    let finish = (): unknown => undefined
    const server = await httpServer((_request, response) => {
      response.write('x')
      finish = () => response.end('y')
    })
    const sink = new RecordingSink()
    const exchange = make(server.origin).open(sink, { clock: { now: () => 0 } as never })

    exchange.pause()
    exchange.start({ origin: server.origin, path: '/', method: 'GET' }, 0)
    await eventually(() => exchange.hasHead)
    finish()
    await bytesArrived()

    expect(sink.heard).toEqual(['head 200'])
    exchange.resume()
    await sink.ended
    expect(sink.body).toBe('xy')
  })

  test('aborted while paused, it ends at once', async () => {
    const server = await httpServer((_request, response) => response.write(CHUNK))
    const { exchange, sink } = send(make(server.origin), server)
    await eventually(() => sink.heard.includes('data'))
    exchange.pause()

    exchange.abort(new Error('enough'))
    exchange.resume()

    expect(sink.heard.at(-1)).toBe('failure')
    expect(exchange).toMatchObject({ failureClass: 'maybe-processed', hasHead: true })
    await eventually(() => server.closed.includes(1))
  })

  test('an upgrade hands the socket over', async () => {
    let socket: Duplex | undefined
    let answered: ResponseHeaders = {}
    class Upgrading extends RecordingSink {
      onUpgrade(_exchange: Exchange, statusCode: number, headers: ResponseHeaders, upgraded: Duplex): void {
        this.heard.push(`upgrade ${String(statusCode)}`)
        answered = headers
        socket = upgraded
        this.report()
      }
    }
    const server = await rawServer((raw) => {
      raw.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\nhi')
    })

    const request = { ...server, upgrade: 'chat' }
    const { exchange, sink } = send(make(server.origin), request, { sink: new Upgrading() })
    await sink.ended

    expect(sink.heard).toEqual(['upgrade 101'])
    expect(answered['upgrade']).toBe('chat')
    expect(exchange).toMatchObject({ isOver: true, reason: null })
    const [chunk] = (await once(socket!, 'data')) as [Buffer]
    expect(chunk.toString()).toBe('hi')
    exchange.abort(new Error('too late'))
    expect(sink.heard).toHaveLength(1)
    socket!.destroy()
  })

  test('an upgrade that the receiver knows nothing of is a failure', async () => {
    const server = await rawServer((raw) => {
      raw.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: chat\r\n\r\n')
    })

    const { sink } = send(make(server.origin), { ...server, upgrade: 'chat' })
    await sink.ended

    expect(sink.heard).toEqual(['failure'])
    expect(sink.error?.message).toContain('101')
    await eventually(() => server.closed.includes(1))
  })

  test('the start of the request, of the answer, and what was sent are passed on', async () => {
    const calls: string[] = []
    class Curious extends RecordingSink {
      onStart(exchange: Exchange): void {
        calls.push(`start ${String(exchange.isSent)}`)
      }
      onResponseStarted(): void {
        calls.push('response')
      }
      onBodySent(): void {
        calls.push('body')
      }
      onRequestSent(): void {
        calls.push('sent')
      }
    }
    const server = await httpServer((request, response) => {
      request.resume().on('end', () => response.end())
    })

    const request = { ...server, method: 'POST', body: 'hello' } as const
    const { sink } = send(make(server.origin), request, { sink: new Curious() })
    await sink.ended

    // undici 7 tells handlers of the newer generation neither.
    const tellsSent = !/^undici 7[.\d]+$/.test(name)
    expect(calls).toEqual(['start true', ...(tellsSent ? ['body', 'sent'] : []), 'response'])
  })

  test('a sink that aborts as the request starts has nothing written', async () => {
    class Reluctant extends RecordingSink {
      onStart(exchange: Exchange): void {
        exchange.abort(new Error('rather not'))
      }
    }
    const server = await rawServer(() => undefined)

    const { sink } = send(make(server.origin), server, { sink: new Reluctant() })
    await sink.ended
    await bytesArrived()

    expect(sink.heard).toEqual(['failure'])
    expect(server.requests).toEqual([])
  })

  test('HEAD, 204 and 304 have no body, whatever their headers say', async () => {
    const server = await httpServer((request, response) => {
      const status = request.method === 'HEAD' ? 200 : Number(request.url?.slice(1))
      response.writeHead(status, request.method === 'HEAD' ? { 'content-length': '999' } : {}).end()
    })
    const outlet = make(server.origin)

    for (const [method, path] of [
      ['HEAD', '/'],
      ['GET', '/204'],
      ['GET', '/304'],
    ] as const) {
      const { sink } = send(outlet, { ...server, method, path })
      await sink.ended
      expect(sink.heard).toEqual([`head ${path.slice(1) || '200'}`, 'end'])
    }
  })
})
