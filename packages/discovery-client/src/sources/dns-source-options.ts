/** The options of a DNS source, their defaults and their check. */
import { readOptions, systemClock } from '@breakwater/kernel'
import type { Clock, OptionReader } from '@breakwater/kernel'
import { isNameServer } from '../transport/name-servers.js'
import { systemResolver } from './dns-resolver.js'
import type { DnsResolver } from './dns-resolver.js'

export interface DnsSourceOptions {
  /** The name to look up. `{service}` in it stands for the service asked for; without it, all services are at this name. */
  readonly name: string
  /** `SRV` brings ports and weights; `A` brings addresses and needs `port`. Default `SRV`. */
  readonly type?: 'SRV' | 'A' | undefined
  /** The port of all instances, for `A`. */
  readonly port?: number | undefined
  /** Whether the instances speak TLS. Default `false`. */
  readonly secure?: boolean | undefined
  /** The longest time between look-ups; for `SRV` the only one, because Node does not tell its time to live. Default 30 000. */
  readonly refreshMs?: number | undefined
  /** The shortest time between look-ups, whatever the time to live, and the first wait after a failed one. From 10. Default 1 000. */
  readonly minRefreshMs?: number | undefined
  /** For one try of two. Default 2 000. */
  readonly timeoutMs?: number | undefined
  /** Name servers to ask (`10.0.0.2`, `[::1]:53`). Default: those of the machine. */
  readonly servers?: readonly string[] | undefined
  /** Asks instead of `node:dns`. */
  readonly resolver?: DnsResolver | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
export interface ResolvedDns {
  readonly name: string
  readonly type: 'SRV' | 'A'
  readonly port: number
  readonly secure: boolean
  readonly refreshMs: number
  readonly minRefreshMs: number
  readonly resolver: DnsResolver
  readonly clock: Clock
}

const KEYS = [
  'name',
  'type',
  'port',
  'secure',
  'refreshMs',
  'minRefreshMs',
  'timeoutMs',
  'servers',
  'resolver',
  'clock',
] as const
/** Names of DNS, with underscores, and a place for the service. */
const NAME = /^[a-z0-9_.{}-]{1,253}$/i
const MAX_PORT = 65_535

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveDnsOptions(options: DnsSourceOptions): ResolvedDns {
  const read = readOptions('DnsSource', options, KEYS)
  const name = read.string('name', undefined, { pattern: NAME, expected: 'a DNS name' })
  if (!read.has('name')) read.issue('name', undefined, 'a DNS name')
  const type = read.oneOf('type', 'SRV', ['SRV', 'A'])
  const port = read.integer('port', undefined, { min: 1, max: MAX_PORT })
  const minRefreshMs = read.durationMs('minRefreshMs', 1_000, { min: 10 })
  const refreshMs = read.durationMs('refreshMs', 30_000, { min: 10 })
  checkTogether(read, { type, port, refreshMs, minRefreshMs })
  const timeoutMs = read.durationMs('timeoutMs', 2_000, { min: 1 })
  const servers = read.list<string, undefined>('servers', undefined, serverProblem, { minLength: 1 })
  const given = read.custom<DnsResolver, undefined>('resolver', undefined, resolverProblem)
  const rest = {
    secure: read.boolean('secure', false),
    clock: read.clock('clock', systemClock),
  }
  read.finish()
  const resolver = given ?? systemResolver(timeoutMs, servers)
  // `finish` has thrown if there is no name; without a port the type needs none.
  return Object.freeze({
    name: name as string,
    type,
    port: port ?? 0,
    refreshMs,
    minRefreshMs,
    resolver,
    ...rest,
  })
}

/** Rules about two options, where both can be understood: a mistake is told once. */
function checkTogether(
  read: OptionReader<(typeof KEYS)[number]>,
  {
    type,
    port,
    refreshMs,
    minRefreshMs,
  }: Pick<DnsSourceOptions, 'type' | 'port'> & Pick<ResolvedDns, 'refreshMs' | 'minRefreshMs'>,
): void {
  const areGood = (...paths: readonly string[]): boolean =>
    !read.issues.some(({ path }) => paths.includes(path))
  if (areGood('type', 'port')) {
    if (type === 'A' && port === undefined)
      read.issue('port', undefined, 'a port, because A records have none')
    if (type === 'SRV' && port !== undefined)
      read.issue('port', port, 'no port, because SRV records have their own')
  }
  if (areGood('refreshMs', 'minRefreshMs') && refreshMs < minRefreshMs)
    read.issue('refreshMs', refreshMs, `at least minRefreshMs, ${String(minRefreshMs)}`)
}

function serverProblem(value: unknown): string | undefined {
  const isGood = typeof value === 'string' && isNameServer(value)
  return isGood ? undefined : 'the IP address of a name server, with or without a port'
}

function resolverProblem(value: unknown): string | undefined {
  const { srv, a } = value as Partial<DnsResolver>
  return typeof srv === 'function' && typeof a === 'function' ? undefined : 'a resolver: { srv, a }'
}
