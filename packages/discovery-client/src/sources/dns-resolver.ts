/**
 * Look-ups by a resolver of our own: it can be cancelled without ending the look-ups of others, and does not wait in the queue of
 * `getaddrinfo`.
 */
import { Resolver } from 'node:dns/promises'
import type { ARecord, SrvRecord } from './core/dns-records.js'

/** Asks name servers. Rejects when there is no answer; stops when the signal aborts. */
export interface DnsResolver {
  srv(name: string, signal: AbortSignal): Promise<readonly SrvRecord[]>
  a(name: string, signal: AbortSignal): Promise<readonly ARecord[]>
}

const TRIES = 2

/** Asks the name servers of the machine, or `servers`; each try takes `timeoutMs` at most. */
export function systemResolver(timeoutMs: number, servers: readonly string[] | undefined): DnsResolver {
  const ask = async <T>(signal: AbortSignal, question: (resolver: Resolver) => Promise<T>): Promise<T> => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: TRIES })
    if (servers !== undefined) resolver.setServers(servers)
    const cancel = (): void => {
      resolver.cancel()
    }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await question(resolver)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
  return {
    srv: (name, signal) => ask(signal, (resolver) => resolver.resolveSrv(name)),
    a: (name, signal) => ask(signal, (resolver) => resolver.resolve4(name, { ttl: true })),
  }
}
