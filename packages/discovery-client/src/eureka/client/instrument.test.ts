import { createRuntime } from '@breakwater/kernel'
import type { RegistryReading, Runtime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { freePorts } from '../../../../../servers/free-ports.ts'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

/** The longest time between two heartbeats. */
const PERIOD_MS = 33_000

const urlAt = (port: number): string => `http://127.0.0.1:${String(port)}/eureka/v2/`

function read(runtime: Runtime): RegistryReading {
  const [instrument] = [...runtime.instruments()]
  if (instrument?.kind !== 'registry') throw new Error('no registry')
  return instrument.read()
}

test('a client with a name shows its numbers, until it is stopped', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'orders', port: 1 })
  const runtime = createRuntime()
  const clock = new SimClock()
  const { client } = testClient({
    serviceUrls: [eureka.url],
    instance: USERS,
    name: 'eureka',
    runtime,
    clock,
  })
  expect(read(runtime)).toMatchObject({
    lastFetchAt: undefined,
    lastHeartbeatAt: undefined,
    ownStatus: 'UNKNOWN',
  })

  await client.start()
  await client.refresh()
  eureka.fault('delta', { kind: 'wrongHash', count: 1 })
  await client.refresh()
  await clock.advance(1_000)

  const reading = read(runtime)
  expect(reading).toMatchObject({
    lastFetchAt: clock.epochNow() - 1_000,
    lastHeartbeatAt: clock.epochNow() - 1_000,
    heartbeats: { success: 0, unknown: 0, failure: 0 },
    reregistrations: 0,
    mismatches: 1,
    droppedEntries: 0,
    heldRegistries: 0,
    instances: { UP: 2, DOWN: 0, OUT_OF_SERVICE: 0, STARTING: 0, UNKNOWN: 0 },
    ownStatus: 'UP',
    quarantinedServers: 0,
    servers: 1,
  })
  expect(reading.fetchLatency.count).toBe(3)
  expect(reading.fetches).toContainEqual({ kind: 'delta', outcome: 'success', count: 1 })
  expect(reading.requests).toContainEqual({ operation: 'register', outcome: 'success', count: 1 })

  await client.stop()
  expect([...runtime.instruments()]).toEqual([])
})

test('what went wrong is counted', async () => {
  const eureka = await startEureka()
  const ids = [1, 2, 3, 4].map((port) => eureka.register({ appName: 'orders', port }))
  eureka.register({ appName: 'orders', hostName: 'no host' })
  const [gone, ...others] = await freePorts(3)
  const runtime = createRuntime()
  const clock = new SimClock()
  const { client, told } = testClient({
    // By this chance alone, servers are tried in the order in which they are configured.
    serviceUrls: [urlAt(gone!), eureka.url, ...others.map(urlAt)],
    random: { next: () => 0.99 },
    instance: USERS,
    name: 'eureka',
    runtime,
    clock,
  })
  await client.start()
  for (const id of ids) eureka.cancel(id)
  await client.refresh()
  eureka.evict(client.self!.instanceId)

  await clock.advance(PERIOD_MS)
  await arrived(() => told.some((each) => each.event === 'registered' && each.again))

  expect(read(runtime)).toMatchObject({
    heartbeats: { success: 0, unknown: 1, failure: 0 },
    reregistrations: 1,
    heldRegistries: 1,
    quarantinedServers: 1,
    servers: 4,
    serverListAgeMs: PERIOD_MS,
  })
  expect(read(runtime).droppedEntries).toBeGreaterThan(0)
})

test('a client whose start fails shows nothing any more', async () => {
  const runtime = createRuntime()
  const { client } = testClient({
    serviceUrls: ['http://127.0.0.1:1/'],
    enforceFetchRegistryAtInit: true,
    name: 'eureka',
    runtime,
  })

  await expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_NO_SERVER' })

  expect([...runtime.instruments()]).toEqual([])
})

test('a client without a name shows nothing', async () => {
  const runtime = createRuntime()
  testClient({ serviceUrls: ['http://127.0.0.1:1/'], runtime })

  expect([...runtime.instruments()]).toEqual([])
})
