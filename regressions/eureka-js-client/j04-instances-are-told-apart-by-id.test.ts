/** eureka-js-client 4.5.0 knows instances by host and port: two ids there become one, and a changed instance is ignored (reproduced). */
import { expect, test } from 'vitest'
import { world } from './client.model.js'

test('two ids on one host and port are two instances', async () => {
  const { eureka, client } = await world()
  for (const instanceId of ['blue', 'green']) {
    eureka.register({ appName: 'users', instanceId, hostName: '10.0.0.1', port: 1 })
  }
  await client.start()

  expect(client.app('users')).toHaveLength(2)
})

test('an instance that a delta calls added again is taken as it is now', async () => {
  const { eureka, client } = await world()
  eureka.register({ appName: 'users', instanceId: 'blue', port: 1, metadata: { version: '1' } })
  await client.start()

  eureka.register({ appName: 'users', instanceId: 'blue', port: 2, metadata: { version: '2' } })
  await client.refresh()

  expect(client.app('users')).toMatchObject([{ port: { number: 2 }, metadata: { version: '2' } }])
})
