import { constant, RetryBudget } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { Readable } from 'node:stream'
import { FormData as UndiciFormData } from 'undici'
import { describe, expect, test } from 'vitest'
import { answering, clientOf, nobody, reset, silence, usersOn } from './fleet.model.js'
import type { HttpRetryOptions } from './engine/request-options.js'

const quick: HttpRetryOptions = { backoff: constant({ ms: 1 }) }

describe('another attempt', () => {
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('%s after a reset', async (method) => {
    const users = await answering(reset, 204)
    const client = usersOn([users], { retry: quick })

    expect((await client.request('http://users/', { method })).statusCode).toBe(204)
  })

  test.each(['POST', 'PATCH'])('%s not after a reset, nor after a 503', async (method) => {
    const users = await answering(reset, 503)
    const client = usersOn([users], { retry: quick })

    await expect(client.request('http://users/', { method })).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect((await client.request('http://users/', { method })).statusCode).toBe(503)
    expect(users.got).toHaveLength(2)
  })

  test.each([
    [429, 2],
    [500, 2],
    [502, 2],
    [503, 2],
    [504, 2],
    [501, 1],
    [505, 1],
    [404, 1],
    [400, 1],
  ])('status %d makes %d attempts of two', async (status, attempts) => {
    const users = await answering(status)
    const client = usersOn([users], { retry: { ...quick, maxRetries: 1 } })

    expect((await client.request('http://users/')).statusCode).toBe(status)
    expect(users.got).toHaveLength(attempts)
  })

  test('is not made before the time that the answer asks for, if at all', async () => {
    const users = await answering((_request, response) =>
      response.writeHead(503, { 'retry-after': '30' }).end(),
    )
    const client = usersOn([users], { retry: quick, timeoutMs: 5_000 })

    expect((await client.request('http://users/')).statusCode).toBe(503)
    expect(users.got).toHaveLength(1)
  })

  test('comes out of a budget that requests of the service share', async () => {
    const users = await answering(503)
    const client = usersOn([users], {
      breaker: false,
      retry: { ...quick, maxRetries: 5, budget: new RetryBudget({ percent: 10, minPerSecond: 0 }) },
    })

    for (let call = 0; call < 20; call++) await (await client.fetch('http://users/')).text()

    expect(users.got).toHaveLength(22)
  })

  test('is made as retryIf says, and told of', async () => {
    const users = await answering(500, 503, 200)
    const client = usersOn([users], { retry: { ...quick, retryIf: ({ answered }) => answered === 500 } })
    const told: unknown[] = []
    client.on('retry', ({ service, attempt }) => told.push([service, attempt]))

    expect((await client.request('http://users/')).statusCode).toBe(503)
    expect(told).toEqual([['users', 2]])
  })

  test('is not made with retry: false, of the service or of one request', async () => {
    const [one, two] = [await answering(503), await answering(503)]

    await usersOn([one], { retry: false }).request('http://users/')
    await usersOn([two]).with({ retry: false }).request('http://users/')

    expect([one.got.length, two.got.length]).toEqual([1, 1])
  })

  test('asks instances that were not asked before', async () => {
    const fleet = [await answering(503), await answering(503), await answering('third')]
    const client = usersOn(fleet, { retry: quick })

    for (let call = 0; call < 3; call++)
      expect(await (await client.fetch('http://users/')).text()).toBe('third')
  })

  test('is not made when an answer has begun', async () => {
    const users = await answering((request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half')
      setImmediate(() => request.socket.destroy())
    }, 'whole')
    const client = usersOn([users], { retry: quick })

    const { body } = await client.request('http://users/')

    await expect(body.text()).rejects.toThrow()
    expect(users.got).toHaveLength(1)
    expect(client.snapshot().services[0]?.command.executions.failure).toBe(1)
  })
})

