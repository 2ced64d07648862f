/** Which attempts are made, how soon, and what each of them counts as. */
import { constant } from '@breakwater/breaker'
import { onInternalError } from '@breakwater/kernel'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { answering, clientOf, isAtRest, nobody, reset, silence, usersOn } from './fleet.model.js'
import type { Answer } from './fleet.model.js'
import type { HttpClient } from './http-client.js'

const quick = { backoff: constant({ ms: 1 }) }
const nobodies = (count: number): Promise<string[]> => Promise.all(Array.from({ length: count }, nobody))

/** How attempts ended, by what the balancer heard. */
const heard = (client: HttpClient): Readonly<Record<string, number>> => {
  const { calls } = client.snapshot().services[0]!.balancer!
  return Object.fromEntries(Object.entries(calls).filter(([, count]) => count > 0))
}
const waitsOf = (client: HttpClient): number[] => {
  const waits: number[] = []
  client.on('retry', ({ delayMs }) => waits.push(delayMs))
  return waits
}

describe('what never left', () => {
  test('goes to three others within the same attempt, and to no more', async () => {
    const client = usersOn(await nobodies(6), { retry: { maxRetries: 0 } })

    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })

    expect(heard(client)).toEqual({ failure: 4 })
  })

  test('stays there when its body can be read but once', async () => {
    const good = await answering('good')
    const client = usersOn([await nobody(), good], { retry: quick })
    const sent = client.request('http://users/', { method: 'PUT', body: Readable.from(['a']) })
    const next = client.request('http://users/', { method: 'PUT', body: Readable.from(['a']) })

    const outcomes = await Promise.allSettled([sent, next])

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(good.got.map(({ body }) => body)).toEqual(['a'])
    expect(heard(client)).toEqual({ failure: 1, success: 1 })
    await isAtRest(client)
  })

  test('goes to another where a queue refused it, though its body can be read but once', async () => {
    let requests = 0
    // Whoever is asked first keeps its only connection busy.
    const serve: Answer = (_request, response) => (++requests === 1 ? undefined : response.end('good'))
    const users = [await answering(serve), await answering(serve)]
    const client = usersOn(users, { connections: 1, maxQueue: 0, retry: quick })
    const caller = new AbortController()
    const held = client.request('http://users/', { signal: caller.signal })
    held.catch(() => undefined)
    await expect.poll(() => requests).toBe(1)

    for (const chunks of [['a', 'b'], ['c']]) {
      const { body } = await client.request('http://users/', { method: 'POST', body: Readable.from(chunks) })
      expect(await body.text()).toBe('good')
    }

    expect(users.flatMap(({ got }) => got.map(({ body }) => body)).sort()).toEqual(['', 'ab', 'c'])
    expect(heard(client)).toEqual({ success: 2, rejected: 1 })
    caller.abort()
    await isAtRest(client)
  })

  test('for want of time is an attempt of its own, which is over', async () => {
    const other = await answering(silence)
    const client = usersOn([await answering(silence), other], {
      connections: 1,
      attemptTimeoutMs: 60,
      retry: { maxRetries: 0 },
    })
    const patient = client.with({ attemptTimeoutMs: false, timeoutMs: 2_000 })
    const held = [patient.request('http://users/'), patient.request('http://users/')]
    for (const one of held) one.catch(() => undefined)
    await expect.poll(() => other.got.length).toBe(1)

    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })

    expect(heard(client)).toEqual({ timeout: 1 })
    await Promise.allSettled(held)
  })
})

describe('the wait before another attempt', () => {
  test('is anything up to 25 ms, then 50, and is not made of what the server asked for', async () => {
    const client = usersOn([await answering(500)], {
      random: { next: () => 0.999_999 },
      breaker: false,
      retry: { maxRetries: 2 },
    })
    const waits = waitsOf(client)

    await (await client.request('http://users/')).body.dump()

    expect(waits.map(Math.round)).toEqual([25, 50])
  })

  test('is none where nobody was there and somebody else can be asked; otherwise it is as always', async () => {
    const backoff = constant({ ms: 30 })
    const alone = usersOn([await nobody()], { retry: { maxRetries: 1, backoff } })
    const many = usersOn(await nobodies(8), { retry: { maxRetries: 1, backoff } })
    const waits = [waitsOf(alone), waitsOf(many)]

    for (const client of [alone, many]) await expect(client.request('http://users/')).rejects.toThrow()

    expect(waits).toEqual([[30], [0]])
  })

  test('is none for ever where gRPC says so', async () => {
    const users = await answering((_request, response) =>
      response.writeHead(503, { 'grpc-retry-pushback-ms': '-1' }).end(),
    )
    const client = usersOn([users], { retry: quick })

    expect((await client.request('http://users/')).statusCode).toBe(503)
    expect(users.got).toHaveLength(1)
  })

  test('is told of as five minutes at most, however long the server asks for', async () => {
    const users = await answering((_request, response) =>
      response.writeHead(503, { 'retry-after': '99999999' }).end(),
    )
    const asked: unknown[] = []
    const retryIf = ({ retryAfterMs }: { readonly retryAfterMs?: number | undefined }): boolean => {
      asked.push(retryAfterMs)
      return true
    }

    await (await usersOn([users], { retry: { retryIf } }).request('http://users/')).body.dump()

    expect(new Set(asked)).toEqual(new Set([300_000]))
  })
})

