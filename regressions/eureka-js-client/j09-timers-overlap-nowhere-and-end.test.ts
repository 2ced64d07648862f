/**
 * The intervals of eureka-js-client 4.5.0 overlap when a request takes longer than one, all fire together, keep the process alive, and are
 * not all stopped by `stop()`.
 */
import { expect, test } from 'vitest'
import { arrived, PERIOD_MS, USERS, world } from './client.model.js'

test('a fetch that takes long is followed by the next, not joined by it', async () => {
  const { eureka, client, clock } = await world({ readTimeoutMs: 3_600_000, registryFetchIntervalMs: 1_000 })
  await client.start()
  eureka.fault('lists', { kind: 'hang' })
  eureka.clearRequests()

  await clock.advance(20_000)
  await arrived(() => eureka.requests.length > 0)
  await clock.advance(20_000)

  expect(eureka.requests).toHaveLength(1)
})

test('no timer keeps the process alive while nobody waits, and none is left after stop()', async () => {
  const { client, clock } = await world({ instance: USERS })
  await client.start()
  expect(clock.pending).toMatchObject({ timers: 0, io: 0, afterPoll: 0 })
  expect(clock.pending.background).toBeGreaterThan(0)

  await client.stop()

  expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
})

test('the clients of a fleet do not ask at the same moment', async () => {
  const moments = new Set<number>()
  for (let client = 0; client < 5; client++) {
    const {
      eureka,
      clock,
      client: one,
    } = await world({ instance: USERS, random: { next: () => client / 5 } })
    await one.start()
    eureka.clearRequests()
    while (eureka.requests.length === 0 && clock.now() < PERIOD_MS) {
      await clock.advance(500)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    moments.add(clock.now())
  }

  expect(moments.size).toBeGreaterThan(3)
})
