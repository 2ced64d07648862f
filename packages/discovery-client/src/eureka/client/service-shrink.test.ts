import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { startEureka, testClient } from './client.model.js'
import type { TestClient } from './client.model.js'

const OTHERS = 100
const INSTANCES = 40

interface World extends TestClient {
  readonly clock: SimClock
  readonly eureka: Awaited<ReturnType<typeof startEureka>>
  readonly ports: () => readonly number[]
  register(from: number, to: number): void
  cancel(from: number, to: number): void
}

/** A registry of a hundred other instances, and forty of `users`. */
async function world(options: object = {}): Promise<World> {
  const eureka = await startEureka()
  const clock = new SimClock()
  for (let port = 1; port <= OTHERS; port++) eureka.register({ appName: 'others', port })
  const register = (from: number, to: number): void => {
    for (let port = from; port <= to; port++) {
      eureka.register({ appName: 'users', port, instanceId: `u${String(port)}` })
    }
  }
  register(1, INSTANCES)
  const test = testClient({ serviceUrls: [eureka.url], clock, ...options })
  await test.client.start()
  return {
    ...test,
    clock,
    eureka,
    register,
    cancel: (from, to) => {
      for (let port = from; port <= to; port++) eureka.cancel(`u${String(port)}`)
    },
    ports: () =>
      test.client
        .instances('users')
        .map(({ port }) => port)
        .toSorted((a, b) => a - b),
  }
}

describe('E7: a service that loses its instances while the others stay', () => {
  test('keeps them until another fetch says the same, and is believed then', async () => {
    const { client, cancel, told, eureka } = await world()
    cancel(1, INSTANCES)
    eureka.clearRequests()

    await client.refresh()
    expect(told).toContainEqual({ event: 'held', before: INSTANCES, after: 0, services: ['USERS'] })
    expect(told.at(-1)).toMatchObject({ event: 'registry', instances: OTHERS + INSTANCES, changed: false })
    expect(client.instances('users')).toHaveLength(INSTANCES)

    await client.refresh()
    expect(client.instances('users')).toHaveLength(0)
    expect(client.instances('others')).toHaveLength(OTHERS)
    expect(eureka.requests.map(({ route }) => route)).toEqual(['delta', 'apps'])
  })

  test('waits while they come back, and lets nobody wait for the others', async () => {
    const { client, cancel, register, eureka } = await world()
    cancel(1, INSTANCES)
    eureka.register({ appName: 'new', port: 1 })
    await client.refresh()
    expect(client.instances('new')).toHaveLength(1)

    register(1, 10)
    await client.refresh()
    expect(client.instances('users')).toHaveLength(INSTANCES)

    register(11, 30)
    await client.refresh()
    expect(client.instances('users')).toHaveLength(30)
  })

  test('has its new instances in use while the old ones are kept', async () => {
    const { client, cancel, register, ports } = await world()
    cancel(1, INSTANCES)
    register(101, 105)

    await client.refresh()
    expect(ports()).toEqual([
      ...Array.from({ length: INSTANCES }, (_, at) => at + 1),
      101,
      102,
      103,
      104,
      105,
    ])

    await client.refresh()
    expect(ports()).toEqual([101, 102, 103, 104, 105])
  })

  test('is believed after the time of the guard, though they still come back', async () => {
    const { client, cancel, register, clock, ports } = await world({ registryFetchIntervalMs: 3_600_000 })
    cancel(1, INSTANCES)
    await client.refresh()
    register(1, 1)
    await clock.advance(179_999)
    await client.refresh()
    expect(ports()).toHaveLength(INSTANCES)

    register(2, 2)
    await clock.advance(1)
    await client.refresh()
    expect(ports()).toEqual([1, 2])
  })

  test.each([
    ['is switched off', false],
    ['leaves services of that size alone', { minServiceInstances: INSTANCES + 1 }],
    ['allows it', { maxServiceShrinkPercent: 90 }],
  ])('is believed at once when the guard %s', async (_what, shrinkGuard) => {
    const { client, cancel } = await world({ shrinkGuard })
    cancel(1, INSTANCES - 5)

    await client.refresh()

    expect(client.instances('users')).toHaveLength(5)
  })

  test('is not asked twice about what was believed of the whole registry', async () => {
    const { client, eureka } = await world()
    eureka.restart()

    await client.refresh()
    expect(client.instances('users')).toHaveLength(INSTANCES)
    await client.refresh()

    expect(client.instances('users')).toHaveLength(0)
  })
})

test('E7: the first registry of a server is believed at once, also when a backup had more', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', port: 1 })
  const fault = eureka.fault('lists', { kind: 'answer', status: 503 })
  const instance = Array.from({ length: 10 }, (_, at) => ({
    instanceId: `backup-${String(at)}`,
    hostName: 'h',
    status: 'UP',
    port: { $: 1, '@enabled': 'true' },
    vipAddress: 'users',
  }))
  const backupRegistry = (): unknown => ({ applications: { application: [{ name: 'USERS', instance }] } })
  const { client } = testClient({ serviceUrls: [eureka.url], backupRegistry })
  await client.start()
  expect(client.instances('users')).toHaveLength(10)

  fault.heal()
  await client.refresh()

  expect(client.instances('users')).toHaveLength(1)
})
