import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { INSTANCE_STATUSES } from '../core/model/instance-info.js'
import { answers, arrived, startEureka, testClient, USERS } from './client.model.js'

const TOKEN_MS = 1_000
const PATIENCE_MS = 10_000

/** A status to set, and whether to wait until a server was told. */
const step = fc.record({ status: fc.constantFrom(...INSTANCE_STATUSES), isAwaited: fc.boolean() })

test('E9: whatever statuses are set, however fast, the server has the last one in the end, and no override is left behind', async () => {
  const eureka = await startEureka()
  let made = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const instanceId = `users-${String(made++)}`
      const clock = new SimClock()
      const { client } = testClient({
        clock,
        serviceUrls: [eureka.url],
        fetchRegistry: false,
        instanceInfoReplicationIntervalMs: 2 * TOKEN_MS,
        instance: { ...USERS, instanceId },
      })
      await client.start()
      for (const { status, isAwaited } of steps) {
        const told = client.setStatus(status)
        if (isAwaited) await told
      }

      const last = steps.at(-1)?.status
      const overridden = last === 'OUT_OF_SERVICE' ? last : 'UNKNOWN'
      const held = (): unknown => {
        const instance = eureka.instances.find((each) => each['instanceId'] === instanceId)
        return [instance?.['status'], instance?.['overriddenStatus']]
      }
      const until = performance.now() + PATIENCE_MS
      while (String(held()) !== String([last, overridden]) && performance.now() < until) {
        await clock.advance(TOKEN_MS / 10)
        await answers(eureka.url)
      }
      expect(held()).toEqual([last, overridden])
      await client.stop()
    }),
    { numRuns: 40 },
  )
}, 60_000)

test('an override is removed after the registration that still carries it', async () => {
  const eureka = await startEureka()
  const { client } = testClient({ serviceUrls: [eureka.url], fetchRegistry: false, instance: USERS })
  await client.start()
  const slow = eureka.fault('register', { kind: 'delay', delayMs: 100 })
  await client.setStatus('OUT_OF_SERVICE')

  await client.setStatus('UP')
  await arrived(() => eureka.requests.filter(({ route }) => route === 'register').length > 2)

  expect(slow.hits).toBeGreaterThan(0)
  expect(eureka.instances).toMatchObject([{ status: 'UP', overriddenStatus: 'UNKNOWN' }])
})
