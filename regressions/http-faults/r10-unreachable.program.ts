/** Row 10: an instance on another host, which cannot be reached for a while. Told: in which way. */
import { createHttpClient } from '@breakwater/http'
import { createRuntime } from '@breakwater/kernel'
import { cutOff, loopbackUp, publish, startHost } from '../network/network.ts'
import { ask, eventually, holdsNothing, portOf, startServer } from './network.ts'

export interface Report {
  /** Packets that a rule refused; none with a link that is down. */
  readonly refusedPackets: number
  readonly ends: readonly string[]
  readonly slowestMs: number
  /** What the first request after that ended with. */
  readonly after: string
  readonly isAtRest: boolean
  readonly executions: Readonly<Record<string, number>>
}

const [, , way = ''] = process.argv

await loopbackUp()
if (way === 'server') await serve()
else await run()

async function serve(): Promise<void> {
  const server = await startServer()
  console.log(await publish(portOf(server)))
  process.stdin.resume().once('end', () => process.exit())
}

async function run(): Promise<void> {
  const host = await startHost('server')
  const client = createHttpClient({
    runtime: createRuntime(),
    connectTimeoutMs: 4_000,
    // However long it takes to cut the host off, the connection of the first request is still there.
    keepAliveTimeoutMs: 60_000,
    services: { users: { instances: [host.said], attemptTimeoutMs: 2_000, retry: false } },
  })
  await ask(client)

  const heal = await cutOff(host, way)
  const ends: string[] = []
  let slowestMs = 0
  for (let call = 0; call < 4; call++) {
    const startedAt = performance.now()
    ends.push(await ask(client))
    slowestMs = Math.max(slowestMs, performance.now() - startedAt)
  }
  const refusedPackets = await heal()

  const after = await ask(client)
  const isAtRest = await eventually(() => holdsNothing(client), 3_000)
  const executions = client.snapshot().services[0]?.command.executions
  await client.close()
  await host.stop()
  console.log(JSON.stringify({ refusedPackets, ends, slowestMs, after, isAtRest, executions }))
}
