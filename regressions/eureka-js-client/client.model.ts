/** A client of an embedded registry; both end with the test. */
import { EurekaClient } from '@breakwater/discovery-client'
import type { EurekaClientOptions } from '@breakwater/discovery-client'
import { seededRandom } from '@breakwater/kernel'
import { EmbeddedEureka, SimClock } from '@breakwater/testing'
import { onTestFinished, vi } from 'vitest'

export const USERS = { appName: 'users', hostName: '127.0.0.1', port: 9_001 } as const
/** The longest time between two heartbeats or two fetches. */
export const PERIOD_MS = 33_001
/** The longest first wait after a failure. */
export const RETRY_MS = 7_501

/** A client with its clock, which the test moves. */
export interface World {
  readonly eureka: EmbeddedEureka
  readonly client: EurekaClient
  readonly clock: SimClock
}

export async function world(options: Partial<EurekaClientOptions> = {}): Promise<World> {
  const eureka = await EmbeddedEureka.start()
  onTestFinished(() => eureka.stop())
  const clock = new SimClock()
  const client = new EurekaClient({ serviceUrls: [eureka.url], clock, random: seededRandom(1), ...options })
  onTestFinished(async () => {
    const stopped = client.stop()
    await clock.advance(3_000)
    await stopped
  })
  return { eureka, client, clock }
}

/** Waits for what sockets bring, which no simulated clock hurries. */
export async function arrived(isSo: () => boolean): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 10_000, interval: 2 })
}
