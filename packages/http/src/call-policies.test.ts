/** What requests with settings of their own share with the others of their service, and what they do not. */
import { constant, RetryBudget } from '@breakwater/breaker'
import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { answering, clientOf, nobody, reset, server, silence, usersOn } from './fleet.model.js'
import type { Answer } from './fleet.model.js'

const backoff = constant({ ms: 1 })
const URL_OF_USERS = 'http://users/'

describe('a retry of some requests', () => {
  test('goes by the rules of the service where it has none of its own', async () => {
    const users = await answering(500, 503, 503, 200)
    const client = usersOn([users], { retry: { backoff, maxRetries: 1, retryIf: () => false } })
    const picky = client.with({ retry: { maxRetries: 2, retryIf: ({ answered }) => answered !== 500 } })
    const eager = client.with({ retry: { retryIf: () => true } })

    const statuses: number[] = []
    for (const { request } of [picky, eager, picky]) statuses.push((await request(URL_OF_USERS)).statusCode)

    expect(statuses).toEqual([500, 503, 200])
  })

  test('is as the service says where it leaves something open', async () => {
    const users = await answering(503)
    const client = usersOn([users], { retry: { backoff, maxRetries: 1 } })

    await client.with({ retry: { maxRetries: undefined, backoff: undefined } }).request(URL_OF_USERS)

    expect(users.got).toHaveLength(2)
  })

  test('comes out of the budget of the service', async () => {
    const users = await answering(503)
    const budget = new RetryBudget({ percent: 10, minPerSecond: 0 })
    const client = usersOn([users], { breaker: false, retry: { backoff, budget } })
    const own = client.with({ retry: { maxRetries: 10 } })

    for (let call = 0; call < 20; call++) await (await own.fetch(URL_OF_USERS)).text()

    expect(users.got).toHaveLength(22)
  })

  test('is told of and counted as those of the service, which earns its budget by all of its requests', async () => {
    const users = await answering(503, 200, 503, 503, 503, 200)
    const client = usersOn([users], { retry: { backoff, maxRetries: 1 } })
    const told: unknown[] = []
    client.on('retry', ({ attempt }) => told.push(attempt))
    client.on('exhausted', ({ attempts, reason }) => told.push([attempts, reason]))
    const own = client.with({ retry: { maxRetries: 2 } })

    for (const { fetch } of [client, client, own]) await (await fetch(URL_OF_USERS)).text()

    expect(told).toEqual([2, 2, [2, 'attempts'], 2])
    expect(client.snapshot().services[0]?.command.retries).toEqual({
      attempts: 3,
      success: 2,
      failure: 0,
      exhausted: 1,
    })
  })

  test('is none, and so is another instance for what never left', async () => {
    const client = usersOn([await nobody(), await answering('good')], { random: { next: () => 0 } })

    await expect(client.with({ retry: false }).request(URL_OF_USERS)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })
})

test.each([
  ['says nothing of a budget', { delayMs: 1 }],
  ['leaves its budget open', { delayMs: 1, budget: undefined }],
])('a hedge that %s comes out of that of the service', async (_what, hedge) => {
  const slow: Answer = (_request, response) => void setTimeout(() => response.end('good'), 50)
  const users = [await server(slow), await server(slow)]
  const budget = new RetryBudget({ percent: 0, minPerSecond: 0 })

  await usersOn(users, { retry: { budget }, hedge }).request(URL_OF_USERS)
  await usersOn(users, { retry: { budget } }).with({ hedge }).request(URL_OF_USERS)

  expect(users.map(({ got }) => got.length).reduce((sum, count) => sum + count)).toBe(2)
})

test('some requests are hedged though those of their service are not, and are told of', async () => {
  let ask: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (ask = resolve))
  const slow = await server(() => ask())
  const good = await server((_request, response) => void isAsked.then(() => response.end('good')))
  const client = usersOn([slow, good], { attemptTimeoutMs: false, retry: false, random: { next: () => 0 } })
  const told: unknown[] = []
  client.on('hedge', ({ service }) => told.push(service))

  const own = client.with({ hedge: { delayMs: 20, maxExtraPercent: 1_000 } })

  expect(await (await own.fetch(URL_OF_USERS)).text()).toBe('good')
  expect(told).toEqual(['users'])
})

test('what a hedge knows is known of all requests with the same settings', async () => {
  const client = usersOn([await answering('a'), await answering('b')], { retry: false })
  const own = client.with({ hedge: { delayMs: 0, maxExtraPercent: 50 } })
  let hedges = 0
  client.on('hedge', () => hedges++)

  for (let call = 0; call < 4; call++) await (await own.fetch(URL_OF_USERS)).text()

  expect(hedges).toBe(2)
})

