/**
 * How a real Eureka server is started and set up, wherever its files are: settings that let things happen within seconds.
 */
import { join } from 'node:path'

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

/** What a server on 127.0.0.1 is started with. */
export interface ServerStart {
  /** Its base URL. */
  readonly url: string
  /** The text of its file of settings. */
  readonly file: string
  /** The arguments of `java`, given where the program, its settings and Netflix's file for the log are. */
  readonly args: (places: { readonly home: string; readonly file: string; readonly log: string }) => string[]
}

export function serverStart(
  { flavour, settings = {}, peers = [] }: RealEurekaOptions,
  port: number,
): ServerStart {
  const url = urlOf(flavour, port)
  const all = [...peers, url].join(',')
  return flavour === 'netflix'
    ? { url, file: netflixFile(settings, url, all), args: (places) => netflixArgs(places, port) }
    : { url, file: springFile(settings, url, all, port), args: springArgs }
}

/** Whether a server answers there. */
export async function answers(url: string): Promise<boolean> {
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

/** Where a server of this flavour on this port has its base. */
export function urlOf(flavour: Flavour, port: number): string {
  return `http://127.0.0.1:${String(port)}/eureka/${flavour === 'netflix' ? 'v2/' : ''}`
}

type Places = Parameters<ServerStart['args']>[0]

function netflixArgs({ home, file, log }: Places, port: number): string[] {
  return [
    `-Dlog4j.configuration=file:${log}`,
    `-Darchaius.configurationSource.additionalUrls=file://${file}`,
    '-Darchaius.fixedDelayPollingScheduler.initialDelayMills=300',
    '-Darchaius.fixedDelayPollingScheduler.delayMills=300',
    ...['-jar', join(home, 'jetty-runner.jar'), '--host', '127.0.0.1', '--port', String(port)],
    ...['--path', '/eureka', join(home, 'webapp')],
  ]
}

function springArgs({ home, file }: Places): string[] {
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
