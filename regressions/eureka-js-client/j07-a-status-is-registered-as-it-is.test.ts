/** eureka-js-client 4.5.0 registers UP whatever the instance says, and has no way to change a status or to ask for its health (#137, #112). */
import { expect, test } from 'vitest'
import { arrived, USERS, world } from './client.model.js'

test('a service can start as STARTING and say when it is up', async () => {
  const { eureka, client } = await world({ instance: { ...USERS, status: 'STARTING' } })
  await client.start()
  expect(eureka.instances[0]).toMatchObject({ status: 'STARTING' })

  await client.setStatus('UP')

  await arrived(() => eureka.instances[0]?.['status'] === 'UP')
})

test('a health check decides the status: what it throws is DOWN, and nothing changes nothing', async () => {
  const answers: (() => 'UP' | 'DOWN' | null)[] = [
    () => 'UP',
    () => {
      throw new Error('disk full')
    },
    () => null,
    () => 'UP',
  ]
  const healthCheckHandler = (): 'UP' | 'DOWN' | null => (answers.shift() ?? (() => 'UP' as const))()
  const { eureka, client, clock } = await world({ instance: USERS, fetchRegistry: false, healthCheckHandler })
  await client.start()
  const statuses = [client.self?.status]

  for (let round = 0; round < 3; round++) {
    const left = answers.length
    while (answers.length === left) await clock.advance(1_000)
    statuses.push(client.self?.status)
  }

  expect(statuses).toEqual(['UP', 'DOWN', 'DOWN', 'UP'])
  await arrived(() => eureka.requests.filter(({ route }) => route === 'register').length >= 3)
})

test('the lease is as long as the heartbeats need', async () => {
  const { eureka, client } = await world({ instance: { ...USERS, leaseRenewalIntervalMs: 5_000 } })
  await client.start()

  expect(eureka.instances[0]?.['leaseInfo']).toMatchObject({ renewalIntervalInSecs: 5, durationInSecs: 15 })
})
