import { createRuntime } from '@breakwater/kernel'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../../../../servers/free-ports.ts'
import { hostileServer } from '../../transport/hostile-server.model.js'
import type { EurekaClientOptions } from '../core/options/client-options.js'
import { EurekaClient } from './eureka-client.js'

const CANARY = 'canary'
const CREDENTIALS = `user:${CANARY}%40secret`
const SENT = Buffer.from(`user:${CANARY}@secret`).toString('base64')
const EVENTS = [
  'registry',
  'status',
  'heartbeat',
  'registered',
  'deregistered',
  'held',
  'deltaDiff',
  'error',
] as const

const withCredentials = (url: string): string => url.replace('://', `://${CREDENTIALS}@`)

/** Everything that a client shows to those who print it, listen to it, or measure it. */
async function shownBy(options: EurekaClientOptions): Promise<string> {
  const runtime = createRuntime()
  const shown: unknown[] = []
  const client = new EurekaClient({
    name: 'registry',
    runtime,
    instance: { appName: 'users', port: 1 },
    stopTimeoutMs: 100,
    ...options,
  })
  onTestFinished(() => client.stop())
  for (const event of EVENTS) client.on(event, (payload) => shown.push(payload))
  const note = (error: unknown): void => void shown.push(error)
  await client.start().catch(note)
  await client.api.all().catch(note)
  await client.setStatus('OUT_OF_SERVICE')
  for (const instrument of runtime.instruments()) shown.push(instrument, instrument.read())
  shown.push(client, client.api, client.self, client.registryOf())
  await client.stop()
  return shown.map(printed).join('\n')
}

function printed(value: unknown): string {
  const text = inspect(value, { depth: 50, showHidden: true, getters: false })
  const stack = value instanceof Error ? String(value.stack) : ''
  let json = ''
  try {
    json = JSON.stringify(value)
  } catch {
    // What refers to itself cannot be logged as JSON.
  }
  return `${text}\n${stack}\n${json}`
}

type Answer = (response: ServerResponse, base: string) => unknown

describe('S6: credentials are in nothing that a client shows', () => {
  test.each<[string, Answer, EurekaClientOptions?]>([
    ['takes all', (response) => response.writeHead(204).end()],
    ['asks to log in', (response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end()],
    ['redirects', (response, base) => response.writeHead(302, { location: `${base}elsewhere/apps/` }).end()],
    [
      'redirects to a stranger',
      (response) => response.writeHead(302, { location: 'http://a:b@127.0.0.9/apps/' }).end(),
    ],
    ['breaks', (response) => response.destroy()],
    ['is silent', () => undefined, { connectTimeoutMs: 500, readTimeoutMs: 500 }],
    ['sends nonsense', (response) => response.end('{"applications":{{')],
  ])('of a server that %s', async (_what, answer, limits) => {
    const server = await hostileServer((_request, response) => {
      answer(response, server.url)
    })

    const shown = await shownBy({ serviceUrls: [withCredentials(server.url)], ...limits })

    expect(server.headers[0]?.authorization).toBe(`Basic ${SENT}`)
    expect(shown.length).toBeGreaterThan(1_000)
    expect(shown).not.toContain(CANARY)
    expect(shown).not.toContain(SENT)
  })

  test('of a server that is not there', async () => {
    const url = `http://127.0.0.1:${String(await freePort())}/eureka/`

    const shown = await shownBy({ serviceUrls: [withCredentials(url)] })

    expect(shown).toContain('ECONNREFUSED')
    expect(shown).not.toContain(CANARY)
  })

  test.each([407, 502])('of a proxy that answers %i, and of its own certificate', async (status) => {
    const told: (string | undefined)[] = []
    const proxy = createServer().on('connect', ({ headers }, socket) => {
      told.push(headers['proxy-authorization'])
      // Whoever asked may have left: a server does not listen to the errors of a tunnel.
      socket.on('error', () => undefined).end(`HTTP/1.1 ${String(status)} No\r\n\r\n`)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const { port } = proxy.address() as AddressInfo

    const shown = await shownBy({
      serviceUrls: ['http://192.0.2.1/eureka/'],
      proxy: { url: withCredentials(`http://127.0.0.1:${String(port)}`) },
      tls: { passphrase: CANARY },
      headers: { 'x-token': CANARY },
    })

    expect(new Set(told)).toEqual(new Set([`Basic ${SENT}`]))
    expect(shown).not.toContain(CANARY)
    expect(shown).not.toContain(SENT)
  })
})
