/** A real name server, dnsmasq, in a process of its own on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Resolver } from 'node:dns/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-ports.ts'
import { notOnPath } from '../prepared-program.ts'
import { ServerProcess } from '../server-process.ts'

interface SrvEntry {
  readonly name: string
  readonly target: string
  readonly port: number
  readonly priority?: number
  readonly weight?: number
}

interface AddressEntry {
  readonly name: string
  readonly address: string
  /** In seconds. */
  readonly ttl?: number
}

/** What it knows. Names end in `.test`; it answers for no others. */
export interface Zone {
  readonly srv?: readonly SrvEntry[]
  readonly a?: readonly AddressEntry[]
}

/** Always there, so that one can see that it serves. */
const ALIVE = { name: 'alive.test', address: '127.0.0.1' }

/** Why there can be none on this machine; `undefined` when there can. */
export function missingForDns(): string | undefined {
  return notOnPath('dnsmasq').length === 0
    ? undefined
    : 'no dnsmasq on the path (Debian: apt-get install dnsmasq-base)'
}

export class RealNameServer {
  /** As Node's resolvers take it. */
  readonly address: string
  private readonly port: number
  private readonly folder = mkdtempSync(join(tmpdir(), 'breakwater-dns-'))
  private process: ServerProcess | undefined

  private constructor(port: number) {
    this.port = port
    this.address = `127.0.0.1:${String(port)}`
  }

  /** Resolves when it answers. */
  static async start(zone: Zone): Promise<RealNameServer> {
    const port = await freePort()
    const server = new RealNameServer(port)
    await server.serve(zone)
    return server
  }

  /** From now on it knows this instead: it does not read its records again, so it is started again. */
  async serve(zone: Zone): Promise<void> {
    await this.process?.stop()
    const file = join(this.folder, 'dnsmasq.conf')
    writeFileSync(file, configurationOf(this.port, zone))
    const args = ['-k', `--conf-file=${file}`]
    this.process = new ServerProcess({ command: 'dnsmasq', args, cwd: this.folder, endSignal: 'SIGTERM' })
    await this.process.until(() => this.answers())
  }

  /** Makes it stand still, or go on. */
  freeze(isFrozen: boolean): void {
    this.process?.freeze(isFrozen)
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.process?.kill()
  }

  async stop(): Promise<void> {
    await this.process?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async answers(): Promise<boolean> {
    const resolver = new Resolver({ timeout: 500, tries: 1 })
    resolver.setServers([this.address])
    try {
      return (await resolver.resolve4(ALIVE.name)).length > 0
    } catch {
      return false
    }
  }
}

function configurationOf(port: number, { srv = [], a = [] }: Zone): string {
  return [
    `port=${String(port)}`,
    'listen-address=127.0.0.1',
    'bind-interfaces',
    'no-resolv',
    'no-hosts',
    'user=root',
    'pid-file=',
    'local=/test/',
    ...[ALIVE, ...a].map(
      ({ name, address, ttl = 0 }: AddressEntry) => `host-record=${name},${address},${String(ttl)}`,
    ),
    ...srv.map(
      ({ name, target, port: at, priority = 0, weight = 1 }) =>
        `srv-host=${name},${target},${[at, priority, weight].join(',')}`,
    ),
    '',
  ].join('\n')
}
