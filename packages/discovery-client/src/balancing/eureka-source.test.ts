import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { startEureka, testClient, USERS } from '../eureka/client/client.model.js'
import { createBalancer } from './balancer.js'

test('follows a Eureka registry: takes who comes, leaves who goes, and keeps what it knows of who stays', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const [first] = [9_001, 9_002].map((port) => eureka.register({ ...USERS, port }))
  const { client } = testClient({ serviceUrls: [eureka.url], clock })
  using balancer = createBalancer({ source: client, service: 'users', strategy: 'roundRobin', clock })
  const ports = (): Set<number> =>
    new Set(
      [1, 2, 3, 4].map(() => {
        using pick = balancer.pick()
        pick.done('success', 5)
        return pick.instance.port
      }),
    )
  expect(() => balancer.pick()).toThrow('the source does not know it yet')

  await client.start()
  await client.ready
  const before = ports()
  eureka.setStatus(first!, 'OUT_OF_SERVICE')
  await clock.advance(60_000)
  await client.refresh()

  expect(before).toEqual(new Set([9_001, 9_002]))
  expect(ports()).toEqual(new Set([9_002]))
  expect(balancer.snapshot().instances.find(({ id }) => id !== first)?.successes).toBe(6)
})
