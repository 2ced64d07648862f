import { InvalidOptionsError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { answering, clientOf, nobody, reset, server, silence, usersOn } from './fleet.model.js'
import { createHttpClient } from './http-client.js'

describe('fetch', () => {
  test('asks an instance of the service that the host names', async () => {
    const users = await answering('hello')
    const client = usersOn([users])

    const response = await client.fetch('http://users/42?a=b', { headers: { 'x-mine': '1' } })

    expect([response.status, await response.text(), response.url]).toEqual([
      200,
      'hello',
      'http://users/42?a=b',
    ])
    expect(users.got).toMatchObject([{ method: 'GET', url: '/42?a=b', headers: { 'x-mine': '1' } }])
  })

  test('asks other hosts themselves', async () => {
    const other = await answering('other')
    const client = clientOf({})

    expect(await (await client.fetch(`${other.url}/x`)).text()).toBe('other')
    expect(client.snapshot().services.map(({ name }) => name)).toEqual([other.url])
  })

  test('goes to the next instance when one is not there, whatever the method', async () => {
    const users = await answering('here')
    const client = usersOn([await nobody(), users])

    for (let call = 0; call < 6; call++) {
      const response = await client.fetch('http://users/', { method: 'POST', body: 'once' })
      expect(await response.text()).toBe('here')
    }

    expect(users.got.map(({ body }) => body)).toEqual(Array(6).fill('once'))
  })

  test('tries a failing answer again on another instance, and gives the good one', async () => {
    const [bad, good] = [await answering(503), await answering('good')]
    const client = usersOn([bad, good])

    const answers = [await client.fetch('http://users/a'), await client.fetch('http://users/b')]

    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['good', 'good'])
    expect(bad.got.length).toBeGreaterThan(0)
  })

  test('gives the failing answer when there is no better one', async () => {
    const users = await answering(503)
    const client = usersOn([users], { retry: { maxRetries: 1 } })

    const response = await client.fetch('http://users/')

    expect([response.status, await response.text()]).toEqual([503, 'status 503'])
    expect(users.got).toHaveLength(2)
  })

  test('does not repeat what may have been done', async () => {
    const users = await answering(reset, 'second')
    const client = usersOn([users])

    await expect(client.fetch('http://users/', { method: 'POST', body: 'x' })).rejects.toThrow('fetch failed')
    expect(users.got).toHaveLength(1)
  })

  test('repeats it when it may be: by its key, or when one says so', async () => {
    const users = await answering(reset, 'second', reset, 'fourth')
    const client = usersOn([users])
    const post = { method: 'POST', body: 'x' }

    const keyed = await client.fetch('http://users/', { ...post, headers: { 'Idempotency-Key': '1' } })
    const told = await client.with({ idempotent: true }).fetch('http://users/', post)

    expect([await keyed.text(), await told.text()]).toEqual(['second', 'fourth'])
    expect(users.got.map(({ body }) => body)).toEqual(['x', 'x', 'x', 'x'])
    expect(users.got[1]?.headers['breakwater-attempt']).toBe('2')
  })

  test('follows redirects as fetch does', async () => {
    const users = await server((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end()
      else response.end('new')
    })
    const client = usersOn([users])

    const response = await client.fetch('http://users/old')

    expect([response.redirected, response.url, await response.text()]).toEqual([
      true,
      'http://users/new',
      'new',
    ])
  })

  test('rejects with the reason of an abort, also while nothing is answered', async () => {
    const users = await answering(silence)
    const client = usersOn([users])
    const caller = new AbortController()

    const pending = client.fetch('http://users/', { signal: caller.signal })
    const reason = new Error('enough')
    setImmediate(() => {
      caller.abort(reason)
    })

    await expect(pending).rejects.toBe(reason)
    expect(client.snapshot().services[0]?.command.executions.cancelled).toBe(1)
  })

  test('ends an attempt when its time is over, and makes another', async () => {
    const users = await answering(silence, 'second')
    const client = usersOn([users], { attemptTimeoutMs: 50 })

    expect(await (await client.fetch('http://users/')).text()).toBe('second')
  })

  test('ends altogether when the whole time is over', async () => {
    const users = await answering(silence)
    const client = usersOn([users], { attemptTimeoutMs: false })

    const error: unknown = await client
      .with({ timeoutMs: 60 })
      .fetch('http://users/')
      .catch((thrown: unknown) => thrown)

    expect((error as Error).cause).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
  })

  test('ends a body that still comes when the whole time is over', async () => {
    const users = await server((_request, response) => response.writeHead(200).write('begun'))
    const clock = new SimClock()
    const client = usersOn([users], { clock, timeoutMs: 500, attemptTimeoutMs: 500 })

    const { body } = await client.request('http://users/')
    const failed = expect(body.text()).rejects.toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
    await clock.advance(500)

    await failed
    expect(client.snapshot().services[0]).toMatchObject({
      command: { inFlight: 0, executions: { timeout: 1 } },
      balancer: { instances: [{ inFlight: 0 }] },
    })
  })

  test('ends a body that has stopped to come, where nothing else does', async () => {
    const users = await server((_request, response) => response.writeHead(200).write('begun'))
    const client = usersOn([users], { endsWith: 'headers', bodyIdleTimeoutMs: 40 })

    const { body } = await client.request('http://users/')

    await expect(body.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  test('does not start without time', async () => {
    const users = await answering('never')
    const client = usersOn([users])

    await expect(client.with({ timeoutMs: 0 }).fetch('http://users/')).rejects.toThrow('fetch failed')
    expect(users.got).toHaveLength(0)
  })
})

describe('request', () => {
  test('answers as that of undici', async () => {
    const users = await server((_request, response) =>
      response.writeHead(201, { 'x-a': ['1', '2'] }).end('made'),
    )
    const client = usersOn([users])

    const { statusCode, headers, body } = await client.request('http://users/', { method: 'POST', body: 'b' })

    expect([statusCode, headers['x-a'], await body.text()]).toEqual([201, ['1', '2'], 'made'])
  })

  test('says that the service is not there as the transport says it', async () => {
    const client = usersOn([await nobody()], { retry: false })

    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('carries a large answer whole, however slowly it is read', async () => {
    const size = 4_000_000
    const users = await server((_request, response) => response.end(Buffer.alloc(size, 'x')))
    const client = usersOn([users])

    const { body } = await client.request('http://users/')
    let read = 0
    for await (const chunk of body) {
      read += (chunk as Buffer).length
      if (read % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
    }

    expect(read).toBe(size)
    expect(client.snapshot().services[0]?.command).toMatchObject({ inFlight: 0, executions: { success: 1 } })
  })
})

describe('what is told of the time', () => {
  test('goes to services, and to nobody else', async () => {
    const [users, other] = [await answering('a'), await answering('b')]
    const client = usersOn([users])

    await (await client.fetch('http://users/')).text()
    await (await client.fetch(other.url)).text()

    const left = Number(users.got[0]?.headers['breakwater-timeout-ms'])
    expect(left).toBeGreaterThan(5_000)
    expect(left).toBeLessThanOrEqual(10_000)
    expect(other.got[0]?.headers['breakwater-timeout-ms']).toBeUndefined()
  })
})

describe('the breaker of a service', () => {
  test('hears how requests end after their retries', async () => {
    const [bad, good] = [await answering(500), await answering('good')]
    const client = usersOn([bad, good])

    for (let call = 0; call < 10; call++) await (await client.fetch('http://users/')).text()

    expect(client.snapshot().services[0]?.command.breaker).toMatchObject({ failures: 0, successes: 10 })
  })

  test('ends requests at once when it is open', async () => {
    const users = await answering(500)
    const client = usersOn([users], { retry: false, breaker: { openMs: 60_000 } })

    for (let call = 0; call < 25; call++) {
      const response = await client.fetch('http://users/').catch(() => undefined)
      await response?.text()
    }

    expect(users.got).toHaveLength(20)
    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ERR_CIRCUIT_OPEN' })
  })
})

test('all faults of the options are told at once, each with its path', () => {
  const make = (): unknown =>
    createHttpClient({
      timeoutMs: -1,
      connections: 0,
      services: {
        users: {
          breaker: { openMs: -5 },
          hedge: { delayMs: -1 },
          retry: { maxRetries: -1 },
          rate: { rate: 0 },
        },
        'a b': {},
      },
    })

  expect(make).toThrow(InvalidOptionsError)
  try {
    make()
  } catch (error) {
    expect((error as InvalidOptionsError).issues.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'timeoutMs',
        'connections',
        'services.a b',
        'services.users.hedge.delayMs',
        'services.users.retry.maxRetries',
        'services.users.rate.rate',
      ]),
    )
  }
})
