import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { hostileServer, json } from '../../transport/hostile-server.model.js'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

/** The longest first wait after a failure. */
const RETRY_MS = 7_501

describe('E6: while no server answers', () => {
  test.each([
    ['every list is 503', { kind: 'answer', status: 503 }],
    ['every list is 403', { kind: 'answer', status: 403 }],
    ['every list is a page of HTML', { kind: 'garbage' }],
    ['every list is cut', { kind: 'truncate' }],
    ['every connection is reset', { kind: 'drop' }],
    ['every answer asks to log in', { kind: 'answer', status: 401, body: 'who are you?' }],
    ['every list is 200 without a body', { kind: 'answer', status: 200 }],
    ['every list is JSON of something else', { kind: 'answer', status: 200, body: '{"hello":"world"}' }],
  ] as const)('because %s, the last good registry is served, with its age', async (_what, fault) => {
    const eureka = await startEureka()
    eureka.register({ appName: 'users', port: 1 })
    const clock = new SimClock()
    const { client, told } = testClient({ serviceUrls: [eureka.url], clock })
    await client.start()
    const active = eureka.fault('lists', fault)
    await clock.advance(1_000)

    await client.refresh()

    expect(active.hits).toBeGreaterThan(0)
    expect(client.instances('users')).toHaveLength(1)
    expect(client.registryAgeMs).toBe(1_000)
    expect(told.at(-1)).toMatchObject({
      event: 'error',
      operation: 'fetch',
      error: { name: 'RegistryError' },
    })

    active.heal()
    await client.refresh()
    expect(client.registryAgeMs).toBe(0)
  })
})

describe('a delta', () => {
  test.each([
    ['is switched off', { kind: 'answer', status: 403 }],
    ['is not known', { kind: 'answer', status: 404, body: '{"status":404}' }],
    ['has no body', { kind: 'answer', status: 200 }],
    ['does not lead to the fingerprint of the server', { kind: 'wrongHash' }],
  ] as const)('that %s is followed by one full fetch at once', async (_what, fault) => {
    const eureka = await startEureka()
    eureka.register({ appName: 'users', port: 1 })
    const { client, told } = testClient({ serviceUrls: [eureka.url] })
    await client.start()
    eureka.fault('delta', fault)
    eureka.register({ appName: 'users', port: 2 })
    eureka.clearRequests()

    await client.refresh()

    expect(eureka.requests.map(({ route }) => route)).toEqual(['delta', 'apps'])
    expect(client.instances('users')).toHaveLength(2)
    expect(told.at(-1)).toMatchObject({ event: 'registry', kind: 'full', changed: true })
  })

  test('of a server that is overloaded is not followed by a full fetch', async () => {
    const eureka = await startEureka()
    eureka.register({ appName: 'users', port: 1 })
    const { client } = testClient({ serviceUrls: [eureka.url] })
    await client.start()
    eureka.fault('delta', { kind: 'answer', status: 503 })
    eureka.clearRequests()

    await client.refresh()

    expect(eureka.requests.map(({ route }) => route)).toEqual(['delta'])
  })
})

describe('E7: a registry that is suddenly small', () => {
  test('is believed only when another fetch says the same', async () => {
    const eureka = await startEureka({ flavour: 'spring' })
    for (let port = 1; port <= 10; port++) eureka.register({ appName: 'users', port })
    const { client, told } = testClient({ serviceUrls: [eureka.url] })
    await client.start()

    eureka.restart()
    await client.refresh()
    expect(told.at(-1)).toEqual({ event: 'held', before: 10, after: 0, services: [] })
    expect(client.instances('users')).toHaveLength(10)

    for (let port = 1; port <= 4; port++) eureka.register({ appName: 'users', port })
    await client.refresh()
    expect(told.at(-1)).toEqual({ event: 'held', before: 10, after: 4, services: [] })

    for (let port = 5; port <= 10; port++) eureka.register({ appName: 'users', port })
    await client.refresh()
    expect(told.at(-1)).toMatchObject({ event: 'registry' })
    expect(client.instances('users')).toHaveLength(10)
  })

  test('by a delta is believed only when a full answer says the same', async () => {
    const eureka = await startEureka()
    const ids = Array.from({ length: 10 }, (_, port) => eureka.register({ appName: 'users', port }))
    const { client, told } = testClient({ serviceUrls: [eureka.url] })
    await client.start()
    for (const id of ids.slice(2)) eureka.cancel(id)
    eureka.clearRequests()

    await client.refresh()
    expect(told.at(-1)).toEqual({ event: 'held', before: 10, after: 2, services: [] })
    await client.refresh()

    expect(eureka.requests.map(({ route }) => route)).toEqual(['delta', 'apps'])
    expect(told.at(-1)).toMatchObject({ event: 'registry', kind: 'full', instances: 2 })
  })

  test('is believed at once when the guard is off', async () => {
    const eureka = await startEureka()
    eureka.register({ appName: 'users', port: 1 })
    const { client } = testClient({ serviceUrls: [eureka.url], shrinkGuard: false })
    await client.start()

    eureka.restart()
    await client.refresh()

    expect(client.instances('users')).toEqual([])
  })
})

