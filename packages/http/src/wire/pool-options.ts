/** The options of the pools, their defaults and their check. */
import type { SecureContextOptions } from 'node:tls'
import { readOptions, systemClock } from '@breakwater/kernel'
import type { Clock, OptionReader } from '@breakwater/kernel'
import { AddressGate, rangeProblem } from './address-rules.js'
import type { AddressRules } from './address-rules.js'

/** Certificates and keys, as `tls.connect` takes them. Checks of certificate and host name cannot be switched off. */
export interface TlsOptions {
  /** Authorities that sign the certificates of the servers, instead of the public ones. */
  readonly ca?: SecureContextOptions['ca']
  /** Our own certificate, for servers that ask for one (mutual TLS). */
  readonly cert?: SecureContextOptions['cert']
  readonly key?: SecureContextOptions['key']
  /** Certificate, key and authorities in one PKCS #12 file. */
  readonly pfx?: SecureContextOptions['pfx']
  /** Opens `key` or `pfx`. */
  readonly passphrase?: string | undefined
  /** The oldest version to speak. Default: that of Node, TLS 1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
}

export interface PoolOptions {
  /** Connections to one instance, and with that requests under way there. From 1 to 10 000. Default 100. */
  readonly connections?: number | undefined
  /** Requests that may wait for a connection to one instance. 0 = none. Default 1 000. */
  readonly maxQueue?: number | undefined
  /** Milliseconds to connect, with the TLS handshake. From 1. Default 2 000. */
  readonly connectTimeoutMs?: number | undefined
  /** Milliseconds that an unused connection stays open, unless the server hints at less. From 1. Default 4 000. */
  readonly keepAliveTimeoutMs?: number | undefined
  /** Milliseconds for requests under way when their instance leaves; then they are cut off. Default 30 000. */
  readonly drainTimeoutMs?: number | undefined
  /** Connections that are opened when an instance comes, before it is used. At most `connections`. Default 0. */
  readonly warmConnections?: number | undefined
  /** Hosts outside of any service that may have pools at once, and services that have no instances; idle ones make room. From 1. Default 256. */
  readonly maxDirectOrigins?: number | undefined
  /** Which addresses may be connected to. */
  readonly addresses?: AddressRules | undefined
  readonly tls?: TlsOptions | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
export interface ResolvedPools {
  readonly connections: number
  readonly maxQueue: number
  readonly connectTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly warmConnections: number
  readonly maxDirectOrigins: number
  readonly gate: AddressGate
  readonly tls: TlsOptions | undefined
  readonly clock: Clock
}

/** The names of the options, for readers that hold more than these. */
export const POOL_KEYS = [
  'connections',
  'maxQueue',
  'connectTimeoutMs',
  'keepAliveTimeoutMs',
  'drainTimeoutMs',
  'warmConnections',
  'maxDirectOrigins',
  'addresses',
  'tls',
  'clock',
] as const

type PoolKey = (typeof POOL_KEYS)[number]

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolvePools(options: PoolOptions = {}): ResolvedPools {
  const read = readOptions('Pools', options, POOL_KEYS)
  const resolved = readPools(read)
  read.finish()
  return resolved()
}

/** Reads the options of the pools among others; the result is made when the reader has been asked to `finish`. */
export function readPools<K extends string>(read: OptionReader<K | PoolKey>): () => ResolvedPools {
  const connections = read.integer('connections', 100, { min: 1, max: 10_000 })
  const plain = {
    connections,
    maxQueue: read.integer('maxQueue', 1_000, { min: 0, max: 1_000_000 }),
    connectTimeoutMs: read.durationMs('connectTimeoutMs', 2_000, { min: 1 }),
    keepAliveTimeoutMs: read.durationMs('keepAliveTimeoutMs', 4_000, { min: 1 }),
    drainTimeoutMs: read.durationMs('drainTimeoutMs', 30_000),
    warmConnections: read.integer('warmConnections', 0, { min: 0, max: connections }),
    maxDirectOrigins: read.integer('maxDirectOrigins', 256, { min: 1, max: 100_000 }),
    clock: read.clock('clock', systemClock),
  }
  const rules = readAddresses(read)
  const tls = readTls(read)
  return () => Object.freeze({ ...plain, tls, gate: new AddressGate(rules) })
}

function readAddresses(read: OptionReader<'addresses'>): AddressRules {
  const rules = read.nested('addresses', ['allow', 'deny'])
  return {
    allow: rules.list<string, undefined>('allow', undefined, rangeProblem),
    deny: rules.list<string, undefined>('deny', undefined, rangeProblem),
  }
}

/** Only what adds trust or proves who we are: there is no way to say that certificates shall not be checked (S14). */
function readTls(read: OptionReader<'tls'>): TlsOptions | undefined {
  const keys = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'minVersion'] as const
  const tls = read.nested('tls', keys)
  tls.string('passphrase', undefined)
  tls.oneOf('minVersion', undefined, ['TLSv1.2', 'TLSv1.3'])
  const given = keys.filter((key) => tls.has(key)).map((key) => [key, tls.value(key)])
  // Certificates are judged by Node when they are used; the other two have just been checked.
  return read.has('tls') ? (Object.freeze(Object.fromEntries(given)) as TlsOptions) : undefined
}
