/** Row 10: a client, and a server on another host, which cannot be reached for a while. Told: in which way. */
import { EurekaClient } from '@breakwater/discovery-client'
import { EmbeddedEureka } from '@breakwater/testing'
import { codesOf, cutOff, loopbackUp, publish, startHost } from '../network/network.ts'
import type { Host } from '../network/network.ts'

export interface Report {
  /** Packets that a rule refused; none with a link that is down. */
  readonly refusedPackets: number
  /** Codes of what each fetch meanwhile ended with, its causes included. */
  readonly errors: readonly string[]
  /** How long the slowest of these fetches took. */
  readonly slowestMs: number
  /** Instances that lookups knew meanwhile. */
  readonly knownMeanwhile: number
  /** Errors of the first fetch after that, and whether it brought a registry. */
  readonly errorsAfter: number
  readonly isFresh: boolean
  /** Heartbeats that failed from then to the first that was answered. */
  readonly heartbeatsLostAfter: number
}

const PERIOD_MS = 1_000
const FETCHES = 3
const [, , way = ''] = process.argv

if (way === 'server') await serve()
else await run()

async function serve(): Promise<void> {
  await loopbackUp()
  const server = await EmbeddedEureka.start()
  console.log(await publish(Number(new URL(server.url).port)))
  process.stdin.resume().once('end', () => void server.stop())
}

async function run(): Promise<void> {
  await loopbackUp()
  const host = await startHost('server')
  const errors: string[] = []
  const client = clientOf(host, (error) => errors.push(codesOf(error)))
  await client.start()
  await client.refresh()

  const heal = await cutOff(host, way)
  let slowestMs = 0
  for (let fetch = 0; fetch < FETCHES; fetch++) {
    const startedAt = performance.now()
    await client.refresh()
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
  }
  const meanwhile = { errors: [...errors], slowestMs, knownMeanwhile: client.instances('users').length }
  const refusedPackets = await heal()

  const healedAt = performance.now()
  const renewed = heartbeat(client)
  await client.refresh()
  const isFresh = client.registryAgeMs <= performance.now() - healedAt
  const errorsAfter = errors.length - meanwhile.errors.length
  const heartbeatsLostAfter = await renewed
  await client.stop()
  await host.stop()
  console.log(JSON.stringify({ refusedPackets, ...meanwhile, errorsAfter, isFresh, heartbeatsLostAfter }))
}

function clientOf({ said }: Host, onError: (error: Error) => void): EurekaClient {
  const client = new EurekaClient({
    serviceUrls: [`${said}/eureka/v2/`],
    connectTimeoutMs: 2_000,
    readTimeoutMs: 2_000,
    registryFetchIntervalMs: 600_000,
    instance: {
      appName: 'users',
      hostName: '10.99.0.1',
      port: 9_001,
      leaseRenewalIntervalMs: PERIOD_MS,
      leaseExpirationMs: 60_000,
    },
  })
  client.on('error', ({ operation, error }) => {
    if (operation === 'fetch') onError(error)
  })
  return client
}

/** How many heartbeats fail before one is answered. */
async function heartbeat(client: EurekaClient): Promise<number> {
  let lost = 0
  await new Promise<void>((resolve) => {
    client.on('heartbeat', ({ ok }) => {
      if (ok) resolve()
      else lost++
    })
  })
  return lost
}
