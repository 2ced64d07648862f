/** S5: what users and registrations name, written into requests: read byte by byte as they arrive. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { InvalidOptionsError } from '@breakwater/kernel'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { EurekaClient } from './eureka-client.js'

const END_OF_HEAD = '\r\n\r\n'
const REQUEST_LINE = /^(?:GET|POST|PUT|DELETE) \/eureka\/[!-~]* HTTP\/1\.1$/
const KNOWN_HEADERS = new Set([
  'host',
  'connection',
  'accept',
  'accept-encoding',
  'authorization',
  'content-type',
  'content-length',
  'user-agent',
  'discoveryidentity-name',
  'discoveryidentity-version',
  'discoveryidentity-id',
  'x-discovery-allowredirect',
  'x-own',
])
/** The last two are a line break and a carriage return to whoever keeps the lower byte of a character. */
const BREAKS = ['\r\n', '\n', '\r', '\0', '%0d%0a', '%250a', ' HTTP/1.1\r\n', '\u2028', '\u560a', '\u560d']
const nasty = fc
  .array(
    fc.oneof(fc.constantFrom(...BREAKS, 'x-evil: 1', ' ', '/', '?', '#'), fc.string({ unit: 'binary' })),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''))

/** A server that takes everything, and the heads of all that it was sent. */
async function rawServer(): Promise<{ url: (credentials: string) => string; heads: string[] }> {
  const heads: string[] = []
  const server = createServer((socket) => {
    let text = ''
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        text += chunk.toString('latin1')
        for (let end = text.indexOf(END_OF_HEAD); end !== -1; end = text.indexOf(END_OF_HEAD)) {
          const head = text.slice(0, end)
          const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
          const next = end + END_OF_HEAD.length + length
          if (text.length < next) return
          text = text.slice(next)
          heads.push(head)
          socket.write('HTTP/1.1 204 No Content\r\n\r\n')
        }
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { url: (credentials) => `http://${credentials}@127.0.0.1:${String(port)}/eureka/`, heads }
}

/** Whether the operation was tried: what it cannot write it refuses. */
async function isTried(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    return !(error instanceof InvalidOptionsError)
  }
}

function expectWellFormed(head: string): void {
  const [line = '', ...fields] = head.split('\r\n')
  expect(line).toMatch(REQUEST_LINE)
  for (const field of fields) {
    expect(field).not.toMatch(/[\r\n\0]/)
    expect(KNOWN_HEADERS).toContain(field.slice(0, field.indexOf(':')).toLowerCase())
  }
}

test('S5: no operation on any name, id or text adds a line to its request', { timeout: 60_000 }, async () => {
  const { url, heads } = await rawServer()
  const client = new EurekaClient({ serviceUrls: [url('a:b')], registerWithEureka: false })
  onTestFinished(() => client.stop())
  const { api } = client

  await fc.assert(
    fc.asyncProperty(nasty, async (text) => {
      heads.length = 0
      const key = { app: text, instanceId: text }
      const operations = [
        () => api.setStatus(key, 'DOWN'),
        () => api.removeStatus(key),
        () => api.addMetadata({ app: 'a', instanceId: 'a' }, { [text]: text }),
        () => api.cancel(key),
        () => api.instance(key),
        () => api.instance({ instanceId: text }),
        () => api.application(text),
        () => api.vip(text, { regions: [text] }),
        () => api.all([text]),
        () => api.setAutoScalingGroup(text, 'DISABLED'),
      ]
      const tried = await Promise.all(operations.map(isTried))

      expect(heads).toHaveLength(tried.filter(Boolean).length)
      for (const head of heads) expectWellFormed(head)
    }),
    { numRuns: 100 },
  )
})

test('S5: no instance that registers adds a line to its requests', { timeout: 60_000 }, async () => {
  const { url, heads } = await rawServer()
  let registered = 0

  await fc.assert(
    fc.asyncProperty(
      nasty,
      fc.subarray(['appName', 'instanceId', 'metadata', 'headers', 'user']),
      async (text, where) => {
        heads.length = 0
        const at = (place: (typeof where)[number], other: string): string =>
          where.includes(place) ? text : other
        const metadata = { [at('metadata', 'a')]: at('metadata', 'b') }
        const credentials = `${encodeURIComponent(at('user', 'a').replaceAll(/\p{Cs}/gu, ''))}:b`
        let client: EurekaClient
        try {
          client = new EurekaClient({
            serviceUrls: [url(credentials)],
            instance: { appName: at('appName', 'a'), instanceId: at('instanceId', 'a'), metadata },
            headers: { 'x-own': at('headers', 'own') },
            fetchRegistry: false,
          })
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidOptionsError)
          return
        }
        await client.start()
        await client.stop()

        registered++
        expect(heads).toHaveLength(2)
        for (const head of heads) expectWellFormed(head)
      },
    ),
    { numRuns: 100 },
  )

  expect(registered).toBeGreaterThan(20)
})
