/** How long the cancellation of a registration may take, and what of it each server gets. */
import type { ServerResponse } from 'node:http'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { eventually, hostileServer } from '../../transport/hostile-server.model.js'
import { testClient, USERS } from './client.model.js'

const common = { instance: USERS, fetchRegistry: false }

test.each([
  [1, 2_900],
  [5, 900],
])('with %d servers the first has %d ms for it', async (count, ms) => {
  const clock = new SimClock()
  const asked: ServerResponse[] = []
  const servers = await Promise.all(
    Array.from({ length: count }, () =>
      hostileServer((request, response) => {
        if (request.method === 'DELETE') asked.push(response)
        else response.writeHead(204).end()
      }),
    ),
  )
  const { client, told } = testClient({ ...common, serviceUrls: servers.map(({ url }) => url), clock })
  await client.start()

  const stopping = client.stop()
  await eventually(() => asked.length === 1)
  await clock.advance(ms)
  asked[0]!.writeHead(200).end()
  await stopping

  expect(told.map(({ event }) => event)).toEqual(['registered', 'deregistered'])
})

test('a long time to stop gives no server more time than any other request has', async () => {
  const clock = new SimClock()
  const server = await hostileServer((request, response) => {
    if (request.method !== 'DELETE') response.writeHead(204).end()
  })
  const { client } = testClient({
    ...common,
    serviceUrls: [server.url],
    clock,
    connectTimeoutMs: 1_000,
    readTimeoutMs: 2_000,
    stopTimeoutMs: 60_000,
  })
  await client.start()

  const stopping = client.stop()
  await eventually(() => server.requests.length === 2)
  await clock.advance(3_000)
  await stopping

  expect(clock.pending.timers).toBe(0)
})

test('E11: no other server is asked for what was in the air when the client stopped', async () => {
  const asked: Record<string, ServerResponse[]> = { GET: [], DELETE: [] }
  const servers = await Promise.all(
    [1, 2].map(() =>
      hostileServer(({ method = '' }, response) => {
        if (asked[method] === undefined) response.writeHead(204).end()
        else asked[method].push(response)
      }),
    ),
  )
  const { client } = testClient({ instance: USERS, serviceUrls: servers.map(({ url }) => url) })
  const refused = expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await eventually(() => asked['GET']!.length === 1 && client.heartbeatAgeMs < Infinity)

  const stopping = client.stop()
  await eventually(() => asked['DELETE']!.length === 1)
  asked['GET']![0]!.writeHead(500).end()
  await refused
  asked['DELETE']![0]!.writeHead(200).end()
  await stopping

  expect(asked).toMatchObject({ GET: { length: 1 }, DELETE: { length: 1 } })
})

test('a registration that hangs holds the end up for no longer than it may take', async () => {
  const clock = new SimClock()
  const server = await hostileServer(() => undefined)
  const { client } = testClient({ ...common, serviceUrls: [server.url], clock, stopTimeoutMs: 500 })
  const refused = expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await eventually(() => server.requests.length === 1)

  const stopping = client.stop()
  await clock.advance(500)
  await Promise.all([stopping, refused])

  expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
})
