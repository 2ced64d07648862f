import { SimClock } from '@breakwater/testing'
import type { EmbeddedEureka } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import type { EurekaClientOptions } from '../core/options/client-options.js'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

const WAIT_MS = 300_000

/** A registry in which servers are registered under the VIP `name`. */
function nameServers(registry: EmbeddedEureka, name: string, ...servers: readonly EmbeddedEureka[]): void {
  for (const { url } of servers) {
    registry.register({
      appName: name,
      port: Number(new URL(url).port),
      hostName: '127.0.0.1',
      vipAddress: name,
    })
  }
}

/** A client that has registered with the server that its bootstrap server names. */
async function registered(options: Omit<Partial<EurekaClientOptions>, 'clock'>) {
  const [bootstrap, writer] = [await startEureka(), await startEureka()]
  nameServers(bootstrap, 'eureka-write', writer)
  const clock = new SimClock()
  const { client } = testClient({
    clock,
    serviceUrls: [bootstrap.url],
    instance: USERS,
    writeClusterVip: 'eureka-write',
    ...options,
  })
  await client.start()
  await client.refresh()
  bootstrap.clearRequests()
  return { bootstrap, writer, clock, client }
}

describe('servers that are found by VIP', () => {
  test('take the registrations, and answer the queries', async () => {
    const [bootstrap, writer, reader] = [await startEureka(), await startEureka(), await startEureka()]
    nameServers(bootstrap, 'eureka-write', writer)
    nameServers(bootstrap, 'eureka-read', reader)
    reader.register({ appName: 'orders', port: 1 })
    const { client } = testClient({
      serviceUrls: [bootstrap.url],
      instance: USERS,
      writeClusterVip: 'eureka-write',
      readClusterVip: 'eureka-read',
    })

    await client.start()

    expect(writer.instances.map(({ app }) => app)).toEqual(['USERS'])
    expect(client.services()).toEqual(['ORDERS'])
    expect(bootstrap.requests.map(({ route }) => route)).toEqual(['vip', 'vip'])
    expect(reader.requests.map(({ route }) => route)).toEqual(['apps'])
  })

  test('are found in the local registry while it is fresh, without asking anybody', async () => {
    const { bootstrap, writer, clock, client } = await registered({ registryFetchIntervalMs: WAIT_MS / 2 })
    const second = await startEureka()

    nameServers(bootstrap, 'eureka-write', second)
    await writer.stop()
    await client.refresh()
    for (let minute = 0; minute < 6; minute++) {
      await clock.advance(60_000)
      await client.refresh()
    }

    await arrived(() => second.instances.length > 0, 'the registration with the second server')
    expect(bootstrap.requests.map(({ route }) => route)).not.toContain('vip')
  })

  test('are asked for again when the local registry is older than told', async () => {
    const { bootstrap, clock, client } = await registered({
      eurekaServiceUrlPollIntervalMs: 10_000,
      applicationsResolverDataStalenessThresholdMs: 1_000,
    })

    await clock.advance(10_000)
    client.updateMetadata({ version: '2' })

    await arrived(() => bootstrap.requests.some(({ route }) => route === 'vip'))
  })

  test('that nobody knows are the servers of the list', async () => {
    const bootstrap = await startEureka()
    const { client } = testClient({
      serviceUrls: [bootstrap.url],
      instance: USERS,
      writeClusterVip: 'nobody',
      readClusterVip: 'nobody',
    })

    await client.start()

    expect(bootstrap.instances).toHaveLength(1)
    expect(client.isReady).toBe(true)
  })

  test('stay in use when those of the list are down', async () => {
    const [bootstrap, reader] = [await startEureka(), await startEureka()]
    nameServers(bootstrap, 'eureka-read', reader)
    const clock = new SimClock()
    const { client, told } = testClient({
      clock,
      serviceUrls: [bootstrap.url],
      readClusterVip: 'eureka-read',
      eurekaServiceUrlPollIntervalMs: 1_000,
      connectTimeoutMs: 60_000,
    })
    await client.start()
    await bootstrap.stop()

    for (let round = 0; round < 3; round++) {
      await clock.advance(1_000)
      await client.refresh()
      expect(client.registryAgeMs).toBe(0)
    }
    await arrived(() => told.some((each) => each.event === 'error' && each.operation === 'resolve'))
  })
})
