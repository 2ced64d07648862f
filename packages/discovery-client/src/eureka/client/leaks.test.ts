import { createRuntime, systemClock } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { hostileServer } from '../../transport/hostile-server.model.js'
import { arrived, startEureka, USERS } from './client.model.js'
import { EurekaClient } from './eureka-client.js'

const CYCLES = 200
const TURNS = 50

/** What keeps a process alive, or listens to it. What comes and goes (the test runner's own) does not count: the least of many turns. */
async function belongings(): Promise<Record<string, number>> {
  const least = countsNow()
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    const now = countsNow()
    for (const kind of Object.keys(least)) least[kind] = Math.min(least[kind] ?? 0, now[kind] ?? 0)
  }
  return least
}

function countsNow(): Record<string, number> {
  const counts: Record<string, number> = { listeners: 0 }
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  for (const event of process.eventNames()) counts['listeners']! += process.listenerCount(event)
  return counts
}

function expectNoMore(after: Record<string, number>, before: Record<string, number>): void {
  for (const [kind, count] of Object.entries(after))
    expect(count, kind).toBeLessThanOrEqual(before[kind] ?? 0)
}

test(
  'K4: two hundred lives leave no socket, timer, listener or instrument',
  { timeout: 60_000 },
  async () => {
    const eureka = await startEureka()
    const runtime = createRuntime()
    const live = async (): Promise<void> => {
      const client = new EurekaClient({
        serviceUrls: [eureka.url],
        instance: USERS,
        registryFetchIntervalMs: 10,
        healthCheckHandler: () => 'UP',
        name: 'eureka',
        runtime,
        clock: systemClock,
      })
      client.on('registry', () => undefined)
      client.watch('users', () => undefined)
      await client.start()
      client.updateMetadata({ at: String(performance.now()) })
      await client.stop()
    }
    await live()
    const before = await belongings()

    for (let cycle = 0; cycle < CYCLES; cycle++) await live()

    expectNoMore(await belongings(), before)
    expect(eureka.instances).toEqual([])
    expect([...runtime.instruments()]).toEqual([])
  },
)

test('K4: lives that end while all hangs leave nothing either', { timeout: 60_000 }, async () => {
  const server = await hostileServer(() => undefined)
  const live = async (): Promise<void> => {
    const client = new EurekaClient({ serviceUrls: [server.url], instance: USERS, stopTimeoutMs: 5 })
    const started = client.start().catch(() => undefined)
    await client.stop()
    await started
  }
  await live()
  const before = await belongings()

  for (let cycle = 0; cycle < CYCLES; cycle++) await live()

  await arrived(() => server.connections() === 0)
  expectNoMore(await belongings(), before)
})
