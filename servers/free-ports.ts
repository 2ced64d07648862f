/** Ports of loopback that nobody listens on now. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { randomInt } from 'node:crypto'

// Below the ports that systems give to outgoing connections: one of those could take the port of a server before it
// listens, or while it is down.
const FIRST = 20_000
const END = 30_000
/** Workers that run at the same time draw from a share each. */
const SHARES = 8
const TRIES = 100

/** Drawn here before: whoever has it may not listen yet, or be down for a while. */
const drawn = new Set<number>()

/** `count` different ones, which nobody else here gets. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const size = Math.floor((END - FIRST) / SHARES)
  const first = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % SHARES) * size
  const ports: number[] = []
  for (let attempt = 0; attempt < TRIES * count && ports.length < count; attempt++) {
    const port = randomInt(first, first + size)
    if (drawn.has(port)) continue
    drawn.add(port)
    if (await isFree(port)) ports.push(port)
  }
  if (ports.length < count)
    throw new Error(`no free port found from ${String(first)} to ${String(first + size)}`)
  return ports
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
