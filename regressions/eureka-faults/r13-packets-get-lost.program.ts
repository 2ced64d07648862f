/** Row 13: clients and three servers on a loopback that loses a share of all packets, both ways, while each client fetches so many times. */
import { EurekaClient } from '@breakwater/discovery-client'
import { createRuntime, RegistryError } from '@breakwater/kernel'
import { EmbeddedEureka } from '@breakwater/testing'
import { loopbackUp, loseOnLoopback } from '../network/network.ts'

export interface Report {
  readonly clients: number
  readonly lostPackets: number
  readonly elapsedMs: number
  readonly failedFetches: number
  /** Requests that were begun to fetch, and to renew leases, by all clients. */
  readonly fetchRequests: number
  readonly heartbeatRequests: number
  readonly errors: number
  readonly untypedErrors: number
  /** Clients whose next fetch, without loss, brought a registry. */
  readonly recovered: number
}

const [, , share = '', rounds = ''] = process.argv
const CLIENTS = 30

await loopbackUp()
const servers = await Promise.all([1, 2, 3].map(() => EmbeddedEureka.start()))
for (const server of servers)
  server.setPeers(servers.filter((other) => other !== server).map(({ url }) => url))
const runtime = createRuntime()
const counts = { failedFetches: 0, errors: 0, untypedErrors: 0 }
const clients = Array.from({ length: CLIENTS }, (_, index) => startClient(index))
await Promise.all(clients.map((client) => client.start()))

const [fetchesBefore, heartbeatsBefore] = requests()
// What a busy machine was too slow for until now was no loss of packets.
Object.assign(counts, { failedFetches: 0, errors: 0, untypedErrors: 0 })
const loss = await loseOnLoopback(share)
const startedAt = performance.now()
await Promise.all(clients.map(fetchAgainAndAgain))
const elapsedMs = performance.now() - startedAt
const [fetches, heartbeats] = requests()
const lost = { ...counts, lostPackets: await loss.packets() }
await loss.remove()

const healedAt = performance.now()
await Promise.all(clients.map((client) => client.refresh()))
const report: Report = {
  clients: CLIENTS,
  elapsedMs,
  ...lost,
  fetchRequests: fetches - fetchesBefore,
  heartbeatRequests: heartbeats - heartbeatsBefore,
  recovered: clients.filter(isWell).length,
}
await Promise.all(clients.map((client) => client.stop()))
await Promise.all(servers.map((server) => server.stop()))
console.log(JSON.stringify(report))

function startClient(index: number): EurekaClient {
  const client = new EurekaClient({
    name: `client-${String(index)}`,
    runtime,
    serviceUrls: servers.map(({ url }) => url),
    connectTimeoutMs: 500,
    readTimeoutMs: 1_000,
    // Each request has a connection of its own, whose first packets may get lost as well.
    connectionIdleTimeoutMs: 0,
    registryFetchIntervalMs: 600_000,
    instance: {
      appName: 'users',
      hostName: '127.0.0.1',
      port: 9_000 + index,
      leaseRenewalIntervalMs: 1_000,
      leaseExpirationMs: 60_000,
    },
  })
  client.on('error', ({ operation, error }) => {
    counts.errors++
    if (operation === 'fetch') counts.failedFetches++
    if (!(error instanceof RegistryError)) counts.untypedErrors++
  })
  return client
}

async function fetchAgainAndAgain(client: EurekaClient): Promise<void> {
  for (let round = 0; round < Number(rounds); round++) await client.refresh()
}

function isWell(client: EurekaClient): boolean {
  return client.registryAgeMs < performance.now() - healedAt && client.instances('users').length > 0
}

/** Begun so far to fetch, and to renew. */
function requests(): [number, number] {
  const sums: [number, number] = [0, 0]
  for (const instrument of runtime.instruments()) {
    if (instrument.kind !== 'registry') continue
    for (const { operation, count } of instrument.read().requests)
      sums[operation === 'heartbeat' ? 1 : 0] += count
  }
  return sums
}
