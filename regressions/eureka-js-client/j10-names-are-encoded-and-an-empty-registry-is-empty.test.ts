/** eureka-js-client 4.5.0 puts ids and names into URLs as they are, compares VIPs to the letter, and keeps its cache when the registry is empty. */
import { expect, test } from 'vitest'
import { arrived, PERIOD_MS, USERS, world } from './client.model.js'

test.each(['a b', 'a:b;c', 'a%2Fb', 'a?b=c', 'a+b', 'ä€😀'])(
  'the id %s is the same in every operation',
  async (instanceId) => {
    const { eureka, client, clock } = await world({ instance: { ...USERS, instanceId } })
    await client.start()
    await client.refresh()
    expect(client.instance(instanceId)?.instanceId).toBe(instanceId)
    expect(await client.api.instance({ app: 'users', instanceId })).toMatchObject({ instanceId })

    await clock.advance(PERIOD_MS)
    await arrived(() => eureka.requests.some(({ route, status }) => route === 'heartbeat' && status === 200))

    await client.stop()
    expect(eureka.instances).toEqual([])
  },
)

test.each(['a/b', 'a\\b'])(
  'the id %s, which some servers take and never find again, is refused',
  async (instanceId) => {
    await expect(world({ instance: { ...USERS, instanceId } })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTIONS',
    })
  },
)

test('VIPs are found without case', async () => {
  const { eureka, client } = await world()
  eureka.register({ appName: 'users', port: 1, vipAddress: 'Users.Example' })
  await client.start()

  expect(client.vip('uSERS.example')).toHaveLength(1)
})

test('a registry that is empty, and stays so, is believed', async () => {
  const { eureka, client } = await world()
  const id = eureka.register({ appName: 'users', port: 1 })
  await client.start()

  eureka.cancel(id)
  await client.refresh()
  await client.refresh()

  expect(client.app('users')).toEqual([])
})
