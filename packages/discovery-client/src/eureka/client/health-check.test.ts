import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import type { InstanceStatus } from '../../instance.js'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

const REPLICATION_MS = 30_000
/** The longest period between two checks. */
const PERIOD_MS = 1.1 * REPLICATION_MS

test('an instance that was taken out of service by hand is not checked until it comes back by hand', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  let checks = 0
  const healthCheckHandler = (): InstanceStatus => {
    checks++
    return 'UP'
  }
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
  await client.start()
  await client.setStatus('OUT_OF_SERVICE')

  await clock.advance(4 * PERIOD_MS)
  expect([checks, client.self?.status]).toEqual([1, 'OUT_OF_SERVICE'])
  await client.setStatus('UP')
  await clock.advance(PERIOD_MS)

  expect(checks).toBe(2)
})

test('a check that does not end is a failure when the next would be due', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  let checks = 0
  const healthCheckHandler = (): InstanceStatus | Promise<InstanceStatus> =>
    checks++ === 0 ? 'UP' : new Promise(() => undefined)
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
  await client.start()
  await clock.advance(PERIOD_MS)
  expect([checks, client.self?.status]).toEqual([2, 'UP'])

  await clock.advance(REPLICATION_MS)

  expect(client.self?.status).toBe('DOWN')
  await arrived(() => eureka.instances[0]?.['status'] === 'DOWN')
})
