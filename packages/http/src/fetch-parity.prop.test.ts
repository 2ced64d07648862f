/** Whatever `fetch` accepts or refuses, `client.fetch` does: the same to the server, and the same to the caller. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Agent, fetch as undiciFetch, FormData as UndiciFormData, Request as UndiciRequest } from 'undici'
import { clientOf } from './fleet.model.js'
import { BODIES, EXTRAS, HEADERS, METHODS, URLS } from './fetch-parity.model.js'
import type { Choices } from './fetch-parity.model.js'

type AnyFetch = (input: unknown, init: unknown) => Promise<Response>

/** Thousands: `FETCH_PARITY_RUNS=5000 npx vitest run packages/http/src/fetch-parity`. */
const RUNS = Number(process.env['FETCH_PARITY_RUNS'] ?? 250)

const NO_REQUEST = new Error('no request')
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

const nameOf = (choices: Readonly<Record<string, unknown>>): fc.Arbitrary<string> =>
  fc.constantFrom(...Object.keys(choices))
const mostly = (choices: Choices, usual: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...usual) }, { weight: 4, arbitrary: nameOf(choices) })

const asked = fc.record({
  url: nameOf(URLS),
  method: mostly(METHODS, ['"POST"', '"PUT"', 'none']),
  headers: mostly(HEADERS, ['none', 'an object']),
  body: nameOf(BODIES),
  extra: mostly(EXTRAS, ['none']),
  duplex: fc.constantFrom('half', 'half', undefined),
  /** As what the first argument comes, and whether there is a second. */
  as: fc.constantFrom(
    'arguments',
    'arguments',
    "undici's Request",
    "undici's Request and more",
    "the platform's Request",
    "the platform's Request and more",
    'nothing more',
  ),
})
type Asked = typeof asked extends fc.Arbitrary<infer A> ? A : never

test('P5: fetch does what fetch does, whatever it is given', { timeout: 30_000 + RUNS * 100 }, async () => {
  const { base, seen } = await listening()
  const client = clientOf({ retry: false, breaker: false, maxBodyBytes: 1_000_000 })
  const agent = new Agent()
  onTestFinished(() => agent.close())
  const ours = client.fetch as AnyFetch
  const theirs: AnyFetch = (input, init) =>
    undiciFetch(input as string, { ...known(init), dispatcher: agent })

  await fc.assert(
    fc.asyncProperty(asked.filter(isMeant), async (given) => {
      const expected = await outcomeOf(theirs, given, base, UndiciRequest)
      const requests = seen()

      const outcome = await outcomeOf(ours, given, base, Request)
      // What the platform takes for a request depends on its version, and is not for `fetch` to judge.
      if (given.as.startsWith('the platform') && [outcome, expected].includes(NO_REQUEST)) return

      expect(outcome).toEqual(expected)
      expect(seen().map(asNamed(given))).toEqual(requests.map(asNamed(given)))
    }),
    { numRuns: RUNS },
  )

  expect(client.snapshot().services.map(({ command }) => command.inFlight)).toEqual(
    client.snapshot().services.map(() => 0),
  )
})

// The platform knows no form of undici's, and a form of its own that is cut off in its Request makes Node 24 reject unheard. Its
// Request hides whether the body can be sent again, to where a redirect leads.
function isMeant({ as, body, url }: Asked): boolean {
  return !as.startsWith('the platform') || !(body.endsWith('FormData') || /^.(to|loop)/.test(url))
}

// The platform's Request tells its headers in lower case and in order, and hides of what its body was made: it goes out in chunks.
function asNamed({ as }: Asked): (request: Told) => Told {
  if (!as.startsWith('the platform')) return (request) => request
  return ({ headers, ...rest }) => {
    const names = headers.map((header) => header.toLowerCase())
    return {
      ...rest,
      headers: names
        .filter((name) => !/^(content-length|transfer-encoding|sec-fetch-mode|referer):/.test(name))
        .sort(),
    }
  }
}

// Undici's fetch does not know the form of the platform, as that of the platform does.
function known(init: unknown): object {
  const { body } = (init ?? {}) as { body?: unknown }
  if (!(body instanceof FormData)) return init as object
  const form = new UndiciFormData()
  for (const [name, value] of body) form.append(name, value)
  return { ...(init as object), body: form }
}

