/** Row 45: the registry cannot be reached for an hour, the instances can. */
import { EurekaClient } from '@breakwater/discovery-client'
import { seededRandom } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, startEureka, startLine } from './faults.model.js'

const HOUR_MS = 3_600_000
const STEP_MS = 10_000

test(
  'no call fails, the age of the registry is told, and the end of it is noticed',
  { timeout: 60_000 },
  async () => {
    const service = createServer((_request, response) => response.end('served'))
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      service.closeAllConnections()
      service.close()
    })
    const eureka = await startEureka()
    eureka.register({
      appName: 'users',
      hostName: '127.0.0.1',
      port: (service.address() as AddressInfo).port,
    })
    const line = await startLine(eureka.url)
    const clock = new SimClock()
    const client = new EurekaClient({ serviceUrls: [line.url], clock, random: seededRandom(1) })
    onTestFinished(() => client.stop())
    let failures = 0
    client.on('error', () => failures++)
    await client.start()

    line.blackhole()
    for (let passedMs = 0; passedMs < HOUR_MS; passedMs += STEP_MS) {
      await clock.advance(STEP_MS)
      const [users] = client.instances('users')
      const answer = await fetch(`http://${String(users?.host)}:${String(users?.port)}/`)
      expect(await answer.text()).toBe('served')
    }
    expect(line.stats.applied.blackhole).toBeGreaterThan(10)
    expect(failures).toBeGreaterThan(10)
    expect(client.registryAgeMs).toBeGreaterThanOrEqual(HOUR_MS)

    line.heal()
    eureka.register({ appName: 'users', hostName: '127.0.0.1', port: 2 })
    await eventually(() => {
      // The next fetch is due within the interval.
      void clock.advance(1_000)
      return client.instances('users').length === 2
    }, 'the new registry')
    expect(client.registryAgeMs).toBeLessThan(HOUR_MS)
  },
)
