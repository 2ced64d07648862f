import { constant } from '@breakwater/breaker'
import { withRequestContext } from '@breakwater/command'
import { StaticSource } from '@breakwater/discovery-client'
import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { answering, clientOf, server, silence, usersOn } from './fleet.model.js'
import { inboundBudgetMs } from './inbound-budget.js'

describe('the answers of a service', () => {
  test('mean what classify says', async () => {
    const users = await answering(404, 200)
    const client = usersOn([users], {
      retry: { backoff: constant({ ms: 1 }) },
      classify: ({ statusCode }) => (statusCode === 404 ? 'failure' : 'success'),
    })

    expect((await client.request('http://users/')).statusCode).toBe(404)
    // A 404 passes with no time, so it is not tried again; but it counts.
    expect(client.snapshot().services[0]?.command.breaker?.failures).toBe(1)
  })

  test('are cut off at maxBodyBytes', async () => {
    const client = usersOn([await answering('x'.repeat(2_000))], { maxBodyBytes: 1_000 })

    const { body } = await client.request('http://users/')

    await expect(body.text()).rejects.toMatchObject({ code: 'ERR_RESPONSE_TOO_LARGE' })
  })
})

test('the breaker of a service closes after trials that take as long as requests may', async () => {
  const clock = new SimClock()
  const late = (_request: unknown, response: { end(text: string): void }): void =>
    void clock.schedule(clock.now() + 4_000, () => response.end('late'))
  const users = await server((request, response, nth) =>
    nth <= 20 ? response.writeHead(500).end() : late(request, response),
  )
  const client = usersOn([users], { clock, retry: false, attemptTimeoutMs: 5_000, breaker: { ramp: false } })
  const state = (): string | undefined => client.snapshot().services[0]?.command.breaker?.state
  for (let call = 0; call < 20; call++) await (await client.fetch('http://users/')).text()
  expect(state()).toBe('open')

  await clock.advance(5_000)
  const trials = [1, 2, 3].map(async () => (await client.fetch('http://users/')).text())
  await expect.poll(() => users.got.length).toBe(23)
  await clock.advance(4_000)

  expect(await Promise.all(trials)).toEqual(['late', 'late', 'late'])
  await expect.poll(state).toBe('closed')
})

describe('a slot of the bulkhead', () => {
  const slowBody = (): Promise<Awaited<ReturnType<typeof server>> & { finish(): void }> =>
    new Promise((resolve) => {
      let finish: () => void = () => undefined
      void server((_request, response) => {
        response.writeHead(200).write('begun')
        finish = () => response.end()
      }).then((made) => {
        resolve({ ...made, got: made.got, finish: () => finish() })
      })
    })

  test('is held until the body has ended', async () => {
    const users = await slowBody()
    const client = usersOn([users], { bulkhead: { limit: 1 } })
    const running = (): number | undefined => client.snapshot().services[0]?.command.bulkhead?.running

    const { body } = await client.request('http://users/')
    const whileItComes = running()
    users.finish()
    await body.text()
    await new Promise((resolve) => setImmediate(resolve))

    expect([whileItComes, running()]).toEqual([1, 0])
  })

  test('is free with the headers when the service says so', async () => {
    const users = await slowBody()
    const client = usersOn([users], { bulkhead: { limit: 1 }, endsWith: 'headers' })

    const { body } = await client.request('http://users/')
    await new Promise((resolve) => setImmediate(resolve))

    expect(client.snapshot().services[0]?.command.bulkhead?.running).toBe(0)
    users.finish()
    expect(await body.text()).toBe('begun')
  })

  test('is not needed for a body that takes longer than the request may', async () => {
    const clock = new SimClock()
    let finish = (): unknown => undefined
    const users = await server((_request, response) => {
      response.writeHead(200).write('begun')
      finish = () => response.end(' and done')
    })
    const client = usersOn([users], { clock, timeoutMs: 60, attemptTimeoutMs: 60, endsWith: 'headers' })

    const { body } = await client.request('http://users/')
    await clock.advance(120)
    finish()

    expect(await body.text()).toBe('begun and done')
  })

  test('is free again when the reader goes away', async () => {
    const users = await slowBody()
    const client = usersOn([users], { bulkhead: { limit: 1 } })

    const { body } = await client.request('http://users/')
    body.on('error', () => undefined).destroy()
    await new Promise((resolve) => setImmediate(resolve))

    expect(client.snapshot().services[0]).toMatchObject({
      command: { bulkhead: { running: 0 } },
      balancer: { instances: [{ inFlight: 0 }] },
    })
  })
})

