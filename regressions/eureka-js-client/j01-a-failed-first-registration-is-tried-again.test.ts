/** When the first registration fails, eureka-js-client 4.5.0 sets no timers at all: it never registers and never fetches (reproduced). */
import { expect, test } from 'vitest'
import { arrived, RETRY_MS, USERS, world } from './client.model.js'

test('a client whose first registration fails registers and fetches later', async () => {
  const { eureka, client, clock } = await world({ instance: USERS })
  const fault = eureka.fault('any', { kind: 'drop' })
  await client.start()
  expect(eureka.instances).toEqual([])

  fault.heal()
  await clock.advance(RETRY_MS)
  await client.ready
  await client.refresh()

  await arrived(() => client.app('users').length === 1)
})