describe('the body of a request', () => {
  const twice = { method: 'PUT' } as const

  test.each<[string, () => NonNullable<RequestInit['body']>, string]>([
    ['text', () => 'text', 'text'],
    ['bytes', () => new TextEncoder().encode('bytes'), 'bytes'],
    ['a buffer', () => new TextEncoder().encode('buffer').buffer, 'buffer'],
    ['parameters', () => new URLSearchParams({ a: 'b' }), 'a=b'],
    ['a blob', () => new Blob(['blob']), 'blob'],
  ])('%s is sent again', async (_what, body, expected) => {
    const users = await answering(reset, 'ok')
    const client = usersOn([users], { retry: quick })

    expect((await client.fetch('http://users/', { ...twice, body: body() })).status).toBe(200)
    expect(users.got.map((got) => got.body)).toEqual([expected, expected])
  })

  test.each([
    ['a form', FormData],
    ["a form of undici's own", UndiciFormData],
  ])('%s is sent again as it was', async (_what, Form) => {
    const users = await answering(reset, 'ok')
    const client = usersOn([users], { retry: quick })
    const form = new Form()
    form.set('name', 'value')

    await client.fetch('http://users/', { ...twice, body: form })

    const [first, second] = users.got
    expect(second).toMatchObject({
      body: first?.body,
      headers: { 'content-type': first?.headers['content-type'] },
    })
    expect(second?.body).toContain('value')
  })

  test('a stream is sent once', async () => {
    const users = await answering(503, 'second')
    const client = usersOn([users], { retry: quick })

    const { statusCode } = await client.request('http://users/', {
      ...twice,
      body: Readable.from(['a', 'b']),
    })

    expect(statusCode).toBe(503)
    expect(users.got.map(({ body }) => body)).toEqual(['ab'])
  })

  test('that is made for each attempt may be a stream', async () => {
    const users = await answering(503, 'second')
    const client = usersOn([users], { retry: quick })
    const body = (): Readable => Readable.from(['a', 'b'])

    const { statusCode } = await client.with({ body }).request('http://users/', { ...twice, body: body() })

    expect(statusCode).toBe(200)
    expect(users.got.map((got) => got.body)).toEqual(['ab', 'ab'])
  })

  test.each([
    ['nothing', null],
    ['an empty text', ''],
    ['one of another length', 'another'],
  ])('that is made is sent in place of %s, whoever asks', async (_what, body) => {
    const users = await answering(503, 'second')
    const own = usersOn([users], { retry: quick }).with({ body: () => Readable.from(['ma', 'de']) })

    const { statusCode } = await own.request('http://users/', { ...twice, body })
    const { status } = await own.fetch('http://users/', { ...twice, body })

    expect([statusCode, status]).toEqual([200, 200])
    expect(users.got.map((got) => got.body)).toEqual(['made', 'made', 'made'])
  })

  test.each(['GET', 'HEAD'] as const)('is not made for a %s that is given none', async (method) => {
    const users = await answering('ok')
    const own = usersOn([users]).with({ body: () => 'made' })

    await (await own.request('http://users/', { method })).body.dump()

    expect(users.got[0]?.body).toBe('')
  })

  test('that cannot be made ends the request with what was thrown, and leaves nothing behind', async () => {
    const users = await answering('ok')
    const client = usersOn([users], { retry: quick })
    const broken = new Error('no body')
    const body = (): never => {
      throw broken
    }

    const sent = client.with({ body }).request('http://users/', { method: 'PUT', body: 'x' })

    await expect(sent).rejects.toBe(broken)
    expect(client.snapshot().services[0]).toMatchObject({
      command: { inFlight: 0, executions: { failure: 0, bad_request: 1 } },
      balancer: { inFlight: 0 },
    })
    expect(users.got).toEqual([])
  })

  test('that is larger than may be kept is sent once', async () => {
    const users = await answering(503, 'second')
    const client = usersOn([users], { retry: quick, maxReplayBytes: 3 })

    expect((await client.fetch('http://users/', { ...twice, body: 'four' })).status).toBe(503)
    expect(users.got).toHaveLength(1)
  })
})

test('a host outside of services has a breaker of its own, and they are bounded in number', async () => {
  const hosts = [await answering(200), await answering(200), await answering(500)]
  const client = clientOf({ maxDirectOrigins: 2 })

  for (const { url } of hosts) await (await client.fetch(url)).text()

  expect(client.snapshot().services.map(({ name }) => name)).toEqual(hosts.slice(1).map(({ url }) => url))
})

test('an instance that hangs costs one attempt, and the answer comes from another', async () => {
  const [hanging, good] = [await answering(silence), await answering('good')]
  const clock = new SimClock()
  const client = usersOn([hanging, good], { clock, attemptTimeoutMs: 30, retry: quick })

  for (let call = 0; call < 2; call++) {
    let text: string | undefined
    const asked = client.fetch('http://users/').then(async (answer) => {
      text = await answer.text()
    })
    await expect
      .poll(async () => {
        await clock.advance(1)
        return text
      })
      .toBe('good')
    await asked
  }
  expect(hanging.got.length).toBeGreaterThan(0)
})

test('one that refuses everybody ends with the refusal, after as many attempts as are allowed', async () => {
  const client = usersOn([await nobody(), await nobody()], { retry: { ...quick, maxRetries: 1 } })

  await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a failing answer that is followed by another attempt makes room for it', async () => {
  const users = await answering(503, 'second')
  const client = clientOf({
    retry: quick,
    connections: 1,
    attemptTimeoutMs: 500,
    services: { users: { instances: [users.url] } },
  })

  expect(await (await client.fetch('http://users/')).text()).toBe('second')
})

test('what they came to is shown as retries of the service', async () => {
  const users = await answering(503, 200, 503, 503, 200)
  const client = usersOn([users], { retry: { ...quick, maxRetries: 1 } })

  for (let call = 0; call < 3; call++) await (await client.fetch('http://users/')).text()

  const { retries } = client.snapshot().services[0]?.command ?? {}
  expect(retries).toEqual({ attempts: 2, success: 1, failure: 0, exhausted: 1 })
})
