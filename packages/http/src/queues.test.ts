/** Requests that wait until they may begin: for a slot of their service, or for their turn at its rate limit. */
import { Bulkhead, constant, RateLimiter } from '@breakwater/breaker'
import { describe, expect, test } from 'vitest'
import type { HttpClientOptions } from './client-options.js'
import { answering, failureOf, isAtRest, nobody, silence, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'

const HOUR_MS = 3_600_000
const queue = { limit: 1 }
const full: readonly (readonly [string, HttpClientOptions])[] = [
  ['a bulkhead', { bulkhead: { limit: 1, queue } }],
  ['a bulkhead that is shared', { bulkhead: new Bulkhead({ limit: 1, queue }) }],
]

describe.each(full)('a request that waits for a slot of %s', (_what, options) => {
  const queued = (client: HttpClient): unknown => client.snapshot().services[0]?.command.bulkhead?.queued
  /** A client whose first request is never answered. */
  const busy = async (
    more: HttpClientOptions = {},
  ): Promise<{ client: HttpClient; leave: AbortController }> => {
    const users = await answering(silence, 'next')
    const client = usersOn([users], { attemptTimeoutMs: false, retry: false, ...options, ...more })
    const leave = new AbortController()
    client.request('http://users/', { signal: leave.signal }).catch(() => undefined)
    await expect.poll(() => users.got.length).toBe(1)
    return { client, leave }
  }

  test('ends with the abort of its caller, and its place is free', async () => {
    const { client, leave } = await busy()
    const caller = new AbortController()
    const reason = new Error('enough')

    const pending = failureOf(client.request('http://users/', { signal: caller.signal }))
    await expect.poll(() => queued(client)).toBe(1)
    caller.abort(reason)

    expect(await pending).toBe(reason)
    expect(queued(client)).toBe(0)
    leave.abort()
    await isAtRest(client)
    expect(client.snapshot().services[0]?.command.executions.cancelled).toBe(2)
  })

  test('ends when its time is over, and its place is free', async () => {
    const { client, leave } = await busy()

    const error = await failureOf(client.with({ timeoutMs: 30 }).request('http://users/'))

    expect(error).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
    expect(queued(client)).toBe(0)
    leave.abort()
    await isAtRest(client)
    expect(client.snapshot().services[0]?.command.executions).toMatchObject({ timeout: 1, cancelled: 1 })
  })

  test('is answered by the fallback when its time is over', async () => {
    const { client, leave } = await busy({ fallback: ({ kind }) => ({ body: kind }) })

    expect(await (await client.with({ timeoutMs: 30 }).fetch('http://users/')).text()).toBe('timeout')
    leave.abort()
  })
})

test('a request that waited for its slot is sent as any other, with what is left of its time', async () => {
  const users = await answering((_request, response) => setTimeout(() => response.end('first'), 60), 'second')
  const client = usersOn([users], { bulkhead: { limit: 1, queue } })

  const answers = [client.fetch('http://users/'), client.with({ timeoutMs: 5_000 }).fetch('http://users/')]

  const texts = await Promise.all(answers.map(async (answer) => (await answer).text()))
  expect(texts).toEqual(['first', 'second'])
  expect(Number(users.got[1]?.headers['breakwater-timeout-ms'])).toBeLessThan(4_960)
})

describe('a rate limit', () => {
  const one = { rate: 1, perMs: HOUR_MS, burst: 1 }

  test('lets so many requests of a service begin, and refuses the others at once', async () => {
    const users = await answering('ok')
    const client = usersOn([users], { rate: one })

    await (await client.fetch('http://users/')).text()
    const error = await failureOf(client.request('http://users/'))

    expect(error).toMatchObject({ code: 'ERR_RATE_LIMITED', retryAfterMs: expect.any(Number) as number })
    expect(users.got).toHaveLength(1)
    const { command, balancer } = client.snapshot().services[0] ?? {}
    expect(command).toMatchObject({
      executions: { success: 1, semaphore_rejected: 1 },
      breaker: { successes: 1, failures: 0 },
      rate: { taken: 1 },
    })
    expect(balancer?.calls.success).toBe(1)
  })

  test('counts requests, not their attempts', async () => {
    const users = await answering(503, 503, 'third')
    const client = usersOn([users], { rate: one, retry: { backoff: constant({ ms: 1 }) } })

    expect(await (await client.fetch('http://users/')).text()).toBe('third')
    expect(client.snapshot().services[0]?.command.rate?.taken).toBe(1)
  })

  test('stands inside of the fallback, which answers for those it refuses', async () => {
    const client = usersOn([await nobody()], {
      rate: { ...one, burst: 1 },
      retry: false,
      fallback: ({ kind, policy }) => ({ body: `${kind} ${policy ?? 'by nobody'}` }),
    })

    const texts: string[] = []
    for (let call = 0; call < 2; call++) texts.push(await (await client.fetch('http://users/')).text())
    expect(texts).toEqual(['failure by nobody', 'rejected rate-limiter'])
  })

  test('lets requests wait for their turn, until they are aborted, and not if their time is over before', async () => {
    const users = await answering('ok')
    const rate = { ...one, queue: { limit: 1, maxWaitMs: 2 * HOUR_MS } }
    const client = usersOn([users], { rate, timeoutMs: false })
    const queued = (): unknown => client.snapshot().services[0]?.command.rate?.queued
    await (await client.fetch('http://users/')).text()
    const caller = new AbortController()
    const reason = new Error('enough')

    const hurried = client.with({ timeoutMs: 5_000 }).request('http://users/')
    await expect(hurried).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED' })
    const pending = failureOf(client.request('http://users/', { signal: caller.signal }))
    await expect.poll(queued).toBe(1)
    caller.abort(reason)

    expect([await pending, queued()]).toEqual([reason, 0])
  })

  test('lets requests wait no longer than until the client is closed', async () => {
    const users = await answering('ok')
    const rate = { ...one, queue: { limit: 1, maxWaitMs: 2 * HOUR_MS } }
    const client = usersOn([users], { rate, timeoutMs: false })
    await (await client.fetch('http://users/')).text()
    const pending = failureOf(client.request('http://users/'))

    await client.close()

    expect(await pending).toMatchObject({ code: 'ERR_POOL_CLOSED' })
  })

  test('may be one for several services, or switched off for one of them', async () => {
    const rate = new RateLimiter(one)
    const [users, orders] = [await answering('users'), await answering('orders')]
    const [first, second] = [usersOn([users], { rate }), usersOn([orders], { rate })]
    const free = usersOn([orders], { rate: false })

    await (await first.fetch('http://users/')).text()

    await expect(second.request('http://users/')).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED' })
    expect(await (await free.fetch('http://users/')).text()).toBe('orders')
  })
})
