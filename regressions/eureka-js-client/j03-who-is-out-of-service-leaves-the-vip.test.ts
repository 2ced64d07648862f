/** With filterUpInstances, an instance that a delta takes out of service stays in the VIP results of eureka-js-client 4.5.0 (its PRs #147, #148; reproduced). */
import { expect, test } from 'vitest'
import { world } from './client.model.js'

test('an instance that a delta takes out of service is in no lookup, and comes back', async () => {
  const { eureka, client } = await world()
  const id = eureka.register({ appName: 'users', port: 1 })
  await client.start()

  eureka.setStatus(id, 'OUT_OF_SERVICE')
  await client.refresh()
  expect([client.vip('users'), client.app('users'), client.instances('users')]).toEqual([[], [], []])

  eureka.removeOverride(id, 'UP')
  await client.refresh()
  expect(client.vip('users')).toHaveLength(1)
})
