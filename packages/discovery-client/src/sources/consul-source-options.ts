/** The options of a Consul source, their defaults and their check. */
import { readOptions, systemClock, systemRandom } from '@breakwater/kernel'
import type { Clock, Random } from '@breakwater/kernel'
import { readText } from '../eureka/core/wire/read-values.js'
import type { TlsOptions } from '../transport/connections.js'
import { readTls } from '../transport/core/read-tls.js'
import { ServiceUrl } from '../transport/service-url.js'
import type { EntryRules } from './core/consul-entries.js'
import type { ConsulConsistency, ConsulQuery } from './core/consul-query.js'

export interface ConsulSourceOptions {
  /** The base of the HTTP API, such as `http://127.0.0.1:8500`, where the agent of this machine listens. */
  readonly url: string
  /** An ACL token, or a function that is asked for one before each query. Default: none. */
  readonly token?: string | (() => string | undefined) | undefined
  /** Default: that of the agent. */
  readonly datacenter?: string | undefined
  /** Only instances with all of these tags. */
  readonly tags?: readonly string[] | undefined
  /** An expression of Consul's filter language, such as `Service.Meta.version == "2"`. */
  readonly filter?: string | undefined
  /**
   * Only instances whose checks all pass. With `false` the others come too, as `DOWN` or `OUT_OF_SERVICE`, and those with a
   * warning are `UP` with the weight that they have for it. Default `true`.
   */
  readonly passing?: boolean | undefined
  /** Default `default`. */
  readonly consistency?: ConsulConsistency | undefined
  /** The key of the zone in the metadata of a service or its node. Default `zone`. */
  readonly zoneKey?: string | undefined
  /** Whether the instances speak TLS. Default: those with `secure` set to `true` in their metadata do. */
  readonly secure?: boolean | undefined
  /**
   * Whether a list that has become empty is not believed, and the last good one stays: nobody at all is more often a broken check, a lost token or a
   * restarted server than the truth. Default `true`.
   */
  readonly keepOnEmpty?: boolean | undefined
  /** How long a query waits for a change, from 1 000 to 600 000 (Consul waits no longer). Default 60 000. */
  readonly waitMs?: number | undefined
  /** The shortest time from one query to the next, whatever changes; up to a quarter more by chance. Default 1 000. */
  readonly minIntervalMs?: number | undefined
  /** The longest wait after queries that failed; the waits double up to it. Default 30 000. */
  readonly maxRetryMs?: number | undefined
  /** For a connection, and for an answer over the time that the query waits. Default 5 000. */
  readonly timeoutMs?: number | undefined
  /** A longer answer is refused. Default 16 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** A list with more entries is refused. Default 20 000. */
  readonly maxInstances?: number | undefined
  readonly tls?: TlsOptions | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** Options as they are in force. */
export interface ResolvedConsul {
  readonly server: ServiceUrl
  readonly token: () => string | undefined
  readonly query: ConsulQuery
  readonly rules: EntryRules
  readonly keepOnEmpty: boolean
  readonly minIntervalMs: number
  readonly maxRetryMs: number
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly tls: TlsOptions | undefined
  readonly clock: Clock
  readonly random: Random
}

const KEYS = [
  'url',
  'token',
  'datacenter',
  'tags',
  'filter',
  'passing',
  'consistency',
  'zoneKey',
  'secure',
  'keepOnEmpty',
  'waitMs',
  'minIntervalMs',
  'maxRetryMs',
  'timeoutMs',
  'maxBodyBytes',
  'maxInstances',
  'tls',
  'clock',
  'random',
] as const
const MAX_WAIT_MS = 600_000
const MAX_BODY_BYTES = 16 * 2 ** 20
const MAX_INSTANCES = 20_000
/** Texts that stand in a URL or a header. */
const PLAIN = { minLength: 1, maxLength: 1_000, pattern: /^[^\p{Cc}\p{Cs}]+$/u }

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveConsulOptions(options: ConsulSourceOptions): ResolvedConsul {
  const read = readOptions('ConsulSource', options, KEYS)
  const server = ServiceUrl.parse(read.value('url'), '')
  if (server === undefined)
    read.issue('url', read.value('url'), 'an http or https URL without query and fragment')
  const minIntervalMs = read.durationMs('minIntervalMs', 1_000, { min: 10 })
  const maxRetryMs = read.durationMs('maxRetryMs', 30_000, { min: 10 })
  if (maxRetryMs < minIntervalMs)
    read.issue('maxRetryMs', maxRetryMs, `at least minIntervalMs, ${String(minIntervalMs)}`)
  const resolved = {
    token: readToken(read),
    query: readQuery(read),
    rules: {
      zoneKey: read.string('zoneKey', 'zone', PLAIN),
      secure: read.boolean('secure', undefined),
      maxInstances: read.integer('maxInstances', MAX_INSTANCES, { min: 1, max: 1_000_000 }),
    },
    keepOnEmpty: read.boolean('keepOnEmpty', true),
    minIntervalMs,
    maxRetryMs,
    timeoutMs: read.durationMs('timeoutMs', 5_000, { min: 1 }),
    maxBodyBytes: read.integer('maxBodyBytes', MAX_BODY_BYTES, { min: 1, max: 2 ** 30 }),
    tls: readTls(read),
    clock: read.clock('clock', systemClock),
    random: read.random('random', systemRandom),
  }
  read.finish()
  // `finish` has thrown if there is none.
  return Object.freeze({ ...resolved, server: server as ServiceUrl })
}

type Reader = ReturnType<typeof readOptions<(typeof KEYS)[number]>>

function readQuery(read: Reader): ConsulQuery {
  return Object.freeze({
    passing: read.boolean('passing', true),
    datacenter: read.string('datacenter', undefined, PLAIN),
    tags: read.list<string, readonly string[]>('tags', [], tagProblem, { maxLength: 100 }),
    filter: read.string('filter', undefined, PLAIN),
    consistency: read.oneOf('consistency', 'default', ['default', 'stale', 'consistent']),
    waitMs: read.durationMs('waitMs', 60_000, { min: 1_000, max: MAX_WAIT_MS }),
  })
}

/** What a given function answers is checked each time. */
function readToken(read: Reader): () => string | undefined {
  const given = read.value('token') as ConsulSourceOptions['token']
  const problem = read.has('token') ? tokenProblem(given) : undefined
  // What is nearly a token, as one with the end of its line, is a secret all the same.
  if (problem !== undefined) read.issue('token', typeof given, problem)
  return typeof given === 'function' ? given : () => given
}

export function tokenProblem(value: unknown): string | undefined {
  const fits = typeof value === 'function' || readText(value, PLAIN.maxLength) !== undefined
  return fits ? undefined : 'a token of printable characters, or a function that answers one'
}

function tagProblem(value: unknown): string | undefined {
  return readText(value, PLAIN.maxLength) === undefined ? 'a tag' : undefined
}
