/** What a fault proxy takes, and where it leads. */
import { readOptions, seededRandom, systemClock } from '@breakwater/kernel'
import type { Clock, Random } from '@breakwater/kernel'

export interface FaultProxyOptions {
  /** Where connections go: a URL, whose path the proxy's own URL keeps, or `host:port`. */
  readonly target: string
  /** Default 0: one that is free. */
  readonly port?: number | undefined
  readonly clock?: Clock | undefined
  /** Jitter and damage. Default: seeded, so that runs are alike. */
  readonly random?: Random | undefined
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }
const IPV6_BRACKETS = /^\[|\]$/g

export interface ResolvedProxyOptions {
  readonly target: URL
  readonly port: number
  readonly clock: Clock
  readonly random: Random
}

export function resolveProxyOptions(options: FaultProxyOptions): ResolvedProxyOptions {
  const read = readOptions('FaultProxy', options, ['target', 'port', 'clock', 'random'])
  const text = read.string('target', '')
  const target = targetOf(text)
  if (target === undefined) read.issue('target', read.value('target'), 'a URL, or host:port')
  const port = read.integer('port', 0, { min: 0, max: 65_535 })
  const clock = read.clock('clock', systemClock)
  const random = read.random('random', seededRandom('FaultProxy'))
  read.finish()
  return { target: target ?? new URL('tcp://unreachable'), port, clock, random }
}

function targetOf(text: string): URL | undefined {
  const url = text.includes('://') ? text : `tcp://${text}`
  if (!URL.canParse(url)) return undefined
  const target = new URL(url)
  return target.hostname !== '' && addressOf(target).port > 0 ? target : undefined
}

/** The host and port behind a URL. */
export function addressOf({ hostname, port, protocol }: URL): { host: string; port: number } {
  return {
    host: hostname.replace(IPV6_BRACKETS, ''),
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
  }
}