describe('the time of the request that is served', () => {
  test('is that of the requests made for it, and goes on with them', async () => {
    const users = await answering('ok')
    const client = usersOn([users])
    const budgetMs = inboundBudgetMs({ 'breakwater-timeout-ms': '7000', other: 'x' })

    await withRequestContext(async () => (await client.fetch('http://users/')).text(), { budgetMs })

    const left = Number(users.got[0]?.headers['breakwater-timeout-ms'])
    expect(left).toBeGreaterThan(1_000)
    expect(left).toBeLessThanOrEqual(7_000)
  })

  test('ends them', async () => {
    const client = usersOn([await answering(silence)], { attemptTimeoutMs: false })

    const pending = withRequestContext(() => client.request('http://users/'), { budgetMs: 30 })

    await expect(pending).rejects.toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
  })

  test('is the least of what several headers say, as far as they can be read', () => {
    const headers = {
      'grpc-timeout': '2S',
      'breakwater-timeout-ms': 'soon',
      'x-envoy-expected-rq-timeout-ms': ['900'],
    }

    expect(inboundBudgetMs(headers, ['Grpc-Timeout', 'breakwater-timeout-ms'])).toBe(2_000)
    expect(inboundBudgetMs(headers, Object.keys(headers))).toBe(900)
    expect(inboundBudgetMs(headers)).toBeUndefined()
  })

  test('goes out under the name that the service wants', async () => {
    const users = await answering('ok')
    const client = usersOn([users], { deadlineHeader: 'grpc-timeout' })

    await (await client.fetch('http://users/', { headers: { 'grpc-timeout': '99S' } })).text()

    expect(users.got[0]?.headers['grpc-timeout']).toMatch(/^\d{4,5}m$/)
  })
})

describe('instances', () => {
  test('come and go with their source', async () => {
    const [one, two] = [await answering('one'), await answering('two')]
    const source = new StaticSource({ users: [one.url] })
    const client = clientOf({ source })

    const before = await (await client.fetch('http://users/')).text()
    source.set({ users: [two.url] })
    const after = await (await client.fetch('http://users/')).text()

    expect([before, after]).toEqual(['one', 'two'])
  })

  test('that nobody knows are an error of ours, which says so', async () => {
    const client = clientOf({ services: { users: { instances: [] } } })

    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ERR_NO_INSTANCES' })
  })

  test('are left to undici where a host is no service, whatever the source knows', async () => {
    const other = await answering('other')
    const client = clientOf({ source: new StaticSource({ users: [other.url] }) })

    expect(await (await client.fetch(other.url)).text()).toBe('other')
    expect(client.snapshot().services.map(({ name }) => name)).toEqual([other.url])
  })
})

test('requests that take long and end well open no breaker', async () => {
  const held: (() => void)[] = []
  const users = await server((_request, response) => {
    response.writeHead(200).write('begun')
    held.push(() => response.end())
  })
  const clock = new SimClock()
  const client = usersOn([users], { clock })
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.request('http://users/')))

  await clock.advance(5_000)
  for (const end of held) end()
  await Promise.all(answers.map(({ body }) => body.text()))

  expect(client.snapshot().services[0]?.command.breaker).toMatchObject({ state: 'closed' })
})

test('a closed client refuses, and holds no socket', async () => {
  const users = await answering('ok')
  const client = usersOn([users])
  await (await client.fetch('http://users/')).text()

  await client.close()

  await expect(client.request('http://users/')).rejects.toThrow()
  expect(client.snapshot().pools).toEqual([])
})

test('a call with settings that cannot be meant is refused', () => {
  const client = clientOf({})

  expect(() => client.with({ timeoutMs: -1, retry: true as never })).toThrow(
    /Invalid options for client.with/,
  )
})

test('two clients of one runtime may know a service by the same name, and have policies of their own', async () => {
  const users = await answering(500)
  const runtime = createRuntime()
  const [one, two] = [
    usersOn([users], { runtime, retry: false }),
    usersOn([users], { runtime, breaker: false }),
  ]

  await Promise.all([one.request('http://users/'), two.with({ retry: false }).request('http://users/')])

  const names = [...runtime.instruments()].filter(({ kind }) => kind === 'command').map(({ name }) => name)
  expect(names).toEqual(['users', 'users (2)'])
  expect(one.snapshot().services[0]?.command.executions.failure).toBe(1)
})

test('the balancer of a service is shown where its command is, under the same name', async () => {
  const users = await answering('ok')
  const runtime = createRuntime()
  const shown = (): unknown =>
    [...runtime.instruments()].flatMap((instrument) =>
      instrument.kind === 'balancer' ? [[instrument.name, instrument.read().calls.success]] : [],
    )
  const [one, two] = [usersOn([users], { runtime }), usersOn([users], { runtime, breaker: false })]

  for (const client of [one, two, two]) await (await client.fetch('http://users/')).text()
  const whileOpen = shown()
  await Promise.all([one.close(), two.close()])

  expect(whileOpen).toEqual([
    ['users', 1],
    ['users (2)', 2],
  ])
  expect(shown()).toEqual([])
})
