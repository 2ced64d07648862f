import { SimClock } from '@breakwater/testing'
import type { EmbeddedEureka } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

const INTERVAL_MS = 30_000
/** The longest wait after a first failure. */
const RETRY_MS = INTERVAL_MS / 4
/** `connectTimeoutMs` and `readTimeoutMs` together. */
const ATTEMPT_MS = 13_000

/** Lists that were asked for, all that were on their way included. */
async function asked(eureka: EmbeddedEureka): Promise<number> {
  await (await fetch(`${eureka.url}status`)).arrayBuffer()
  return eureka.requests.filter(({ route }) => route !== 'status').length
}

test('a poll waits as long as an overloaded server asks for', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users' })
  const clock = new SimClock()
  const { client } = testClient({ serviceUrls: [eureka.url], clock })
  await client.start()
  eureka.fault('lists', { kind: 'answer', status: 503, headers: { 'retry-after': '120' } })
  await client.refresh()
  eureka.clearRequests()

  await clock.advance(119_999)
  expect(await asked(eureka)).toBe(0)
  await clock.advance(1)

  await arrived(() => eureka.requests.some(({ route }) => route === 'delta'))
})

test('a registration waits as long as an overloaded server asks for', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const headers = { 'retry-after': '120' }
  const fault = eureka.fault('register', { kind: 'answer', status: 429, headers })
  const { client } = testClient({ serviceUrls: [eureka.url], instance: USERS, fetchRegistry: false, clock })
  await client.start()
  expect(fault.hits).toBe(1)

  await clock.advance(119_999)
  expect(await asked(eureka)).toBe(1)
  fault.heal()
  await clock.advance(1)

  await client.ready
})

test('from the second timeout on the waits double', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users' })
  const clock = new SimClock()
  const { client, told } = testClient({ serviceUrls: [eureka.url], clock })
  await client.start()
  eureka.fault('lists', { kind: 'hang' })
  eureka.clearRequests()
  const timesOut = async (count: number): Promise<void> => {
    await arrived(() => eureka.requests.filter(({ route }) => route === 'delta').length === count)
    await clock.advance(ATTEMPT_MS)
    await arrived(() => told.filter(({ event }) => event === 'error').length === count)
  }

  void client.refresh()
  await timesOut(1)
  await clock.advance(RETRY_MS)
  await timesOut(2)
  await clock.advance(0.9 * 2 * INTERVAL_MS - 1)
  expect(await asked(eureka)).toBe(2)
  await clock.advance(0.2 * 2 * INTERVAL_MS + 1)
  await timesOut(3)
  await clock.advance(0.9 * 4 * INTERVAL_MS - 1)

  expect(await asked(eureka)).toBe(3)
})
