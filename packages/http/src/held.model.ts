/** What a client still holds; here, so that a program can ask that knows no test runner. */
import type { HttpClient } from './http-client.js'

/** The counts that are not 0, of slots, instances and places in queues. */
export function heldBy(client: HttpClient): readonly number[] {
  const { services, pools } = client.snapshot()
  const held = services.flatMap(({ command, balancer }) => [
    command.inFlight,
    ...(balancer?.instances.map(({ inFlight }) => inFlight) ?? []),
  ])
  return [...held, ...pools.flatMap(({ inFlight, waiting }) => [inFlight, waiting])].filter(
    (count) => count > 0,
  )
}
