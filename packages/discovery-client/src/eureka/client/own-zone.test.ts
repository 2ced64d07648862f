import { expect, test } from 'vitest'
import type { EurekaClientOptions } from '../core/options/client-options.js'
import { startEureka, testClient, USERS } from './client.model.js'

const AMAZON = {
  ...USERS,
  dataCenterInfo: { name: 'Amazon', metadata: { 'instance-id': 'i-1', 'availability-zone': 'b' } },
} as const

/** By this chance alone, servers are tried in the order in which they are configured. */
const random = { next: (): number => 0.99 }

test.each<[string, Omit<EurekaClientOptions, 'clock'>, string]>([
  ['zone', { zone: 'b' }, 'b'],
  ['availability zone at Amazon', { instance: AMAZON, registerWithEureka: false }, 'b'],
  ['region, whose first zone counts', { availabilityZones: { 'us-east-1': ['b', 'a'] } }, 'b'],
  ['servers, of which the first zone counts', {}, 'a'],
  ['zone, which it was told not to prefer', { zone: 'b', preferSameZone: false }, 'a'],
])('servers of our own zone are asked first: it is known by the %s', async (_by, options, first) => {
  const [a, b] = [await startEureka(), await startEureka()]
  const { client } = testClient({ serviceUrls: { a: [a.url], b: [b.url] }, random, ...options })

  await client.start()

  expect([a.requests.length, b.requests.length]).toEqual(first === 'a' ? [1, 0] : [0, 1])
})
