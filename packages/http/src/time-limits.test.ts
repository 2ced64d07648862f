/** Limits of time: of a service, of some requests, and of the request that is being served. */
import { withRequestContext } from '@breakwater/command'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { answering, isAtRest, server, silence, usersOn } from './fleet.model.js'
import type { FakeServer } from './fleet.model.js'
import type { RequestOptions, ServiceOptions } from './index.js'
import { eventually } from './wire/hostile-server.model.js'

/** Headers and the beginning of a body, and then nothing. */
const stalling = (): Promise<FakeServer> =>
  server((_request, response) => response.writeHead(200).write('begun'))

describe('a body that stops to come ends', () => {
  const times = { timeoutMs: 600, attemptTimeoutMs: 600, bodyIdleTimeoutMs: 620 }

  test.each<[string, ServiceOptions, RequestOptions]>([
    ['where the time is that of the headers, however short that is', { endsWith: 'headers' }, {}],
    ['where a request has no time of its own, though its service has', {}, { timeoutMs: false }],
  ])('%s', async (_where, service, own) => {
    const clock = new SimClock()
    const client = usersOn([await stalling()], { clock, ...times, ...service })

    const { body } = await client.with(own).request('http://users/')
    const failed = expect(body.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    await clock.advance(619)
    expect(body.errored).toBeNull()
    await clock.advance(1)

    await failed
    await isAtRest(client)
  })
})

test('bodyTimeoutMs ends a body that still comes, and one that nobody reads', async () => {
  const users = await server((_request, response) => {
    response.writeHead(200)
    const more = (): boolean =>
      response.destroyed || response.write('x'.repeat(65_536), () => setImmediate(more))
    more()
  })
  const client = usersOn([users], { timeoutMs: false, bodyTimeoutMs: 80, attemptTimeoutMs: 4_000 })

  const answers = [await client.request('http://users/'), await client.request('http://users/')]
  const [read, unread] = answers.map(({ body }) => body)
  await expect(read?.text()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })

  await eventually(() => unread?.errored !== null)
  expect(unread?.errored).toMatchObject({ code: 'ERR_TIMEOUT' })
  await isAtRest(client)
})

test('a request may have more time for an attempt than its service gives, or all there is', async () => {
  const users = await server((_request, response, nth) => {
    if (nth > 1) setTimeout(() => response.end('late'), 120)
  })
  const client = usersOn([users], { attemptTimeoutMs: 40, retry: false })

  await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  for (const attemptTimeoutMs of [4_000, false] as const) {
    const { body } = await client.with({ attemptTimeoutMs }).request('http://users/')
    expect(await body.text()).toBe('late')
  }
})

describe('the time of the request that is served', () => {
  test('holds for requests that have no limit themselves', async () => {
    const client = usersOn([await answering(silence)], { attemptTimeoutMs: false, timeoutMs: false })

    const pending = withRequestContext(() => client.request('http://users/'), { budgetMs: 30 })

    await expect(pending).rejects.toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
  })

  test('is told to nobody where there is none, and as what is left where there is', async () => {
    const users = await answering('ok')
    const client = usersOn([users], { timeoutMs: false })
    const limited = usersOn([users]).with({ timeoutMs: false })

    for (const { request } of [client, limited]) {
      await request('http://users/')
      await withRequestContext(() => request('http://users/'), { budgetMs: 5_000 })
    }

    const told = users.got.map(({ headers }) => Number(headers['breakwater-timeout-ms'] ?? 0))
    expect(told.map((ms) => ms > 1_000 && ms <= 5_000)).toEqual([false, true, false, true])
    expect([told[0], told[2]]).toEqual([0, 0])
  })

  test('that is over chooses no instance', async () => {
    const users = await answering('never')
    const client = usersOn([users])

    const pending = client.with({ timeoutMs: 0 }).request('http://users/')

    await expect(pending).rejects.toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
    const calls = Object.values(client.snapshot().services[0]?.balancer?.calls ?? { none: 1 })
    expect(calls.every((count) => count === 0)).toBe(true)
    expect(users.got).toEqual([])
  })
})
