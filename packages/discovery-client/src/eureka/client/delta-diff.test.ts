import { expect, test } from 'vitest'
import { hostileServer, json } from '../../transport/hostile-server.model.js'
import { startEureka, testClient } from './client.model.js'

const instance = (instanceId: string, status: string): object => ({
  instanceId,
  app: 'A',
  hostName: 'h',
  status,
  port: { $: 1, '@enabled': 'true' },
  actionType: 'MODIFIED',
})

const list = (hash: string, ...instances: readonly object[]): object => ({
  applications: { apps__hashcode: hash, application: [{ name: 'A', instance: instances }] },
})

test('logDeltaDiff tells what the delta had missed, and takes everything', async () => {
  let full = list('UP_2_', instance('a1', 'UP'), instance('a2', 'UP'))
  const server = await hostileServer((request, response) => {
    const isDelta = request.url?.includes('delta') === true
    json(response, isDelta ? list('DOWN_1_UP_2_', instance('a3', 'UP')) : full)
  })
  const { client, told } = testClient({ serviceUrls: [server.url], logDeltaDiff: true })
  await client.start()
  full = list('DOWN_1_UP_2_', instance('a1', 'DOWN'), instance('a2', 'UP'), instance('a3', 'UP'))

  await client.refresh()

  expect(told).toContainEqual({
    event: 'deltaDiff',
    hash: 'UP_3_',
    serverHash: 'DOWN_1_UP_2_',
    total: 1,
    differences: [
      expect.objectContaining({ instanceId: 'a1', kind: 'different', fields: ['status'], status: 'UP' }),
    ],
  })
  expect(client.instance('a1')?.status).toBe('DOWN')
})

test('logDeltaDiff tells of deltas that were right too, and nothing is told without it', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', port: 1 })
  const logging = testClient({ serviceUrls: [eureka.url], logDeltaDiff: true })
  const silent = testClient({ serviceUrls: [eureka.url] })
  for (const { client } of [logging, silent]) {
    await client.start()
    await client.refresh()
  }

  const heard = [logging, silent].map(({ told }) => told.filter(({ event }) => event === 'deltaDiff'))
  expect(heard).toEqual([[expect.objectContaining({ total: 0, differences: [], hash: 'UP_1_' })], []])
})
