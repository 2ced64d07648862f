// Ports for services that are stopped and started again.

import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the ports that systems give to outgoing connections: such a connection could take the port of a service while
// it is down, and then it could not come back.
const FIRST = 30_000
const COUNT = 2_000
const TRIES = 50

/** A port of the loopback interface that nobody listens on, and that is none of these. */
export async function freePort(others: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (!others.includes(port) && (await isFree(port))) return port
  }
  throw new Error(`no free port found from ${String(FIRST)} to ${String(FIRST + COUNT)}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
