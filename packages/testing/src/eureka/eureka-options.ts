/** What an embedded server takes. The defaults suit tests; `PRODUCTION_EUREKA` is how real servers come. */
import { readOptions, systemClock, systemRandom } from '@breakwater/kernel'
import type { Clock, Random } from '@breakwater/kernel'
import type { Flavour } from './core/router.js'
import type { ServerSettings } from './core/server-settings.js'

/** How an embedded server starts and behaves. All times are the server's own: `speed` makes them pass faster. */
export interface EmbeddedEurekaOptions extends Partial<ServerSettings> {
  /** Default 0: one that is free. */
  readonly port?: number | undefined
  /** How many times faster than the clock the server's time passes, 0.001 to 1 000 000; default 1. At 30 a lease of 90 s takes 3 s. */
  readonly speed?: number | undefined
  /** Netflix's own server, or Spring's: prefixes, error bodies, compression. Default `netflix`. */
  readonly flavour?: Flavour | undefined
  /** Base URLs of the servers to which changes are passed on. Default none. */
  readonly peers?: readonly string[] | undefined
  readonly clock?: Clock | undefined
  /** Who leaves first when many leases have expired. */
  readonly random?: Random | undefined
}

export interface ResolvedEurekaOptions {
  readonly port: number
  readonly speed: number
  readonly flavour: Flavour
  readonly peers: readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly settings: ServerSettings
}

/**
 * The settings with which real servers come: changes show up after up to 30 s, dead instances after three minutes or
 * more, if ever. To be spread into the options, with a `speed`.
 */
export const PRODUCTION_EUREKA: Omit<ServerSettings, 'expectedClients'> = Object.freeze({
  evictionIntervalMs: 60_000,
  responseCacheUpdateIntervalMs: 30_000,
  responseCacheExpiryMs: 180_000,
  deltaRetentionMs: 180_000,
  deltaPurgeIntervalMs: 30_000,
  disableDelta: false,
  selfPreservation: true,
  renewalPercentThreshold: 0.85,
  expectedRenewalIntervalMs: 30_000,
  thresholdUpdateIntervalMs: 900_000,
  waitTimeWhenSyncEmptyMs: 300_000,
})

const TEST_SETTINGS = {
  ...PRODUCTION_EUREKA,
  evictionIntervalMs: 500,
  responseCacheUpdateIntervalMs: 0,
  deltaPurgeIntervalMs: 500,
  selfPreservation: false,
  waitTimeWhenSyncEmptyMs: 0,
}

const SETTING_KEYS = [
  'evictionIntervalMs',
  'responseCacheUpdateIntervalMs',
  'responseCacheExpiryMs',
  'deltaRetentionMs',
  'deltaPurgeIntervalMs',
  'disableDelta',
  'selfPreservation',
  'renewalPercentThreshold',
  'expectedRenewalIntervalMs',
  'thresholdUpdateIntervalMs',
  'expectedClients',
  'waitTimeWhenSyncEmptyMs',
] as const
const KEYS = ['port', 'speed', 'flavour', 'peers', 'clock', 'random', ...SETTING_KEYS] as const

type Reader = ReturnType<typeof readOptions<(typeof KEYS)[number]>>

export function resolveEurekaOptions(options: EmbeddedEurekaOptions | undefined): ResolvedEurekaOptions {
  const read = readOptions('EmbeddedEureka', options, KEYS)
  const flavour = read.oneOf('flavour', 'netflix', ['netflix', 'spring'])
  const resolved = {
    port: read.integer('port', 0, { min: 0, max: 65_535 }),
    speed: read.number('speed', 1, { min: 0.001, max: 1_000_000 }),
    flavour,
    peers: read.list<string, readonly string[]>('peers', [], (value) =>
      typeof value === 'string' && URL.canParse(value) ? undefined : 'a URL',
    ),
    clock: read.clock('clock', systemClock),
    random: read.random('random', systemRandom),
    // Spring's server expects one client from the start, which is why it never refuses lists and lets leases expire.
    settings: readSettings(read, { ...TEST_SETTINGS, expectedClients: flavour === 'spring' ? 1 : 0 }),
  }
  read.finish()
  return Object.freeze(resolved)
}

/** Reads changes of the settings of a running server. */
export function resolveSettings(changes: Partial<ServerSettings>, current: ServerSettings): ServerSettings {
  const read: Reader = readOptions('EmbeddedEureka.update', changes, KEYS)
  for (const key of ['port', 'speed', 'flavour', 'peers', 'clock', 'random'] as const) {
    if (read.has(key)) read.issue(key, read.value(key), 'a setting that can change while the server runs')
  }
  const settings = readSettings(read, current)
  read.finish()
  return settings
}

function readSettings(read: Reader, defaults: ServerSettings): ServerSettings {
  const ms = (key: (typeof SETTING_KEYS)[number] & `${string}Ms`, min: number): number =>
    read.durationMs(key, defaults[key], { min })
  return {
    evictionIntervalMs: ms('evictionIntervalMs', 1),
    responseCacheUpdateIntervalMs: ms('responseCacheUpdateIntervalMs', 0),
    responseCacheExpiryMs: ms('responseCacheExpiryMs', 0),
    deltaRetentionMs: ms('deltaRetentionMs', 0),
    deltaPurgeIntervalMs: ms('deltaPurgeIntervalMs', 1),
    disableDelta: read.boolean('disableDelta', defaults.disableDelta),
    selfPreservation: read.boolean('selfPreservation', defaults.selfPreservation),
    renewalPercentThreshold: read.number('renewalPercentThreshold', defaults.renewalPercentThreshold, {
      min: 0,
      max: 1,
    }),
    expectedRenewalIntervalMs: ms('expectedRenewalIntervalMs', 1),
    thresholdUpdateIntervalMs: ms('thresholdUpdateIntervalMs', 1),
    expectedClients: read.integer('expectedClients', defaults.expectedClients, { min: 0 }),
    waitTimeWhenSyncEmptyMs: ms('waitTimeWhenSyncEmptyMs', 0),
  }
}