test('E5: one bad entry is dropped and counted, and hides no other', async () => {
  const good = {
    instanceId: 'a1',
    app: 'A',
    hostName: 'h',
    ipAddr: '10.0.0.1',
    status: 'UP',
    port: { $: 1, '@enabled': 'true' },
  }
  const bad = [
    { ...good, instanceId: 'a2', hostName: '10.0.0.1@evil.example' },
    null,
    'text',
    { ...good, instanceId: 'a3', port: { $: 'x', '@enabled': 'true' } },
    [],
  ]
  const server = await hostileServer((_request, response) => {
    json(response, {
      applications: { apps__hashcode: '', application: [{ name: 'A', instance: [...bad, good] }] },
    })
  })
  const { client, told } = testClient({ serviceUrls: [server.url] })

  await client.start()

  expect(client.app('a').map(({ instanceId }) => instanceId)).toEqual(['a1'])
  expect(told).toMatchObject([{ event: 'registry', dropped: bad.length, instances: 1 }])
})

test('no name of the wire reaches a prototype', async () => {
  const text = `{"applications":{"application":[{"name":"__proto__","instance":[{"instanceId":"constructor","app":"__proto__",
    "hostName":"h","status":"UP","port":{"$":1,"@enabled":"true"},"metadata":{"__proto__":"x","toString":"y"}}]}],"__proto__":{"polluted":1}}}`
  const server = await hostileServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  const { client } = testClient({ serviceUrls: [server.url] })

  await client.start()

  expect(client.instances('toString')).toEqual([])
  expect(Object.keys(client.instance('constructor')?.metadata ?? {})).toContain('toString')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

describe('when all servers are down at the start, a client', () => {
  const down = { serviceUrls: ['http://127.0.0.1:1/eureka/'] }

  test('starts with nothing, keeps trying, and recovers by itself', async () => {
    const eureka = await startEureka()
    eureka.register({ appName: 'users', port: 1 })
    const fault = eureka.fault('any', { kind: 'drop' })
    const clock = new SimClock()
    const { client } = testClient({ serviceUrls: [eureka.url], instance: USERS, clock })

    await client.start()
    expect(client).toMatchObject({ isReady: false, registryAgeMs: Infinity, heartbeatAgeMs: Infinity })
    expect(client.instances('users')).toEqual([])
    expect(client.snapshot('users')).toBeUndefined()

    fault.heal()
    await clock.advance(RETRY_MS)
    await client.ready
    await client.refresh()
    expect(client.instances('users')).toHaveLength(2)
  })

  test('fails to start when a registry is enforced, and leaves nothing behind', async () => {
    const clock = new SimClock()
    const { client } = testClient({ ...down, instance: USERS, enforceFetchRegistryAtInit: true, clock })

    await expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_NO_SERVER' })
    await expect(client.ready).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  test('fails to start when a registration is enforced', async () => {
    const { client } = testClient({ ...down, instance: USERS, enforceRegistrationAtInit: true })

    await expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_NO_SERVER' })
  })

  test('asks the backup, once', async () => {
    let asked = 0
    const instance = {
      instanceId: 'a1',
      hostName: 'h',
      status: 'UP',
      port: { $: 1, '@enabled': 'true' },
      vipAddress: 'a',
    }
    const backupRegistry = (): unknown => {
      asked++
      return Promise.resolve({ applications: { application: { name: 'A', instance } } })
    }
    const { client, told } = testClient({ ...down, backupRegistry, enforceFetchRegistryAtInit: true })

    await client.start()
    await client.refresh()

    expect(client.instances('a')).toHaveLength(1)
    expect(client.snapshot('a')?.instances).toHaveLength(1)
    expect(asked).toBe(1)
    expect(client.registryAgeMs).toBe(Infinity)
    expect(told).toContainEqual(expect.objectContaining({ event: 'registry', kind: 'backup' }))
  })

  test.each([
    ['throws', () => Promise.reject(new Error('no backup'))],
    ['answers nonsense', () => 42],
  ])('survives a backup that %s', async (_what, backupRegistry) => {
    let asked = 0
    const { client, told } = testClient({
      ...down,
      backupRegistry: () => {
        asked++
        return backupRegistry()
      },
    })

    await client.start()
    await client.refresh()

    expect(told).toContainEqual(expect.objectContaining({ event: 'error', operation: 'backup' }))
    expect(asked).toBe(1)
  })
})

test('a backup that never answers keeps nobody from the servers when these are back', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', port: 9_001 })
  eureka.fault('any', { kind: 'answer', status: 503, count: 1 })
  const clock = new SimClock()
  let asked = false
  const backupRegistry = (): Promise<never> => {
    asked = true
    return new Promise(() => undefined)
  }
  const { client, told } = testClient({ serviceUrls: [eureka.url], clock, backupRegistry })
  const started = client.start()
  await arrived(() => asked)
  // Whoever waits for the start waits for it: it keeps the process alive.
  expect(clock.pending.timers).toBe(1)
  await clock.advance(30_000)
  await started
  const error = expect.objectContaining({ code: 'ERR_REGISTRY_TIMEOUT' }) as unknown
  expect(told).toContainEqual({ event: 'error', operation: 'backup', error })
  await clock.advance(33_000)

  await arrived(() => client.instances('users').length === 1)
})

test('polls that fail come sooner at first, with chance in them, and never all at once after a stall', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const { client, told } = testClient({ serviceUrls: [eureka.url], clock })
  await client.start()
  eureka.fault('any', { kind: 'answer', status: 503 })
  eureka.clearRequests()

  clock.stall(10 * 60_000)
  await clock.flush()
  await arrived(() => told.some(({ event }) => event === 'error'))
  await clock.advance(1_000)
  expect(eureka.requests).toHaveLength(1)

  await clock.advance(6_600)
  await arrived(() => eureka.requests.length === 2)
})