test('only attempts after the first say which they are', async () => {
  const users = await answering(500, 500, 200)

  await usersOn([users], { retry: quick }).request('http://users/')

  expect(users.got.map(({ headers }) => headers['breakwater-attempt'])).toEqual([undefined, '2', '3'])
})

test('a request for an upgrade is made once', async () => {
  const users = await answering(reset)
  const client = usersOn([users], { retry: quick })
  const ended = new Promise<Error>((resolve) => {
    client.dispatcher.dispatch(
      { origin: 'http://users', path: '/', method: 'GET', upgrade: 'websocket' },
      { onRequestStart: () => undefined, onResponseError: (_controller, error) => void resolve(error) },
    )
  })

  expect(await ended).toMatchObject({ code: 'ECONNRESET' })
  expect(users.got).toHaveLength(1)
})

test('a redirect that takes the body away keeps it away, whoever makes bodies', async () => {
  const users = await answering(
    (_request, response) => response.writeHead(303, { location: '/done' }).end(),
    'done',
  )
  const body = (): Readable => Readable.from(['made'])

  const given = { method: 'POST', body: Readable.toWeb(body()), duplex: 'half' } as unknown as RequestInit

  const answer = await usersOn([users]).with({ body }).fetch('http://users/', given)

  expect(await answer.text()).toBe('done')
  expect(users.got.map((got) => [got.method, got.body])).toEqual([
    ['POST', 'made'],
    ['GET', ''],
  ])
})

describe('the breaker of a service does not count', () => {
  const failures = (client: HttpClient): number | undefined =>
    client.snapshot().services[0]?.command.breaker?.failures

  test('what a full queue refuses', async () => {
    const users = await answering(silence)
    const client = clientOf({
      connections: 1,
      maxQueue: 0,
      timeoutMs: 2_000,
      services: { users: { instances: [users.url], retry: false } },
    })
    const caller = new AbortController()
    const held = client.request('http://users/', { signal: caller.signal })
    held.catch(() => undefined)
    await expect.poll(() => users.got.length).toBe(1)

    await expect(client.request('http://users/')).rejects.toMatchObject({
      code: 'ERR_BULKHEAD_FULL',
      reason: 'concurrency',
    })

    expect(failures(client)).toBe(0)
    expect(heard(client)).toEqual({ rejected: 1 })
    caller.abort()
    await isAtRest(client)
  })

  test('answers that are larger than we take', async () => {
    const client = usersOn([await answering('x'.repeat(2_000))], { maxBodyBytes: 1_000 })

    const { body } = await client.request('http://users/')
    await expect(body.text()).rejects.toMatchObject({ code: 'ERR_RESPONSE_TOO_LARGE' })

    await isAtRest(client)
    expect(failures(client)).toBe(0)
    expect(heard(client)).toEqual({ ignored: 1 })
  })
})

describe('classify', () => {
  test('may say that an answer counts for nobody', async () => {
    const client = usersOn([await answering(200, 500)], { classify: () => 'ignored' })

    for (const status of [200, 500]) expect((await client.request('http://users/')).statusCode).toBe(status)
    await isAtRest(client)

    expect(heard(client)).toEqual({ ignored: 2 })
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no idea')
      },
    ],
    ['says something else', () => 'great' as 'success'],
  ])('that %s leaves it to the status', async (_what, classify) => {
    const told: unknown[] = []
    const stop = onInternalError((error) => told.push(error))
    const client = usersOn([await answering(500, 200)], { classify, retry: quick })

    expect((await client.request('http://users/')).statusCode).toBe(200)

    stop()
    expect(told.every((error) => (error as Error).message === 'no idea')).toBe(true)
  })
})

test('a body that can be read but once is not sent beside itself', async () => {
  const users = [await answering(silence), await answering(silence)]
  const client = usersOn(users, {
    hedge: { delayMs: 1, maxExtraPercent: 1_000 },
    attemptTimeoutMs: 400,
    retry: false,
  })
  const asked = (body: unknown): Promise<unknown> =>
    client
      .request('http://users/', { method: 'PUT', body: body as string })
      .catch(({ code }: { code: string }) => code)

  expect(await asked(Readable.from(['a']))).toBe('ERR_TIMEOUT')
  const once = users.flatMap(({ got }) => got).length
  expect(await asked('a')).toBe('ERR_TIMEOUT')

  expect([once, users.flatMap(({ got }) => got).length]).toEqual([1, 3])
})

test('a service takes a thousand requests at once, and no more, unless it says otherwise', async () => {
  const client = clientOf({
    services: {
      users: { instances: ['http://127.0.0.1:1'] },
      one: { instances: [], bulkhead: { limit: 1 } },
    },
  })

  const limits = client.snapshot().services.map(({ command }) => command.bulkhead?.limit)

  expect(limits).toEqual([1_000, 1])
})

test.each([100, 199, 600, 42, 200.5, NaN, '200' as unknown as number])(
  'a fallback cannot answer with status %s',
  async (status) => {
    const client = usersOn([await nobody()], { retry: false, fallback: () => ({ status }) })

    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ERR_FALLBACK_FAILED' })
    await isAtRest(client)
  },
)
