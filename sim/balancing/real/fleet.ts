// Processes that serve, started and ended by whoever runs the real rows.

import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../../servers/free-ports.ts'

const SERVER = fileURLToPath(new URL('./server.ts', import.meta.url))

type Child = ChildProcessByStdio<Writable, Readable, null>

/** A process that listens at this port. */
async function spawnServer(port: number): Promise<Child> {
  const child = spawn(process.execPath, [SERVER, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown]
  if (first instanceof Buffer) return child
  throw new Error(`the server at port ${String(port)} ended before it listened`)
}

export class RealServer {
  readonly port: number
  private child: Child

  constructor(child: Child, port: number) {
    this.child = child
    this.port = port
  }

  static async start(port: number): Promise<RealServer> {
    return new RealServer(await spawnServer(port), port)
  }

  /** A new process at the port of the old one. */
  async restart(): Promise<void> {
    await this.stop()
    this.child = await spawnServer(this.port)
  }

  async become(state: { slowness?: number; failing?: boolean }): Promise<void> {
    const { slowness = 1, failing = false } = state
    const query = `slowness=${String(slowness)}&failing=${String(failing)}`
    await (await fetch(`http://127.0.0.1:${String(this.port)}/become?${query}`)).text()
  }

  /** Stops the whole process in its tracks, or lets it go on. */
  freeze(isFrozen: boolean): void {
    this.child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT')
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const gone = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await gone
  }
}

/** Starts so many; if one cannot start, none is left. */
export async function startFleet(count: number): Promise<readonly RealServer[]> {
  const ports = await freePorts(count)
  const started = await Promise.allSettled(ports.map((port) => RealServer.start(port)))
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = started.find((one) => one.status === 'rejected')
  if (failed === undefined) return servers
  await Promise.all(servers.map((server) => server.stop()))
  throw failed.reason
}
