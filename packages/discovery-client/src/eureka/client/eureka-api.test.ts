import { describe, expect, test } from 'vitest'
import { hostileServer, json } from '../../transport/hostile-server.model.js'
import { startEureka, testClient } from './client.model.js'

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
