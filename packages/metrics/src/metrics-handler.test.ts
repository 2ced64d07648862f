import { createRuntime, InvalidOptionsError, onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import express from 'express'
import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeBulkhead } from './fake-instruments.model.js'
import { metricsHandler } from './metrics-handler.js'
import type { MetricsHandler } from './metrics-handler.js'
import { parseOpenMetrics, parseText, valueOf } from './strict-parser.model.js'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Ask {
  readonly method?: string
  readonly accept?: string
}

const heard = vi.fn()
let servers: Server[] = []
let stopListening: () => void
beforeEach(() => {
  heard.mockClear()
  stopListening = onInternalError(heard)
})
afterEach(async () => {
  stopListening()
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  servers = []
})

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function ask(port: number, { method = 'GET', accept }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = accept === undefined ? {} : { accept }
    const sent = httpRequest({ host: '127.0.0.1', port, path: '/metrics', method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body })
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}

const onBareHttp = (handler: MetricsHandler): RequestListener => handler
const onExpress = (handler: MetricsHandler): RequestListener => express().use('/metrics', handler)
const onExpressRoute = (handler: MetricsHandler): RequestListener => express().all('/metrics', handler)

function runtimeWithPool(): ReturnType<typeof createRuntime> {
  const runtime = createRuntime()
  fakeBulkhead(runtime, { name: 'püool "1"' }, { active: 3 })
  return runtime
}

const pool = { bulkhead: 'püool "1"', kind: 'semaphore' }

describe.each([
  ['bare node:http', onBareHttp],
  ['Express, mounted', onExpress],
  ['Express, as a route', onExpressRoute],
])('on %s', (_, mount) => {
  test('answers GET with the page', async () => {
    const port = await listen(mount(metricsHandler({ runtime: runtimeWithPool() })))

    const { status, headers, body } = await ask(port)

    expect(status).toBe(200)
    expect(valueOf(parseText(body), 'breakwater_bulkhead_active', pool)).toBe(3)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Accept',
    })
  })

  test('answers in OpenMetrics who prefers it', async () => {
    const port = await listen(mount(metricsHandler({ runtime: runtimeWithPool() })))

    const { headers, body } = await ask(port, {
      accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5',
    })

    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(valueOf(parseOpenMetrics(body), 'breakwater_bulkhead_active', pool)).toBe(3)
  })

  test('answers HEAD with the headers alone', async () => {
    const handler = metricsHandler({ runtime: runtimeWithPool(), clock: new SimClock() })
    const port = await listen(mount(handler))

    const [head, get] = [await ask(port, { method: 'HEAD' }), await ask(port)]

    expect([head.status, head.body]).toEqual([200, ''])
    expect(head.headers['content-length']).toBe(get.headers['content-length'])
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
    const authorize = vi.fn(() => true)
    const port = await listen(mount(metricsHandler({ runtime: createRuntime(), authorize })))

    const { status, headers, body } = await ask(port, { method })

    expect([status, headers.allow, body]).toEqual([405, 'GET, HEAD', 'Method Not Allowed\n'])
    expect(authorize).not.toHaveBeenCalled()
  })

  test.each([
    ['true', () => true, 200],
    ['a promise of true', () => Promise.resolve(true), 200],
    ['false', () => false, 403],
    ['a promise of false', () => Promise.resolve(false), 403],
    ['something like true', () => 'yes' as unknown as boolean, 403],
  ])('asks who comes: %s', async (_what, authorize, expected) => {
    const port = await listen(mount(metricsHandler({ runtime: runtimeWithPool(), authorize })))

    const { status, headers, body } = await ask(port)

    expect(status).toBe(expected)
    expect(body === 'Forbidden\n').toBe(expected === 403)
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('password=hunter2')
      },
    ],
    ['rejects', () => Promise.reject(new Error('password=hunter2'))],
    ['rejects with nothing', () => Promise.reject(undefined as unknown as Error)],
  ])('tells nothing of a check that %s', async (_what, authorize) => {
    const port = await listen(mount(metricsHandler({ runtime: runtimeWithPool(), authorize })))

    const { status, headers, body } = await ask(port)

    expect([status, body]).toEqual([500, 'Internal Server Error\n'])
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(heard).toHaveBeenCalledTimes(1)
  })
})

test('hands the request to the check', async () => {
  const authorize = vi.fn(() => true)
  const port = await listen(metricsHandler({ runtime: createRuntime(), authorize }))

  await ask(port)

  expect(authorize).toHaveBeenCalledWith(expect.objectContaining({ method: 'GET', url: '/metrics' }))
})

test('does not wait for ever for a check', async () => {
  const clock = new SimClock()
  const authorize = vi.fn(() => new Promise<boolean>(() => {}))
  const port = await listen(metricsHandler({ runtime: createRuntime(), clock, authorize }))

  const answer = ask(port)
  await expect.poll(() => authorize.mock.calls.length).toBe(1)
  await clock.advance(10_000)

  expect((await answer).status).toBe(500)
})

test('leaves no timer behind when the check is quick', async () => {
  const clock = new SimClock()
  const port = await listen(metricsHandler({ runtime: createRuntime(), clock, authorize: () => true }))

  await ask(port)

  expect(clock.pending.timers).toBe(0)
})

test('closes a response that somebody else has begun', async () => {
  const handler = metricsHandler({ runtime: createRuntime() })
  const port = await listen((request, response) => {
    response.writeHead(200).write('half')
    handler(request, response)
  })

  await expect(ask(port)).rejects.toThrow()
  expect(heard).toHaveBeenCalledTimes(1)
})

test('leaves a response alone that somebody else has finished', async () => {
  const handler = metricsHandler({ runtime: createRuntime() })
  const port = await listen((request, response) => {
    response.end('theirs')
    handler(request, response)
  })

  expect(await ask(port)).toMatchObject({ status: 200, body: 'theirs' })
  expect(heard).not.toHaveBeenCalled()
})

test('goes on when a caller leaves before the answer', async () => {
  let verdict: (allowed: boolean) => void = () => {}
  const authorize = vi.fn(() => new Promise<boolean>((resolve) => (verdict = resolve)))
  const port = await listen(metricsHandler({ runtime: runtimeWithPool(), authorize }))
  const left = httpRequest({ host: '127.0.0.1', port, path: '/metrics' })
  const gone = new Promise((resolve) => left.on('error', resolve))
  left.end()
  await expect.poll(() => authorize.mock.calls.length).toBe(1)

  left.destroy(new Error('left'))
  await gone
  verdict(true)
  authorize.mockImplementation(() => Promise.resolve(true))

  expect((await ask(port)).status).toBe(200)
  expect(heard).not.toHaveBeenCalled()
})

test('refuses wrong options when it is made', () => {
  expect(() => metricsHandler({ authorize: 'everybody' as never, prefix: '-' })).toThrow(InvalidOptionsError)
})
