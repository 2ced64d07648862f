/** What `client.with` says goes before what the service says, for these requests and no others; by each way in. */
import zlib from 'node:zlib'
import axios from 'axios'
import type { AxiosAdapter } from 'axios'
import { constant } from '@breakwater/breaker'
import { Agent, request as undiciRequest } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CallSettings } from './engine/call-settings.js'
import type { ServiceOptions } from './engine/service-options.js'
import { answering, failureOf, isAtRest, server, usersOn } from './fleet.model.js'
import type { Answer, FakeServer } from './fleet.model.js'
import type { HttpClient } from './http-client.js'

const backoff = constant({ ms: 1 })
const URL_OF_USERS = 'http://users/'

/** Sends a request with settings of its own; resolves with the status and the text of the answer. */
type Way = (client: HttpClient, settings: CallSettings) => Promise<readonly [number, string]>

const byFetch: Way = async (client, settings) => {
  const answer = await client.with(settings).fetch(URL_OF_USERS)
  return [answer.status, await answer.text()]
}
const ways: readonly (readonly [string, Way])[] = [
  ['fetch', byFetch],
  [
    'request',
    async (client, settings) => {
      const { statusCode, body } = await client.with(settings).request(URL_OF_USERS)
      return [statusCode, await body.text()]
    },
  ],
  [
    'the interceptor',
    async (client, settings) => {
      const agent = new Agent()
      onTestFinished(() => agent.destroy())
      const dispatcher = agent.compose(client.interceptor(settings))
      const { statusCode, body } = await undiciRequest(URL_OF_USERS, { dispatcher })
      return [statusCode, await body.text()]
    },
  ],
  [
    'the adapter for axios',
    async (client, settings) => {
      const adapter = client.axiosAdapter(settings) as AxiosAdapter
      const { status, data } = await axios.get<string>(URL_OF_USERS, { adapter, validateStatus: null })
      return [status, data]
    },
  ],
]

describe.each(ways)('by %s', (_name, ask) => {
  test('a request has a fallback of its own, or none', async () => {
    const [plain, covered] = [await answering(500), await answering(500)]
    const other = usersOn([covered], { retry: false, fallback: () => ({ status: 203, body: 'of all' }) })

    expect(await ask(usersOn([plain], { retry: false }), { fallback: () => ({ body: 'own' }) })).toEqual([
      200,
      'own',
    ])
    expect(await ask(other, { fallback: () => ({ body: 'own' }) })).toEqual([200, 'own'])
    expect(await ask(other, { fallback: false })).toEqual([500, 'status 500'])
    expect(await ask(other, {})).toEqual([203, 'of all'])
  })

  test('a request is tried again by rules of its own, though those of its service are not', async () => {
    const users = await answering(503, 503, 503, 'fourth')
    const client = usersOn([users], { retry: false, attemptHeader: false })

    expect(await ask(client, { retry: { maxRetries: 3, backoff }, attemptHeader: 'X-Try' })).toEqual([
      200,
      'fourth',
    ])

    expect(users.got.map(({ headers }) => headers['x-try'])).toEqual([undefined, '2', '3', '4'])
  })

  test('an answer has a limit of its own', async () => {
    const client = usersOn([await answering('x'.repeat(2_000))])

    const error = await failureOf(ask(client, { maxBodyBytes: 1_000 }))

    expect([error, error.cause]).toContainEqual(expect.objectContaining({ code: 'ERR_RESPONSE_TOO_LARGE' }))
    expect((await ask(client, {}))[1]).toHaveLength(2_000)
    await isAtRest(client)
  })
})

describe('the body of an answer', () => {
  const begun = (): Promise<FakeServer> =>
    server((_request, response) => response.writeHead(200).write('begun'))
  const running = (client: HttpClient): unknown => client.snapshot().services[0]?.command.inFlight

  test.each([
    ['headers', 'body', 0],
    ['body', 'headers', 1],
  ] as const)('with endsWith: %s over %s holds %d slots', async (own, ofService, slots) => {
    const client = usersOn([await begun()], { endsWith: ofService })

    const [mine, other] = [
      await client.with({ endsWith: own }).request(URL_OF_USERS),
      await client.request(URL_OF_USERS),
    ]

    await expect.poll(() => running(client)).toBe(1)
    mine.body.on('error', () => undefined).destroy()
    await expect.poll(() => running(client)).toBe(1 - slots)
    other.body.on('error', () => undefined).destroy()
    await isAtRest(client)
  })

  test.each<[string, CallSettings, ServiceOptions]>([
    ['bodyTimeoutMs', { bodyTimeoutMs: 50 }, {}],
    ['bodyIdleTimeoutMs', { bodyIdleTimeoutMs: 50 }, { bodyIdleTimeoutMs: false }],
  ])('ends by %s of its own', async (_name, settings, options) => {
    const client = usersOn([await begun()], { timeoutMs: false, attemptTimeoutMs: 5_000, ...options })

    const { body } = await client.with(settings).request(URL_OF_USERS)

    await expect(body.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    await isAtRest(client)
  })

  test('is whole where the request has no limit of time, though its service has', async () => {
    const ends: (() => unknown)[] = []
    const users = await server((_request, response) => {
      response.writeHead(200).write('begun')
      ends.push(() => response.end(' and done'))
    })
    const client = usersOn([users], { endsWith: 'headers', bodyTimeoutMs: 60, bodyIdleTimeoutMs: 60 })

    const mine = await client.with({ bodyTimeoutMs: false, bodyIdleTimeoutMs: false }).request(URL_OF_USERS)
    const other = await client.request(URL_OF_USERS)
    await expect(other.body.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    for (const end of ends) end()

    expect(await mine.body.text()).toBe('begun and done')
  })

  test('is counted as it is inflated, too', async () => {
    const bomb: Answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(zlib.gzipSync('x'.repeat(50_000)))
    const users = await answering(bomb)
    const client = usersOn([users], { maxBodyBytes: 60_000 })

    for (const each of [client, usersOn([users])]) {
      const mine = each.with({ maxBodyBytes: 1_000 })
      const error = await failureOf((await mine.fetch(URL_OF_USERS)).text())
      expect(error.cause).toMatchObject({ code: 'ERR_RESPONSE_TOO_LARGE', limitBytes: 1_000 })
    }
    expect(await (await client.fetch(URL_OF_USERS)).text()).toHaveLength(50_000)
    expect(await (await client.with({ maxBodyBytes: false }).fetch(URL_OF_USERS)).text()).toHaveLength(50_000)
  })
})
