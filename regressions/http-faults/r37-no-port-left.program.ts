/** Row 37: others have all the ports from which an instance could be reached, while 200 requests a second are made. */
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createHttpClient } from '@breakwater/http'
import { createRuntime } from '@breakwater/kernel'
import { allowPorts, loopbackUp } from '../network/network.ts'
import { ask, askSteadily, eventually, holdsNothing, portOf, startServer, tally } from './network.ts'

export interface Report {
  /** Of one request alone: what it ended with, and the connections that it began. */
  readonly alone: string
  readonly attemptsAlone: number
  /** Of the load. */
  readonly calls: number
  readonly ends: Readonly<Record<string, number>>
  /** Connections that were begun in each of its seconds, once the breaker has found out, and in one after it. */
  readonly attempts: readonly number[]
  readonly attemptsAtRest: number
  /** After a port was free: connections begun, and the time, until a request succeeded. */
  readonly attemptsToRecover: number
  readonly recoveredAfterMs: number
  readonly isAtRest: boolean
}

const OPEN_MS = 2_000
const SECONDS = 4
/** Requests after which the breaker is open. */
const AT_ONCE = 25
const PORTS = 2

await loopbackUp()
const server = await startServer()
const port = portOf(server)
await allowPorts(50_000, PORTS)
const others = Array.from({ length: PORTS }, () => connect(port, '127.0.0.1'))
await Promise.all(others.map((socket) => once(socket, 'connect')))

const client = createHttpClient({
  runtime: createRuntime(),
  services: {
    users: { instances: [`http://127.0.0.1:${String(port)}`], breaker: { openMs: OPEN_MS } },
  },
})
const begun: number[] = []
subscribe('net.client.socket', () => begun.push(performance.now()))

const alone = await ask(client)
const attemptsAlone = begun.length
await Promise.all(Array.from({ length: AT_ONCE }, () => ask(client)))
const startedAt = performance.now()
const ends = await askSteadily(client, SECONDS * 1_000)
const attempts = Array.from({ length: SECONDS }, (_, second) =>
  begunBetween(second * 1_000, (second + 1) * 1_000),
)
const endedAt = begun.length
await new Promise((resolve) => setTimeout(resolve, 1_000))
const attemptsAtRest = begun.length - endedAt

for (const socket of others) socket.destroy()
const freeAt = performance.now()
const begunBefore = begun.length
while ((await ask(client)) !== 'good') await new Promise((resolve) => setTimeout(resolve, 20))
const recoveredAfterMs = performance.now() - freeAt
const attemptsToRecover = begun.length - begunBefore
const isAtRest = await eventually(() => holdsNothing(client), 5_000)
await client.close()
server.close()
const load = { calls: ends.length, ends: tally(ends), attempts, attemptsAtRest }
console.log(JSON.stringify({ alone, attemptsAlone, ...load, attemptsToRecover, recoveredAfterMs, isAtRest }))

function begunBetween(from: number, to: number): number {
  return begun.filter((at) => at - startedAt >= from && at - startedAt < to).length
}
