/** Row 13: a share of all requests gets no answer, and a share of all packets is lost. */
import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { inOwnNetwork, networkTest } from '../network/own-network.model.js'
import { realClient, startEureka } from './faults.model.js'
import type { Report } from './r13-packets-get-lost.program.js'

const CALLS = 200
/** Two servers, and each connection that broke may be repeated once on a fresh one. */
const MOST_REQUESTS_OF_A_CALL = 4

test.each([
  ['5 %', 0.05, 0.99],
  ['30 %', 0.3, 0.8],
])(
  'with %s of the servers away at any time, fetches go on without a storm',
  { timeout: 60_000 },
  async (_share, chance, good) => {
    const servers = [await startEureka(), await startEureka()]
    for (const server of servers) server.register({ appName: 'users', port: 1 })
    const { client, errors } = realClient({ serviceUrls: servers.map(({ url }) => url) })
    await client.start()
    const random = seededRandom(13)
    let lost = 0
    let most = 0

    for (let call = 0; call < CALLS; call++) {
      const drops = servers.map((server) =>
        random.next() < chance ? server.fault('any', { kind: 'drop' }) : undefined,
      )
      for (const server of servers) server.clearRequests()
      await client.refresh()
      most = Math.max(
        most,
        servers.reduce((sum, { requests }) => sum + requests.length, 0),
      )
      for (const drop of drops) {
        lost += drop?.hits ?? 0
        drop?.heal()
      }
      expect(client.instances('users')).toHaveLength(1)
    }

    expect(lost).toBeGreaterThan((CALLS * chance) / 4)
    expect(errors.length).toBeLessThanOrEqual(CALLS * (1 - good))
    expect(most).toBeLessThanOrEqual(MOST_REQUESTS_OF_A_CALL)
  },
)

/** Servers to try for one operation. */
const MOST_ATTEMPTS = 3

const underLoss = inOwnNetwork<Report, [share: number, rounds: number]>(
  new URL('r13-packets-get-lost.program.ts', import.meta.url),
)

networkTest('with 5 % of the packets lost, 99 % of all fetches succeed', async () => {
  const { clients, lostPackets, failedFetches, fetchRequests, recovered } = await underLoss(0.05, 20)

  const fetches = clients * 20
  expect(lostPackets).toBeGreaterThan(fetches * 0.05)
  // Without another server many would have failed.
  expect(fetchRequests).toBeGreaterThan(fetches * 1.01)
  expect(failedFetches).toBeLessThanOrEqual(fetches * 0.01)
  expect(recovered).toBe(clients)
})

networkTest(
  'with 30 % of the packets lost there is no storm, and all is well with the next fetch',
  async () => {
    const report = await underLoss(0.3, 4)

    const { clients, elapsedMs, fetchRequests, heartbeatRequests } = report
    const fetches = clients * 4
    const heartbeats = clients * Math.ceil(elapsedMs / 900)
    expect(report.lostPackets).toBeGreaterThan(fetches)
    expect(report.errors).toBeGreaterThan(0)
    expect(report.untypedErrors).toBe(0)
    expect(fetchRequests).toBeGreaterThan(fetches)
    expect(fetchRequests).toBeLessThanOrEqual(fetches * MOST_ATTEMPTS)
    expect(heartbeatRequests).toBeLessThanOrEqual(heartbeats * MOST_ATTEMPTS)
    expect(report.recovered).toBe(clients)
  },
)
