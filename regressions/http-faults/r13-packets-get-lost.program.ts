/** Row 13: 200 requests a second to three instances on a loopback that loses a share of all packets, both ways. Told: the share, and the time of an attempt. */
import { createHttpClient } from '@breakwater/http'
import { createRuntime } from '@breakwater/kernel'
import { loopbackUp, loseOnLoopback } from '../network/network.ts'
import { ask, askSteadily, eventually, holdsNothing, portOf, startServer, tally } from './network.ts'

export interface Report {
  readonly lostPackets: number
  readonly calls: number
  /** From the first of them to the end of the last. */
  readonly elapsedMs: number
  readonly ends: Readonly<Record<string, number>>
  readonly retries: number
  /** Retries that the budget did not allow. */
  readonly refused: number
  /** Requests that came to an instance. */
  readonly served: number
  /** What the first request without loss ended with, and whether nothing was held any more. */
  readonly after: string
  readonly isAtRest: boolean
}

const [, , share = '', attemptMs = ''] = process.argv

await loopbackUp()
const servers = await Promise.all([1, 2, 3].map(() => startServer()))
let [served, retries, refused] = [0, 0, 0]
for (const server of servers) server.on('request', () => served++)
const client = createHttpClient({
  runtime: createRuntime(),
  services: {
    users: {
      instances: servers.map((server) => `http://127.0.0.1:${String(portOf(server))}`),
      attemptTimeoutMs: Number(attemptMs),
      timeoutMs: 5_000,
      breaker: false,
    },
  },
})
client.on('retry', () => retries++)
client.on('exhausted', ({ reason }) => {
  if (reason === 'budget') refused++
})
await ask(client)

const loss = await loseOnLoopback(share)
const startedAt = performance.now()
const ends = await askSteadily(client, 4_000)
const elapsedMs = performance.now() - startedAt
const lostPackets = await loss.packets()
await loss.remove()

const during = { calls: ends.length, elapsedMs, ends: tally(ends), retries, refused, served }
const after = await ask(client)
const isAtRest = await eventually(() => holdsNothing(client), 5_000)
await client.close()
for (const server of servers) server.close()
console.log(JSON.stringify({ lostPackets, ...during, after, isAtRest }))
