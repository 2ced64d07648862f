import { createRuntime } from '@breakwater/kernel'
import type { RegistryReading, Runtime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { startEureka, testClient, USERS } from './client.model.js'

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

test('a client without a name shows nothing', async () => {
  const runtime = createRuntime()
  testClient({ serviceUrls: ['http://127.0.0.1:1/'], runtime })

  expect([...runtime.instruments()]).toEqual([])
})
