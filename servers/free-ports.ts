/** Ports of loopback that nobody listens on now. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'

// Below the ports that systems give to outgoing connections: one of those could take the port of a server before it
// listens, or while it is down.
const FIRST = 20_000
const END = 32_000
const TRIES = 100

/** `count` different ones. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  for (let attempt = 0; attempt < TRIES * count && ports.size < count; attempt++) {
    const port = randomInt(FIRST, END)
    if (!ports.has(port) && (await isFree(port))) ports.add(port)
  }
  if (ports.size < count) throw new Error(`no free port found from ${String(FIRST)} to ${String(END)}`)
  return [...ports]
}

/** One. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
