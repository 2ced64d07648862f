/** A delta that deletes `c` of a, b, c makes eureka-js-client 4.5.0 drop another instance and keep `c`, by a wrong splice index (reproduced). */
import { expect, test } from 'vitest'
import { world } from './client.model.js'

test.each(['a', 'b', 'c'])('a delta that deletes %s leaves the two others', async (gone) => {
  const { eureka, client } = await world()
  for (const instanceId of ['a', 'b', 'c']) eureka.register({ appName: 'users', instanceId, port: 1 })
  await client.start()

  eureka.cancel(gone)
  await client.refresh()

  const left = client.app('users').map(({ instanceId }) => instanceId)
  expect(left.toSorted()).toEqual(['a', 'b', 'c'].filter((id) => id !== gone))
  expect(eureka.requests.at(-1)?.route).toBe('delta')
})
