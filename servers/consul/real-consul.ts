/** A real Consul agent in a process of its own, a server of one that forgets all when it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../free-ports.ts'
import { ServerProcess } from '../server-process.ts'
import { prepareConsul } from './prepare.ts'

/** What is registered of a service, in Consul's words. */
export interface ConsulService {
  readonly ID: string
  readonly Name: string
  readonly Address: string
  readonly Port: number
  readonly Tags?: readonly string[]
  readonly Meta?: Readonly<Record<string, string>>
  readonly Weights?: { readonly Passing: number; readonly Warning: number }
}

export interface RealConsulOptions {
  /** Further configuration in HCL. */
  readonly hcl?: readonly string[]
}

const HEALTH_OF = { passing: 'pass', warning: 'warn', critical: 'fail' } as const

export class RealConsul {
  readonly url: string
  /** Where its name server listens. */
  readonly dns: string
  private readonly program: string
  private readonly args: readonly string[]
  private readonly folder: string
  private process: ServerProcess | undefined

  private constructor(program: string, ports: readonly number[], hcl: readonly string[]) {
    const [http = 0, dns = 0, server = 0, serf = 0] = ports
    this.program = program
    this.folder = mkdtempSync(join(tmpdir(), 'breakwater-consul-'))
    this.url = `http://127.0.0.1:${String(http)}`
    this.dns = `127.0.0.1:${String(dns)}`
    const listens = { '-http-port': http, '-dns-port': dns, '-server-port': server, '-serf-lan-port': serf }
    const silent = ['-serf-wan-port', '-grpc-port', '-grpc-tls-port'].flatMap((name) => [name, '-1'])
    const settings = ['disable_update_check = true', 'connect { enabled = false }', ...hcl]
    this.args = [
      ...[
        'agent',
        '-dev',
        '-bind',
        '127.0.0.1',
        '-client',
        '127.0.0.1',
        '-node',
        'lab',
        '-log-level',
        'warn',
      ],
      ...Object.entries(listens).flatMap(([name, port]) => [name, String(port)]),
      ...silent,
      ...settings.flatMap((setting) => ['-hcl', setting]),
    ]
  }

  /** Resolves when it answers. */
  static async start({ hcl = [] }: RealConsulOptions = {}): Promise<RealConsul> {
    const consul = new RealConsul(await prepareConsul(), await freePorts(4), hcl)
    await consul.startAgain()
    return consul
  }

  /** Starts it again after `kill`, empty and on the same ports. */
  async startAgain(): Promise<void> {
    const { program: command, args, folder: cwd } = this
    if (await this.leads()) throw new Error(`a stranger answers at ${this.url}`)
    this.process = new ServerProcess({ command, args, cwd, endSignal: 'SIGINT' })
    await this.process.until(() => this.leads())
  }

  /** Registers a service with a check that is told what to say; it passes at first. */
  async register(service: ConsulService): Promise<void> {
    const Check = { CheckID: `check:${service.ID}`, TTL: '10m', Status: 'passing' }
    await this.put('v1/agent/service/register', { ...service, Check })
  }

  async deregister(id: string): Promise<void> {
    await this.put(`v1/agent/service/deregister/${id}`)
  }

  async setHealth(id: string, health: keyof typeof HEALTH_OF): Promise<void> {
    await this.put(`v1/agent/check/${HEALTH_OF[health]}/check:${id}`)
  }

  async setMaintenance(id: string, isOn: boolean): Promise<void> {
    await this.put(`v1/agent/service/maintenance/${id}?enable=${String(isOn)}`)
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.process?.kill()
  }

  /** Makes it stand still, or go on. */
  freeze(isFrozen: boolean): void {
    this.process?.freeze(isFrozen)
  }

  async stop(): Promise<void> {
    await this.process?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async put(path: string, body?: unknown, token?: string): Promise<unknown> {
    const response = await fetch(`${this.url}/${path}`, {
      method: 'PUT',
      body: body === undefined ? null : JSON.stringify(body),
      headers: token === undefined ? {} : { 'x-consul-token': token },
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`PUT ${path}: ${String(response.status)} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  private async leads(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/v1/status/leader`, { signal: AbortSignal.timeout(2_000) })
      // An agent without a leader answers with an empty string.
      return response.ok && (await response.text()).length > 4
    } catch {
      return false
    }
  }
}
