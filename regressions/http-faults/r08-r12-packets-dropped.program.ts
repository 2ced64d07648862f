/** Rows 8, 9 and 12: packets of one kind to or from an instance are dropped. Told: of which. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createHttpClient } from '@breakwater/http'
import { createRuntime } from '@breakwater/kernel'
import { loopbackUp, onArrival } from '../network/network.ts'
import type { Rule } from '../network/network.ts'
import { ask, eventually, holdsNothing, portOf, startServer } from './network.ts'

export interface Report {
  readonly droppedPackets: number
  /** What the request under the fault ended with, and when. */
  readonly end: string
  readonly elapsedMs: number
  /** What the next one ended with, while packets were still being dropped. */
  readonly next: string
  /** Connections that came to the instance. */
  readonly accepted: number
  /** Sockets of the client after its limits of time, and how long that took. */
  readonly socketsLeft: number
  readonly closedAfterMs: number
}

const ATTEMPT_MS = 300
const CONNECT_MS = 600
/** So long that a kept connection is still there when its packets begin to be dropped. */
const KEEP_ALIVE_MS = 3_000
const [, , kind = ''] = process.argv

await loopbackUp()
const server = await startServer()
const port = String(portOf(server))
const accepted: Socket[] = []
server.on('connection', (socket) => accepted.push(socket))
const client = createHttpClient({
  runtime: createRuntime(),
  connectTimeoutMs: CONNECT_MS,
  keepAliveTimeoutMs: KEEP_ALIVE_MS,
  services: {
    users: {
      instances: [`http://127.0.0.1:${port}`],
      attemptTimeoutMs: ATTEMPT_MS,
      // Where the end of a connection is lost, the next request finds that out, and may be sent again.
      ...(kind === 'ends' ? {} : { retry: false }),
    },
  },
})
const drop = await dropped()
const startedAt = performance.now()
const end = await ask(client)
const elapsedMs = performance.now() - startedAt
const next = await ask(client)
const endedAt = performance.now()
const isClosed = await eventually(() => socketsOf() === 0 && holdsNothing(client), 10_000)
const closedAfterMs = performance.now() - endedAt
const droppedPackets = await drop.packets()
await drop.remove()
const socketsLeft = isClosed ? 0 : socketsOf()
await client.close()
server.close()
server.closeAllConnections()
const sockets = { accepted: accepted.length, socketsLeft, closedAfterMs }
console.log(JSON.stringify({ droppedPackets, end, elapsedMs, next, ...sockets }))

async function dropped(): Promise<Rule> {
  const tcp = ['-i', 'lo', '-p', 'tcp']
  if (kind === 'new connections') return onArrival(...tcp, '--dport', port, '--syn', '-j', 'DROP')
  await ask(client)
  if (kind === 'a kept connection') {
    const from = String(accepted[0]?.remotePort)
    return onArrival(...tcp, '--dport', port, '--sport', from, '-j', 'DROP')
  }
  const rule = await onArrival(...tcp, '--sport', port, '--tcp-flags', 'FIN', 'FIN', '-j', 'DROP')
  const [socket] = accepted
  socket?.destroy()
  if (socket !== undefined && !socket.closed) await once(socket, 'close')
  return rule
}

function socketsOf(): number {
  return client.snapshot().pools.reduce((sum, { connected, connecting }) => sum + connected + connecting, 0)
}
