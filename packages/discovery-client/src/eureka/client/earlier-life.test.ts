import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

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
