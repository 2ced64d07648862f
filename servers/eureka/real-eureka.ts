/**
 * The real Eureka servers, each in a process of its own, with settings that let things happen within seconds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Jvm } from './jvm.ts'
import { prepare } from './prepare.ts'

export type Flavour = 'netflix' | 'spring'

/** Settings as the flavour names them, without `eureka.` or `eureka.server.` before them. */
export type Settings = Readonly<Record<string, string | number | boolean>>

export interface RealEurekaOptions {
  readonly flavour: Flavour
  readonly settings?: Settings
  /** Base URLs of the peers. */
  readonly peers?: readonly string[]
  /** The port to listen on; a free one when absent. */
  readonly port?: number
}

/** A machine with much else to do starts a JVM slowly. */
const START_MS = 120_000

/** Quick, and without the caches and guards that would hide what a test has just done. */
const NETFLIX: Settings = {
  waitTimeInMsWhenSyncEmpty: 0,
  numberRegistrySyncRetries: 0,
  registrySyncRetryWaitMs: 500,
  enableSelfPreservation: false,
  evictionIntervalTimerInMs: 500,
  shouldUseReadOnlyResponseCache: false,
  responseCacheUpdateIntervalMs: 300,
  responseCacheAutoExpirationInSeconds: 2,
  retentionTimeInMSInDeltaQueue: 6_000,
  deltaRetentionTimerIntervalInMs: 500,
  minAvailableInstancesForPeerReplication: 0,
  'registration.enabled': false,
  shouldFetchRegistry: false,
}

const SPRING: Settings = {
  'server.wait-time-in-ms-when-sync-empty': 0,
  'server.registry-sync-retries': 0,
  'server.registry-sync-retry-wait-ms': 500,
  'server.enable-self-preservation': false,
  'server.eviction-interval-timer-in-ms': 500,
  'server.use-read-only-response-cache': false,
  'server.response-cache-update-interval-ms': 300,
  'server.response-cache-auto-expiration-in-seconds': 2,
  'server.retention-time-in-m-s-in-delta-queue': 6_000,
  'server.delta-retention-timer-interval-in-ms': 500,
  'server.min-available-instances-for-peer-replication': 0,
  'client.register-with-eureka': false,
  'client.fetch-registry': false,
}

/** A real server on 127.0.0.1. */
export class RealEureka {
  readonly flavour: Flavour
  readonly port: number
  /** The base of all paths, with a slash at its end. */
  readonly url: string
  private readonly args: readonly string[]
  private readonly folder: string
  private jvm: Jvm | undefined

  private constructor(flavour: Flavour, port: number, args: readonly string[], folder: string) {
    this.flavour = flavour
    this.port = port
    this.url = urlOf(flavour, port)
    this.args = args
    this.folder = folder
  }

  /** Resolves when it answers. */
  static async start({ flavour, settings = {}, peers = [], port }: RealEurekaOptions): Promise<RealEureka> {
    const home = await prepare(flavour)
    const folder = mkdtempSync(join(tmpdir(), `breakwater-eureka-${flavour}-`))
    const chosen = port ?? (await freePort())
    const url = urlOf(flavour, chosen)
    const all = [...peers, url].join(',')
    const file = join(folder, 'eureka.properties')
    writeFileSync(
      file,
      flavour === 'netflix' ? netflixFile(settings, url, all) : springFile(settings, url, all, chosen),
    )
    const args = flavour === 'netflix' ? netflixArgs(home, file, chosen) : springArgs(home, file)
    const server = new RealEureka(flavour, chosen, args, folder)
    await server.startAgain()
    return server
  }

  /** Starts it again after `kill`, empty and on the same port. */
  async startAgain(): Promise<void> {
    if (await answers(this.url)) throw new Error(`a stranger answers at ${this.url}`)
    const jvm = new Jvm(this.args, this.folder)
    this.jvm = jvm
    const until = performance.now() + START_MS
    while (!(await answers(this.url))) {
      if (jvm.hasEnded || performance.now() > until) {
        await jvm.kill()
        throw new Error(`the ${this.flavour} server did not start:\n${jvm.said}`)
      }
      await wait(100)
    }
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.jvm?.kill()
  }

  async stop(): Promise<void> {
    await this.jvm?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Where a server of this flavour on this port has its base. */
export function urlOf(flavour: Flavour, port: number): string {
  return `http://127.0.0.1:${String(port)}/eureka/${flavour === 'netflix' ? 'v2/' : ''}`
}

function netflixArgs(home: string, file: string, port: number): string[] {
  const log = new URL('./netflix/log4j.properties', import.meta.url).href
  return [
    `-Dlog4j.configuration=${log}`,
    `-Darchaius.configurationSource.additionalUrls=file://${file}`,
    '-Darchaius.fixedDelayPollingScheduler.initialDelayMills=300',
    '-Darchaius.fixedDelayPollingScheduler.delayMills=300',
    ...['-jar', join(home, 'jetty-runner.jar'), '--host', '127.0.0.1', '--port', String(port)],
    ...['--path', '/eureka', join(home, 'webapp')],
  ]
}

function springArgs(home: string, file: string): string[] {
  const path = `${join(home, 'target', 'classes')}:${join(home, 'lib')}/*`
  return ['-cp', path, 'EurekaServer', `--spring.config.location=file:${file}`]
}

function netflixFile(settings: Settings, url: string, all: string): string {
  return properties('eureka.', { ...NETFLIX, 'serviceUrl.default': all, myUrl: url, ...settings })
}

function springFile(settings: Settings, url: string, all: string, port: number): string {
  const eureka = { ...SPRING, 'client.service-url.defaultZone': all, 'server.my-url': url, ...settings }
  const rest = {
    'server.address': '127.0.0.1',
    'server.port': port,
    'spring.main.banner-mode': 'off',
    'logging.level.root': 'WARN',
    'spring.cloud.loadbalancer.enabled': false,
  }
  return properties('', rest) + properties('eureka.', eureka)
}

function properties(prefix: string, settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${prefix}${name}=${String(value)}\n`)
    .join('')
}

async function answers(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(2_000)
    const response = await fetch(`${url}apps`, { headers: { accept: 'application/json' }, signal })
    await response.arrayBuffer()
    // A server in its cold start refuses lists, and takes registrations.
    return response.status === 200 || response.status === 403
  } catch {
    return false
  }
}
