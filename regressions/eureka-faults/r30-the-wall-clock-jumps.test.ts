/** Row 30: the wall clock is set forward, back, and to 1970. */
import { EurekaClient } from '@breakwater/discovery-client'
import { seededRandom } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, startEureka, USERS } from './faults.model.js'

const HOUR_MS = 3_600_000
const PERIOD_MS = 33_001
/** Real sockets answer while simulated hours pass. */
const NO_LIMIT_MS = HOUR_MS

test('nothing changes by it, and stamps only grow', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const client = new EurekaClient({
    serviceUrls: [eureka.url],
    instance: USERS,
    connectTimeoutMs: NO_LIMIT_MS,
    readTimeoutMs: NO_LIMIT_MS,
    clock,
    random: seededRandom(1),
  })
  onTestFinished(async () => {
    const stopped = client.stop()
    await clock.advance(3_000)
    await stopped
  })
  let registrations = 0
  let beats = 0
  const failures: unknown[] = []
  client.on('registered', () => registrations++)
  client.on('heartbeat', ({ ok }) => (beats += ok ? 1 : 0))
  client.on('error', ({ error }) => failures.push(error))
  await client.start()
  const stamps = [Number(eureka.instances[0]?.['lastDirtyTimestamp'])]

  for (const [version, jump] of [HOUR_MS, -2 * HOUR_MS, 86_400_000, -clock.epochNow()].entries()) {
    clock.shiftEpoch(jump)
    const [registered, beaten] = [registrations, beats]
    await clock.advance(PERIOD_MS)
    await eventually(() => beats > beaten, 'a heartbeat')
    expect(registrations, 'a jump alone registers nothing').toBe(registered)

    client.updateMetadata({ version: String(version) })
    await eventually(() => registrations === registered + 1, 'the registration')
    expect(eureka.instances[0]).toMatchObject({ metadata: { version: String(version) } })
    stamps.push(Number(eureka.instances[0]?.['lastDirtyTimestamp']))
  }

  expect(stamps).toEqual(stamps.toSorted((one, other) => one - other))
  expect(new Set(stamps).size).toBe(stamps.length)
  expect(failures).toEqual([])
})
