import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { StaticSource } from '../sources/static-source.js'
import { createBalancer } from './balancer.js'

test('P10: an outage of all, however long, leaves scores that can be forgotten', async () => {
  const clock = new SimClock()
  const source = new StaticSource({ users: ['http://10.0.0.1:80', 'http://10.0.0.2:80'] }, { clock })
  using balancer = createBalancer({ source, service: 'users', clock, failurePenaltyMs: 250 })
  const calls = async (outcome: 'success' | 'failure', count: number): Promise<number> => {
    for (let call = 0; call < count; call++) {
      balancer.pick().done(outcome, 10)
      await clock.advance(10)
    }
    return Math.max(...balancer.snapshot().instances.map(({ score = 0 }) => score))
  }

  await calls('success', 50)
  const during = await calls('failure', 2_000)
  const after = await calls('success', 4_500)

  expect(during).toBeLessThanOrEqual(31_000)
  expect(after).toBeLessThan(1_000)
})
