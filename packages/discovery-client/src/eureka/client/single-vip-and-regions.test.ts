import { createRuntime } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { hostileServer, json } from '../../transport/hostile-server.model.js'
import { startEureka, testClient } from './client.model.js'

test('a client of a single VIP fetches that VIP, and never a delta', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', port: 1 })
  eureka.register({ appName: 'orders', port: 2 })
  const { client } = testClient({ serviceUrls: [eureka.url], registryRefreshSingleVipAddress: 'users' })

  await client.start()
  await client.refresh()

  expect(eureka.requests.map(({ route }) => route)).toEqual(['vip', 'vip'])
  expect(client.services()).toEqual(['USERS'])
})

test('a client of compact answers finds addresses', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', port: 1 })
  const { client } = testClient({ serviceUrls: [eureka.url], clientDataAccept: 'compact' })

  await client.start()
  await client.refresh()

  expect(eureka.requests.every(({ headers }) => headers['x-eureka-accept'] === 'compact')).toBe(true)
  expect(client.instances('users')).toMatchObject([{ port: 1 }])
})

describe('a client of several regions', () => {
  const at = (id: string, zone: string): unknown => ({
    instanceId: id,
    hostName: id,
    status: 'UP',
    vipAddress: 'a',
    port: { $: 1, '@enabled': 'true' },
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.AmazonInfo',
      name: 'Amazon',
      metadata: { 'availability-zone': zone },
    },
  })

  test('asks for them, and keeps them apart', async () => {
    const server = await hostileServer((request, response) => {
      const instance = [at('here', 'us-east-1a'), at('there', 'eu-west-1b')]
      const isDelta = request.url?.includes('delta') === true
      json(response, {
        applications: { apps__hashcode: 'UP_2_', application: isDelta ? [] : [{ name: 'A', instance }] },
      })
    })
    const runtime = createRuntime()
    const { client, told } = testClient({
      name: 'eureka',
      runtime,
      serviceUrls: [server.url],
      region: 'us-east-1',
      fetchRegistryForRemoteRegions: ['eu-west-1'],
      availabilityZones: { 'us-east-1': ['us-east-1a'], 'eu-west-1': ['eu-west-1b'] },
    })

    await client.start()
    await client.refresh()

    expect(server.requests).toEqual([
      'GET /eureka/apps/?regions=eu-west-1',
      'GET /eureka/apps/delta?regions=eu-west-1',
    ])
    expect(client.vip('a').map(({ instanceId }) => instanceId)).toEqual(['here'])
    expect(client.vip('a', { region: 'eu-west-1' }).map(({ instanceId }) => instanceId)).toEqual(['there'])
    expect(client.vip('a', { region: 'mars' })).toEqual([])
    expect(told.at(-1)).toMatchObject({ event: 'registry', kind: 'delta', instances: 2 })
    expect([...runtime.instruments()][0]?.read()).toMatchObject({ instances: { UP: 2 } })
  })
})
