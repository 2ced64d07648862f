/** The heartbeats of eureka-js-client 4.5.0 carry neither status nor stamp, so no server can tell that it is out of date; later metadata is never sent. */
import { expect, test } from 'vitest'
import { arrived, PERIOD_MS, USERS, world } from './client.model.js'

test('a heartbeat carries status and stamp of the registration', async () => {
  const { eureka, client, clock } = await world({ instance: USERS, fetchRegistry: false })
  await client.start()

  await clock.advance(PERIOD_MS)
  await arrived(() => eureka.requests.some(({ route }) => route === 'heartbeat'))

  const stamp = eureka.instances[0]?.['lastDirtyTimestamp']
  expect(eureka.requests.find(({ route }) => route === 'heartbeat')?.query).toEqual({
    status: 'UP',
    lastDirtyTimestamp: stamp,
  })
})

test('metadata that changes reaches the server', async () => {
  const { eureka, client } = await world({ instance: USERS, fetchRegistry: false })
  await client.start()

  client.updateMetadata({ version: '2' })

  await arrived(() => (eureka.instances[0]?.['metadata'] as { version?: string }).version === '2')
  expect(eureka.requests.map(({ route }) => route)).toEqual(['register', 'register'])
})