test('an answer means what the request says, to breaker and balancer too', async () => {
  const client = usersOn([await answering(404)], { retry: false })
  const counts = (): unknown => {
    const { command, balancer } = client.snapshot().services[0] ?? {}
    return [command?.breaker?.failures, balancer?.calls.failure]
  }

  await client.request(URL_OF_USERS)
  const before = counts()
  await client.with({ classify: () => 'failure' }).request(URL_OF_USERS)

  expect([before, counts()]).toEqual([
    [0, 0],
    [1, 1],
  ])
})

test('the time that is left is told under the name that the request says, or not at all', async () => {
  const users = await answering('ok')
  const client = usersOn([users], { deadlineHeader: 'x-service' })

  await client.with({ deadlineHeader: 'Grpc-Timeout' }).request(URL_OF_USERS)
  await client.with({ deadlineHeader: false }).request(URL_OF_USERS)
  await client.with({ deadlineHeader: 'x-any' }).request(`${users.url}/`)

  const names = users.got.map(({ headers }) =>
    ['x-service', 'grpc-timeout', 'x-any'].filter((name) => headers[name] !== undefined),
  )
  // A host outside of services is told nothing, whoever asks for it.
  expect(names).toEqual([['grpc-timeout'], [], []])
})

test('a body is sent again if the request keeps bodies of its size', async () => {
  const users = await answering(reset, 'ok', reset)
  const client = usersOn([users], { retry: { backoff }, maxReplayBytes: 3 })
  const put = { method: 'PUT', body: 'four' }

  expect((await client.with({ maxReplayBytes: 4 }).fetch(URL_OF_USERS, put)).status).toBe(200)
  await expect(client.fetch(URL_OF_USERS, put)).rejects.toThrow('fetch failed')

  expect(users.got).toHaveLength(3)
})

describe('a fallback of some requests', () => {
  test('is told what became of them, and answers what would have waited for others too', async () => {
    const client = usersOn([await answering(silence)], { attemptTimeoutMs: 30, retry: false })
    const own = client.with({
      fallback: ({ kind, error }, shape) => ({ body: [kind, shape.service, error instanceof Error].join() }),
    })

    expect(await (await own.fetch(URL_OF_USERS)).text()).toBe('timeout,users,true')
  })

  test('that fails itself is told of, with what it was for', async () => {
    const client = usersOn([await nobody()], { retry: false })
    const broken = new Error('no answer either')
    const own = client.with({
      fallback: () => {
        throw broken
      },
    })

    await expect(own.request(URL_OF_USERS)).rejects.toMatchObject({
      code: 'ERR_FALLBACK_FAILED',
      fallbackError: broken,
      cause: { code: 'ERR_ATTEMPT_FAILED' },
    })
  })

  test('is not asked by who has aborted', async () => {
    let asked = 0
    const users = await answering(silence)
    const own = usersOn([users]).with({ fallback: () => ({ status: 200 + asked++ }) })
    const caller = new AbortController()
    const reason = new Error('enough')

    const pending = own.request(URL_OF_USERS, { signal: caller.signal })
    await expect.poll(() => users.got.length).toBe(1)
    caller.abort(reason)

    await expect(pending).rejects.toBe(reason)
    expect(asked).toBe(0)
  })
})

test('settings that cannot be meant are told of all at once; what holds state of a service is none', () => {
  const client = clientOf({})
  const settings = {
    endsWith: 'trailers',
    bodyTimeoutMs: 0,
    bodyIdleTimeoutMs: -1,
    maxBodyBytes: 0.5,
    maxReplayBytes: -1,
    deadlineHeader: 'a b',
    attemptHeader: '',
    classify: 'success',
    fallback: true,
    retry: { maxRetries: -1, budget: new RetryBudget() },
    hedge: { delayMs: -1, budget: new RetryBudget() },
    timeoutMs: 10,
    attemptTimeoutMs: 20,
    breaker: false,
    bulkhead: false,
    rate: false,
    balancer: {},
  }

  try {
    client.with(settings as never)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError)
    const paths = (error as InvalidOptionsError).issues.map(({ path }) => path)
    const { retry: _retry, hedge: _hedge, timeoutMs: _timeoutMs, ...single } = settings
    const inside = ['retry.maxRetries', 'retry.budget', 'hedge.delayMs', 'hedge.budget']
    expect(paths.sort()).toEqual([...Object.keys(single), ...inside].sort())
  }
})
