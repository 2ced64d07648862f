/** Rows 14 and 15: a line of 64 kbit/s, and answers that come byte by byte. */
import { randomBytes } from 'node:crypto'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { eventually, realClient, startEureka, startLine, took, USERS } from './faults.model.js'

const HEARTBEAT_MS = 200
const HEARTBEATS = 5
const BYTES_PER_SECOND = 8_000
const FETCH_MS = 2_500
const LIMIT_MS = 2_000

test('heartbeats go on while a long fetch crawls over a thin line', async () => {
  const eureka = await startEureka()
  // Noise, which does not pack: some 20 kB.
  for (let port = 1; port <= 200; port++)
    eureka.register({ appName: 'noise', port, metadata: { noise: randomBytes(60).toString('base64') } })
  // Its time passes as the test says: however busy the machine is, the fetch lasts longer than the heartbeats.
  const clock = new SimClock()
  const line = await startLine(eureka.url, clock)
  line.rate({ bytesPerSecond: BYTES_PER_SECOND, direction: 'down' })
  const instance = { ...USERS, leaseRenewalIntervalMs: HEARTBEAT_MS }
  const { client, errors } = realClient({ serviceUrls: [line.url], instance, fetchRegistry: true })
  const beats: boolean[] = []
  client.on('heartbeat', ({ ok }) => beats.push(ok))

  const started = client.start()
  await eventually(() => {
    void clock.advance(1)
    return beats.length === HEARTBEATS
  }, 'the heartbeats')

  expect(client.registryAgeMs, 'the fetch still crawls').toBe(Infinity)
  expect(new Set(beats)).toEqual(new Set([true]))
  await clock.advance(10 * FETCH_MS)
  await started
  expect(line.stats.applied.rate).toBeGreaterThan(0)
  expect(client.instances('noise')).toHaveLength(200)
  expect(errors).toEqual([])
})

test('an answer that comes byte by byte is left when its time is over, and the old registry stays', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', port: 1 })
  const line = await startLine(eureka.url)
  const { client, errors } = realClient({
    serviceUrls: [line.url],
    connectTimeoutMs: LIMIT_MS / 2,
    readTimeoutMs: LIMIT_MS / 2,
  })
  await client.start()

  line.slice({ bytes: 1, everyMs: 50, direction: 'down' })
  const tookMs = await took(() => client.refresh())

  expect(line.stats.applied.slice).toBeGreaterThan(0)
  expect(tookMs).toBeGreaterThan(LIMIT_MS - 10)
  expect(tookMs, 'the whole answer would take a minute').toBeLessThan(10 * LIMIT_MS)
  expect(errors).toMatchObject([{ code: 'ERR_REGISTRY_NO_SERVER', cause: { code: 'ERR_REGISTRY_TIMEOUT' } }])
  expect(client.instances('users')).toHaveLength(1)

  line.heal()
  await eventually(() => line.stats.open === 0, 'the end of the slow connection')
  await client.refresh()
  expect(errors).toHaveLength(1)
})
