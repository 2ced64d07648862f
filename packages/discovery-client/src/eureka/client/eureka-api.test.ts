import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { eventually, hostileServer, json } from '../../transport/hostile-server.model.js'
import { startEureka, testClient, USERS } from './client.model.js'

describe('single operations', () => {
  test('look instances up, afresh', async () => {
    const eureka = await startEureka()
    const instanceId = eureka.register({
      appName: 'users',
      port: 1,
      vipAddress: 'svc',
      secureVipAddress: 'safe',
    })
    const { api } = testClient({ serviceUrls: [eureka.url] }).client

    const found = await Promise.all([
      api.all(),
      api.application('users'),
      api.vip('svc'),
      api.vip('safe', { secure: true }),
      api.instance({ app: 'users', instanceId }).then((info) => [info]),
      api.instance({ instanceId }).then((info) => [info]),
    ])

    expect(found.map((list) => list.map((info) => info?.instanceId))).toEqual(found.map(() => [instanceId]))
    expect(await api.application('nobody')).toEqual([])
    expect(await api.vip('nobody')).toEqual([])
    expect(await api.instance({ app: 'users', instanceId: 'nobody' })).toBeUndefined()
  })

  test('change instances, and say whether a server knew them', async () => {
    const eureka = await startEureka()
    const instanceId = eureka.register({ appName: 'users', port: 1 })
    const { api } = testClient({ serviceUrls: [eureka.url] }).client
    const key = { app: 'users', instanceId }
    const status = (): unknown => eureka.instances[0]?.['status']

    expect(await api.setStatus(key, 'OUT_OF_SERVICE')).toBe(true)
    expect(status()).toBe('OUT_OF_SERVICE')
    expect(await api.removeStatus(key, 'UP')).toBe(true)
    expect(status()).toBe('UP')
    expect(await api.addMetadata(key, { color: 'blue' })).toBe(true)
    expect(eureka.instances[0]).toMatchObject({ metadata: { color: 'blue' } })
    expect(await api.cancel(key)).toBe(true)
    expect(eureka.instances).toEqual([])
    expect(await api.cancel(key)).toBe(false)
    expect(await api.setStatus(key, 'UP')).toBe(false)
  })

  test('ask the server about itself, and for its overrides beside the protocol', async () => {
    const server = await hostileServer((request, response) => {
      if (request.url === '/eureka/serverinfo/statusoverrides') json(response, { a1: 'DOWN', b: 'nonsense' })
      else if (request.url === '/eureka/v2/status') json(response, { generalStats: {} })
      else response.writeHead(request.url === '/eureka/v2/asg/group/status?value=DISABLED' ? 200 : 404).end()
    })
    const { api } = testClient({ serviceUrls: [`${server.origin}/eureka/v2/`] }).client

    expect(await api.serverStatus()).toEqual({ generalStats: {} })
    expect(await api.overrides()).toEqual(new Map([['a1', 'DOWN']]))
    expect(await api.setAutoScalingGroup('group', 'DISABLED')).toBe(true)
  })

  test('refuse names that no server keeps apart', async () => {
    const { api } = testClient({ serviceUrls: ['http://127.0.0.1:1/'] }).client

    await expect(api.application('a/b')).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' })
  })
})

test('operations on what is no name are refused before anybody is asked', async () => {
  const eureka = await startEureka()
  const { api } = testClient({ serviceUrls: [eureka.url] }).client
  const key = { app: 'users', instanceId: 'a' }
  const surrogate = '\ud800'

  const refused = [
    api.application(undefined as never),
    api.vip(5 as never),
    api.instance(undefined as never),
    api.instance({ app: 'users' } as never),
    api.cancel(undefined as never),
    api.cancel({ app: 'users' } as never),
    api.setStatus({ instanceId: 'a' } as never, 'UP'),
    api.setStatus(key, Symbol('UP') as never),
    api.addMetadata(key, { a: surrogate }),
    api.addMetadata(key, { a: 5 as never }),
    api.all([surrogate]),
    api.setAutoScalingGroup(null as never, 'ENABLED'),
  ]

  for (const operation of refused)
    await expect(operation).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' })
  expect(eureka.requests).toEqual([])
})

test('a clock between two milliseconds stamps everything with whole ones', async () => {
  const eureka = await startEureka()
  const clock = new SimClock({ epochMs: 1_700_000_000_000.5 })
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS })
  await client.start()
  const key = { app: 'users', instanceId: String(client.self?.instanceId) }

  await client.api.setStatus(key, 'OUT_OF_SERVICE')
  await client.api.removeStatus(key, 'UP')
  client.updateMetadata({ a: 'b' })
  await eventually(() => eureka.requests.filter(({ route }) => route === 'register').length === 2)

  const stamps = eureka.requests.flatMap(({ query, body }) => {
    const { instance = {} } = Object(body) as { instance?: Record<string, string | undefined> }
    return [query['lastDirtyTimestamp'], instance['lastDirtyTimestamp'], instance['lastUpdatedTimestamp']]
  })
  const sent = stamps.filter((stamp) => stamp !== undefined)
  expect(sent.length).toBeGreaterThan(4)
  for (const stamp of sent) expect(stamp).toMatch(/^17000000000\d\d$/)
})
