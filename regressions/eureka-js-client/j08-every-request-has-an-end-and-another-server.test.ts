/**
 * eureka-js-client 4.5.0 sets no timeout on its requests, retries only errors and 5xx (a server that answers 400 or 403 is never left,
 * its PR #154), and parallel requests rotate one shared list of servers under each other.
 */
import { EurekaClient } from '@breakwater/discovery-client'
import { EmbeddedEureka } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { USERS } from './client.model.js'

async function servers(count: number): Promise<EmbeddedEureka[]> {
  const started = await Promise.all(Array.from({ length: count }, () => EmbeddedEureka.start()))
  onTestFinished(async () => {
    await Promise.all(started.map((server) => server.stop()))
  })
  return started
}

function clientOf(bad: EmbeddedEureka, good: EmbeddedEureka, limitMs: number): EurekaClient {
  const client = new EurekaClient({
    serviceUrls: { near: [bad.url], far: [good.url] },
    zone: 'near',
    instance: USERS,
    connectTimeoutMs: limitMs,
    readTimeoutMs: limitMs,
  })
  onTestFinished(() => client.stop())
  return client
}

test.each([
  ['hangs', { kind: 'hang' }],
  ['answers 400', { kind: 'answer', status: 400 }],
  ['answers 403', { kind: 'answer', status: 403 }],
  ['answers 401', { kind: 'answer', status: 401 }],
  ['resets connections', { kind: 'drop' }],
  ['answers with a page', { kind: 'answer', status: 302, headers: { location: 'https://login.example/' } }],
] as const)('a server that %s is left for another', async (_what, fault) => {
  const [bad, good] = (await servers(2)) as [EmbeddedEureka, EmbeddedEureka]
  const active = bad.fault('any', fault)
  // Who answers at once is not to be left for being slow.
  const client = clientOf(bad, good, fault.kind === 'hang' ? 1_000 : 10_000)

  await client.start()

  expect(active.hits).toBe(2)
  expect(good.instances).toHaveLength(1)
  expect(client.isReady).toBe(true)
})

test('operations that run at the same time ask each server once', async () => {
  const all = await servers(3)
  const client = new EurekaClient({ serviceUrls: all.map(({ url }) => url) })
  onTestFinished(() => client.stop())
  for (const server of all) server.fault('any', { kind: 'answer', status: 503 })

  await Promise.all(Array.from({ length: 10 }, () => client.api.application('users').catch(() => undefined)))

  expect(all.map(({ requests }) => requests.length)).toEqual([10, 10, 10])
})
