// Servers that a scenario may start, end and start again: embedded ones and the real ones.
import { EmbeddedEureka } from '@breakwater/testing'
import { freePort, freePorts } from '../../servers/free-ports.ts'
import { RealEureka, urlOf } from '../../servers/eureka/real-eureka.ts'
import type { RealEurekaOptions, Settings } from '../../servers/eureka/settings.ts'
import type { Flavour } from './lab.ts'

/** A server in the hands of a scenario. */
export interface OwnServer {
  readonly url: string
  /** Whether it computes in this very thread. */
  readonly sharesTheLoop?: boolean
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  /** Starts it after `kill`, empty and on the same port. */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

export interface ServerWishes {
  readonly port?: number
  /** Base URLs of those with which it replicates. */
  readonly peers?: readonly string[]
  readonly disableDelta?: boolean
  /** How long it answers 403 to lists after a start. */
  readonly coldStartMs?: number
}

/** Starts a server of the kind under test. */
export type StartServer = (wishes?: ServerWishes) => Promise<OwnServer>

/** How long deltas tell of a change, and how often what is older is taken out of them. */
const DELTA_RETENTION_MS = 8_000
const DELTA_PURGE_MS = 500
/** How old pages may be, as with the real servers of the tests. */
const RESPONSE_CACHE_MS = 2_000

/** Starts real servers: as processes, or elsewhere. */
export function realServers(
  flavour: Flavour,
  begin: (options: RealEurekaOptions) => Promise<OwnServer> = (options) => RealEureka.start(options),
): StartServer {
  return ({ port, peers = [], ...wishes } = {}) => {
    const settings = flavour === 'netflix' ? netflixSettings(wishes) : springSettings(wishes)
    return begin({ flavour, peers, settings, ...(port === undefined ? {} : { port }) })
  }
}

/** Starts embedded servers in real time. */
export function embeddedServers(flavour: Flavour): StartServer {
  return async ({ port, peers, disableDelta = false, coldStartMs = 0 } = {}) => {
    const options = {
      flavour,
      peers,
      disableDelta,
      waitTimeWhenSyncEmptyMs: coldStartMs,
      deltaRetentionMs: DELTA_RETENTION_MS,
      deltaPurgeIntervalMs: DELTA_PURGE_MS,
      responseCacheExpiryMs: RESPONSE_CACHE_MS,
      ...(coldStartMs > 0 ? { expectedClients: 0 } : {}),
    }
    // Not of the system's choice: it comes again on the same one.
    const own = port ?? (await freePort())
    let server = await EmbeddedEureka.start({ ...options, port: own })
    const { url } = server
    return {
      url,
      sharesTheLoop: true,
      kill: () => server.stop(),
      startAgain: async () => {
        server = await EmbeddedEureka.start({ ...options, port: own })
      },
      stop: () => server.stop(),
    }
  }
}

/** Two that replicate to each other. */
export async function startPair(flavour: Flavour, start: StartServer): Promise<[OwnServer, OwnServer]> {
  const [portA = 0, portB = 0] = await freePorts(2)
  const starting = [
    start({ port: portA, peers: [urlOf(flavour, portB)] }),
    start({ port: portB, peers: [urlOf(flavour, portA)] }),
  ] as const
  try {
    return await Promise.all(starting)
  } catch (error) {
    for (const ended of await Promise.allSettled(starting))
      if (ended.status === 'fulfilled') await ended.value.stop()
    throw error
  }
}

function netflixSettings({ disableDelta = false, coldStartMs = 0 }: ServerWishes): Settings {
  return { disableDelta, waitTimeInMsWhenSyncEmpty: coldStartMs }
}

function springSettings({ disableDelta = false, coldStartMs = 0 }: ServerWishes): Settings {
  return {
    'server.disable-delta': disableDelta,
    'server.wait-time-in-ms-when-sync-empty': coldStartMs,
    ...(coldStartMs > 0 ? { 'instance.registry.default-open-for-traffic-count': 0 } : {}),
  }
}
