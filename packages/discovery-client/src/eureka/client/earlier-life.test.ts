import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { hostileServer, json } from '../../transport/hostile-server.model.js'
import type { HostileServer } from '../../transport/hostile-server.model.js'
import { answers, arrived, pass, startEureka, testClient, USERS } from './client.model.js'

const NOW = 1_800_000_000_000
const instance = { ...USERS, instanceId: 'pod-0' }

test('an instance that moved to a machine whose clock is behind is registered at its new address', async () => {
  const eureka = await startEureka()
  const serviceUrls = [eureka.url]
  const ahead = { serviceUrls, clock: new SimClock({ epochMs: NOW }), unregisterOnShutdown: false }
  const earlier = testClient({ ...ahead, instance: { ...instance, hostName: '10.0.0.1' } }).client
  await earlier.start()
  await earlier.stop()
  const clock = new SimClock({ epochMs: NOW - 300_000 })
  const { client, told } = testClient({
    serviceUrls,
    clock,
    instance: { ...instance, hostName: '10.0.0.2', metadata: { version: '2' } },
  })

  await client.start()
  await arrived(() => told.filter(({ event }) => event === 'registered').length === 2)
  await client.refresh()

  expect(client.instances('users')).toMatchObject([{ host: '10.0.0.2', metadata: { version: '2' } }])
  expect(client.instance('pod-0')?.lastDirtyTimestamp).toBe(NOW + 1)
})

test('two that live under one id do not push each other out again and again', async () => {
  const eureka = await startEureka()
  const clients = [0, 1].map((ms) =>
    testClient({ serviceUrls: [eureka.url], clock: new SimClock({ epochMs: NOW + ms }), instance }),
  )
  for (const { client } of clients) await client.start()

  for (let round = 0; round < 5; round++) {
    for (const { client } of clients) {
      await client.refresh()
      await fetch(`${eureka.url}status`)
    }
  }

  const registrations = eureka.requests.filter(({ route }) => route === 'register')
  expect(registrations.length).toBeGreaterThan(2)
  expect(registrations.length).toBeLessThanOrEqual(4)
})

test('what the registry has of this life is no earlier one, though the wall clock was set back meanwhile', async () => {
  const eureka = await startEureka()
  const clock = new SimClock({ epochMs: NOW })
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance })
  await client.start()
  clock.shiftEpoch(-60_000)

  await client.refresh()
  await answers(eureka.url)

  expect(client.instance('pod-0')?.lastDirtyTimestamp).toBe(NOW)
  expect(eureka.requests.filter(({ route }) => route === 'register')).toHaveLength(1)
})

test('an earlier life whose clock was right changes nothing, also while the first check of health is under way', async () => {
  const eureka = await startEureka()
  const serviceUrls = [eureka.url]
  const before = { serviceUrls, clock: new SimClock({ epochMs: NOW - 1 }), unregisterOnShutdown: false }
  const earlier = testClient({ ...before, instance }).client
  await earlier.start()
  await earlier.stop()
  const check = Promise.withResolvers<'UP'>()
  const { client, told } = testClient({
    serviceUrls,
    clock: new SimClock({ epochMs: NOW }),
    instance,
    healthCheckHandler: () => check.promise,
  })
  const started = client.start()
  await arrived(() => told.some(({ event }) => event === 'registry'))
  check.resolve('UP')
  await started
  await client.refresh()

  expect(client.instance('pod-0')?.lastDirtyTimestamp).toBe(NOW)
})

test('an instance that the registry tells of without a stamp is not registered again for that', async () => {
  const server = await tellsOf({})
  const { client } = testClient({ serviceUrls: [server.url], instance })

  await client.start()
  await client.refresh()

  expect(client.instance('pod-0')?.lastDirtyTimestamp).toBeUndefined()
  expect(server.requests.filter((line) => line.startsWith('POST'))).toHaveLength(1)
})

test('a stamp so high that none comes after it hides no later change', async () => {
  const server = await tellsOf({ lastDirtyTimestamp: String(Number.MAX_SAFE_INTEGER) })
  const clock = new SimClock({ epochMs: NOW })
  const { client } = testClient({ serviceUrls: [server.url], instance, clock })
  await client.start()
  await client.refresh()
  const registered = (): unknown[] =>
    server.bodies.flatMap((body) => (body === '' ? [] : (JSON.parse(body) as { instance: unknown }).instance))

  for (const version of ['1', '2', '3', '4']) client.updateMetadata({ version })
  await arrived(() => client.heartbeatAgeMs === 0 && registered().length > 1)
  await pass(clock, 60_000)

  expect(registered().at(-1)).toMatchObject({ metadata: { version: '4' } })
})

/** A server that takes everything, and tells of nobody but our instance. */
function tellsOf(stamps: object): Promise<HostileServer> {
  const port = { $: 1, '@enabled': 'true' }
  const told = { instanceId: 'pod-0', app: 'USERS', hostName: 'a', port, ...stamps }
  const application = [{ name: 'USERS', instance: [told] }]
  return hostileServer((request, response) => {
    if (request.method === 'GET') json(response, { applications: { application } })
    else response.writeHead(204).end()
  })
}