async function outcomeOf(fetch: AnyFetch, given: Asked, base: string, ofPlatform: unknown): Promise<unknown> {
  try {
    const [input, init] = argumentsOf(given, base, ofPlatform as typeof Request)
    const response = await fetch(input, init)
    const { url, status, statusText, redirected, type, ok, headers } = response
    const body = await response.text().catch(shown)
    const told = [...headers].filter(([name]) => name !== 'date')
    return { url, status, statusText, redirected, type, ok, headers: told, body, used: response.bodyUsed }
  } catch (error) {
    // Ours shows no credentials, and looks for them before anything else.
    return given.url.startsWith('with ') ? 'refused' : shown(error)
  }
}

function argumentsOf(
  given: Asked,
  base: string,
  ofPlatform: typeof Request,
): readonly [input: unknown, init: unknown] {
  const { as, duplex } = given
  const input = URLS[given.url]?.(base)
  const init = {
    ...(EXTRAS[given.extra]?.() as object),
    method: METHODS[given.method]?.(),
    headers: HEADERS[given.headers]?.(),
    body: BODIES[given.body]?.(),
    ...(duplex === undefined ? {} : { duplex }),
  }
  if (as === 'nothing more') return [input, undefined]
  if (as === 'arguments') return [input, init]
  const isOfPlatform = as.startsWith('the platform')
  const Made = isOfPlatform ? ofPlatform : (UndiciRequest as unknown as typeof Request)
  const request = made(Made, input, isOfPlatform && ofPlatform !== Request ? known(init) : init)
  return [request, as.endsWith('more') ? { headers: { 'x-beside': '1' }, method: 'PUT' } : undefined]
}

// That is nobody's `fetch`.
function made(Made: typeof Request, input: unknown, init: object): Request {
  try {
    return new Made(input as string, init)
  } catch {
    throw NO_REQUEST
  }
}

/** What an error says, with what is behind it. */
function shown(error: unknown): unknown {
  if (error === NO_REQUEST) return error
  if (!(error instanceof Error)) return { thrown: error }
  const { name, message, cause } = error
  const { code } = error as { code?: string }
  // What is seen first of a connection that breaks, chance decides.
  if (code !== undefined && BROKEN.has(code)) return 'broken'
  // Ours shows neither URLs that cannot be read nor values of headers.
  const hidden = /^Failed to parse URL|invalid header value/.exec(message)?.[0]
  if (hidden !== undefined) return { name, message: hidden }
  return { name, message, code, cause: cause === undefined ? undefined : shown(cause) }
}

/** A server that tells what it got, as text; and each request since the last time. */
async function listening(): Promise<{ readonly base: string; readonly seen: () => readonly Told[] }> {
  let got: (Told | undefined)[] = []
  const server = createServer({ joinDuplicateHeaders: false }, (request, response) => {
    const chunks: Buffer[] = []
    const place = got.push(undefined) - 1
    const list = got
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      list[place] = told(request, Buffer.concat(chunks))
      answer(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const seen = (): readonly Told[] => {
    const since = got.filter((entry) => entry !== undefined)
    got = []
    return since
  }
  return { base: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, seen }
}

interface Told {
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: string
}

function told({ method = '', url = '', rawHeaders }: IncomingMessage, body: Buffer): Told {
  const plain = (text: string): string => text.replaceAll(/(formdata-undici-)\d+/g, '$1')
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [`${name}: ${plain(rawHeaders[at + 1] ?? '')}`] : [],
  )
  return { method, url, headers, body: plain(body.toString('latin1')) }
}

function answer({ method = '', url = '', socket }: IncomingMessage, response: ServerResponse): void {
  const [, first = '', second = ''] = url.split(/[/?#]/)
  const elsewhere: Readonly<Record<string, string>> = {
    loop: '/loop',
    'to-nothing': 'http://',
    'to-ftp': 'ftp://127.0.0.1/',
    'to-user': `http://me:secret@${String(socket.localAddress)}:${String(socket.localPort)}/there`,
    'to-hash': '/there#hash',
  }
  const location = first === 'to' ? '/there?x=y' : elsewhere[first]
  if (first === 'reset') socket.destroy()
  else if (first === 'half')
    response.writeHead(200, { 'content-length': 9 }).write('half', () => socket.destroy())
  else if (first === 'status' && second === '999')
    socket.end('HTTP/1.1 999 Odd\r\ncontent-length: 2\r\n\r\nok')
  else if (first === 'status') response.writeHead(Number(second)).end()
  else if (first === 'cookies') response.writeHead(200, ['set-cookie', 'a=1', 'set-cookie', 'b=2']).end()
  else if (first === 'coded')
    response
      .writeHead(200, { 'content-encoding': second })
      .end(second === 'gzip' ? gzipSync('inflated') : 'as it is')
  else if (location !== undefined)
    response.writeHead(first === 'to' ? Number(second) : 302, { location }).end()
  else response.end(`${method} ${url}`)
}
