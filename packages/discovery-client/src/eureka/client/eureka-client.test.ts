import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

const PERIOD_MS = 33_001

describe.each(['netflix', 'spring'] as const)('a client of a %s server', (flavour) => {
  test('registers at once, and finds itself', async () => {
    const eureka = await startEureka({ flavour })
    const { client, told } = testClient({ serviceUrls: [eureka.url], instance: USERS })

    await client.start()
    await client.ready
    await client.refresh()

    expect(eureka.requests.map(({ route }) => route)).toContain('register')
    expect(told).toContainEqual({ event: 'registered', instanceId: '127.0.0.1:users:9001', again: false })
    expect(client.instances('users')).toMatchObject([
      { host: '127.0.0.1', port: 9_001, status: 'UP', secure: false },
    ])
    expect(client.app('Users')).toMatchObject([{ app: 'USERS', vipAddress: 'users' }])
    expect(client.vip('USERS', { secure: true })).toHaveLength(1)
    expect(client.instance('127.0.0.1:users:9001')?.hostName).toBe('127.0.0.1')
    expect(client.services()).toEqual(['USERS'])
    expect(client.remoteStatus).toBe('UP')
    expect(client).toMatchObject({ registryAgeMs: 0, heartbeatAgeMs: 0, isReady: true })
  })

  test('renews its lease, and registers again when the server has forgotten it', async () => {
    const eureka = await startEureka({ flavour })
    const clock = new SimClock()
    const { client, next } = testClient({
      serviceUrls: [eureka.url],
      instance: USERS,
      fetchRegistry: false,
      clock,
    })
    await client.start()
    const [first] = eureka.instances

    const renewed = next('heartbeat')
    await clock.advance(PERIOD_MS)
    expect(await renewed).toMatchObject({ ok: true, status: 200 })

    eureka.restart()
    const [unknown, again] = [next('heartbeat'), next('registered')]
    await clock.advance(PERIOD_MS)

    expect(await unknown).toMatchObject({ ok: false, status: 404 })
    expect(await again).toMatchObject({ again: true })
    expect(eureka.instances).toHaveLength(1)
    expect(Number(eureka.instances[0]!['lastDirtyTimestamp'])).toBeGreaterThan(
      Number(first!['lastDirtyTimestamp']),
    )
  })

  test('cancels its registration when it stops, once', async () => {
    const eureka = await startEureka({ flavour })
    const { client, told } = testClient({ serviceUrls: [eureka.url], instance: USERS })
    await client.start()

    await Promise.all([client.stop(), client.stop()])
    await client.stop()

    expect(eureka.instances).toEqual([])
    expect(eureka.requests.filter(({ route }) => route === 'cancel')).toHaveLength(1)
    expect(told.at(-1)).toMatchObject({ event: 'deregistered' })
    await expect(client.ready).resolves.toBeUndefined()
  })

  test('says that it does not start again once it was stopped', async () => {
    const eureka = await startEureka({ flavour })
    const { client } = testClient({ serviceUrls: [eureka.url], instance: USERS })
    await client.start()
    await expect(client.start()).resolves.toBeUndefined()
    await client.stop()

    await expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
    expect(eureka.instances).toEqual([])
  })

  test('goes out of service and comes back', async () => {
    const eureka = await startEureka({ flavour })
    const clock = new SimClock()
    const { client, told } = testClient({ serviceUrls: [eureka.url], instance: USERS, clock })
    await client.start()
    const statusAtServer = (): unknown => eureka.instances[0]?.['status']

    for (const status of ['OUT_OF_SERVICE', 'UP', 'DOWN', 'UP'] as const) {
      await client.setStatus(status)
      // Two changes at once are free; for more a token has to grow.
      await arrived(() => statusAtServer() === status || void clock.advance(1_000), status)
      await client.refresh()
      expect(client.remoteStatus).toBe(status)
    }
    expect(told.flatMap((each) => (each.event === 'status' ? [each.current] : []))).toEqual(
      expect.arrayContaining(['OUT_OF_SERVICE', 'UP', 'DOWN']),
    )
  })

  test('tells others of new metadata', async () => {
    const eureka = await startEureka({ flavour })
    const metadata = { zone: 'a', version: '1' }
    const { client, next } = testClient({ serviceUrls: [eureka.url], instance: { ...USERS, metadata } })
    await client.start()

    const again = next('registered')
    client.updateMetadata({ version: '2', color: 'blue', zone: undefined })
    await again
    await client.refresh()

    expect({ ...client.app('users')[0]?.metadata }).toEqual({ version: '2', color: 'blue' })
    expect({ ...client.self?.metadata }).toEqual({ version: '2', color: 'blue' })
  })

  test('follows what others do', async () => {
    const eureka = await startEureka({ flavour })
    const { client, told } = testClient({ serviceUrls: [eureka.url] })
    eureka.register({ appName: 'users', port: 1 })
    await client.start()

    const id = eureka.register({ appName: 'users', port: 2 })
    await client.refresh()
    expect(
      client
        .instances('users')
        .map(({ port }) => port)
        .toSorted(),
    ).toEqual([1, 2])

    eureka.setStatus(id, 'OUT_OF_SERVICE')
    await client.refresh()
    expect(client.instances('users').map(({ port }) => port)).toEqual([1])
    expect(client.instance(id)?.status).toBe('OUT_OF_SERVICE')

    eureka.cancel(id)
    await client.refresh()
    expect(client.instance(id)).toBeUndefined()
    await client.refresh()

    const fetches = told.flatMap((each) => (each.event === 'registry' ? [[each.kind, each.changed]] : []))
    expect(fetches).toEqual([
      ['full', true],
      ['delta', true],
      ['delta', true],
      ['delta', true],
      ['delta', false],
    ])
    expect(told.filter(({ event }) => event === 'error')).toEqual([])
  })
})

test('looks names up by VIP, else by secure VIP, else by application, and knows nobody else', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'A', port: 1, vipAddress: 'svc' })
  eureka.register({ appName: 'svc', port: 2, vipAddress: 'other' })
  eureka.register({ appName: 'C', port: 3, securePort: 443, vipAddress: 'c', secureVipAddress: 'safe' })
  const { client } = testClient({ serviceUrls: [eureka.url] })
  await client.start()

  const ports = (service: string): number[] => client.instances(service).map(({ port }) => port)

  expect([ports('svc'), ports('a'), ports('SAFE'), ports('nobody')]).toEqual([[1], [1], [443], []])
  expect(client.nextServer('svc').port.number).toBe(1)
  expect(() => client.nextServer('nobody')).toThrow('nobody: no instance has this VIP')
  expect(client.vipOfApp('other', 'svc')).toHaveLength(1)
})

test('next servers come in turn, for each VIP by itself', async () => {
  const eureka = await startEureka()
  for (const port of [1, 2, 3]) eureka.register({ appName: 'a', port })
  eureka.register({ appName: 'b', port: 4 })
  const { client } = testClient({ serviceUrls: [eureka.url] })
  await client.start()

  const ports = ['a', 'A', 'b', 'a', 'a'].map((vip) => client.nextServer(vip).port.number)

  expect(new Set([ports[0], ports[1], ports[3]])).toEqual(new Set([1, 2, 3]))
  expect([ports[2], ports[4]]).toEqual([4, ports[0]])
  expect(client.nextServer('a', true).port.number).toBe(ports[0])
})
