/**
 * Netflix's own client in a process of its own, told what to do line by line (see `java-client/JavaClient.java`).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Jvm } from './jvm.ts'
import { prepare } from './prepare.ts'

export interface JavaClientOptions {
  /** Base URLs of the servers. */
  readonly servers: readonly string[]
  readonly app: string
  readonly vip: string
  readonly port: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** An instance as it sees it. */
export interface SeenInstance {
  readonly id: string
  readonly status: string
  readonly host: string
  readonly port: number
  readonly isOpen: boolean
  readonly securePort: number
  readonly isSecureOpen: boolean
  readonly metadata: Readonly<Record<string, string>>
}

export class JavaClient {
  private readonly jvm: Jvm
  private readonly lines: AsyncIterator<string>
  private readonly folder: string

  private constructor(jvm: Jvm, folder: string) {
    this.jvm = jvm
    this.folder = folder
    this.lines = createInterface({ input: jvm.output })[Symbol.asyncIterator]()
  }

  /** Resolves when it has fetched the registry for the first time; it registers by itself soon after. */
  static async start(options: JavaClientOptions): Promise<JavaClient> {
    const home = await prepare('java-client')
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-java-client-'))
    const path = `${join(home, 'target', 'classes')}:${join(home, 'lib')}/*`
    const jvm = new Jvm([...systemProperties(options), '-cp', path, 'JavaClient'], folder)
    const client = new JavaClient(jvm, folder)
    if ((await client.line()) !== 'ready') throw new Error(`the Java client did not start:\n${jvm.said()}`)
    return client
  }

  app(name: string): Promise<readonly SeenInstance[]> {
    return this.list(`app ${name}`)
  }

  vip(address: string): Promise<readonly SeenInstance[]> {
    return this.list(`vip ${address}`)
  }

  secureVip(address: string): Promise<readonly SeenInstance[]> {
    return this.list(`svip ${address}`)
  }

  id(id: string): Promise<readonly SeenInstance[]> {
    return this.list(`id ${id}`)
  }

  hash(): Promise<string> {
    return this.ask('hash')
  }

  remoteStatus(): Promise<string> {
    return this.ask('remote')
  }

  async setStatus(status: string): Promise<void> {
    await this.ask(`status ${status}`)
  }

  async setMetadata(key: string, value: string): Promise<void> {
    await this.ask(`meta ${key} ${value}`)
  }

  /** Deregisters and ends. */
  async stop(): Promise<void> {
    if (!this.jvm.hasEnded()) await this.ask('stop')
    await this.jvm.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Ends it without a word to the registry. */
  async kill(): Promise<void> {
    await this.jvm.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async list(question: string): Promise<readonly SeenInstance[]> {
    const answer = await this.ask(question)
    return answer === 'none' ? [] : answer.split(' ').map(readInstance)
  }

  private async ask(question: string): Promise<string> {
    this.jvm.input.write(`${question}\n`)
    return this.line()
  }

  private async line(): Promise<string> {
    const { done, value } = await this.lines.next()
    if (done === true) throw new Error(`the Java client has ended:\n${this.jvm.said()}`)
    return value
  }
}

function systemProperties({ servers, app, vip, port, metadata = {} }: JavaClientOptions): string[] {
  const settings = {
    region: 'default',
    shouldUseDns: false,
    shouldFilterOnlyUpInstances: false,
    'serviceUrl.default': servers.join(','),
    name: app,
    vipAddress: vip,
    port,
    'traffic.enabled': true,
    'lease.renewalInterval': 1,
    'lease.duration': 3,
    'client.refresh.interval': 1,
    'appinfo.replicate.interval': 1,
    'appinfo.initial.replicate.time': 1,
    ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value])),
  }
  const given = Object.entries(settings).map(([name, value]) => `-Deureka.${name}=${String(value)}`)
  return [...given, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
}

function readInstance(text: string): SeenInstance {
  const [id = '', status = '', host = '', port, open, securePort, secureOpen, pairs = ''] = text.split('|')
  const entries = pairs === '' ? [] : pairs.split(',').map((pair) => pair.split('=') as [string, string])
  return {
    id,
    status,
    host,
    port: Number(port),
    isOpen: open === 'true',
    securePort: Number(securePort),
    isSecureOpen: secureOpen === 'true',
    metadata: Object.fromEntries(entries),
  }
}
