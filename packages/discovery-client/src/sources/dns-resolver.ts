/** Which records instances are made of, and who asks for them. */
import { askNameServers } from '../transport/name-servers.js'
import type { ARecord, SrvRecord } from './core/dns-records.js'

/** Asks name servers. Rejects when there is no answer; stops when the signal aborts. */
export interface DnsResolver {
  srv(name: string, signal: AbortSignal): Promise<readonly SrvRecord[]>
  a(name: string, signal: AbortSignal): Promise<readonly ARecord[]>
}

/** Asks the name servers of the machine, or `servers`; each try takes `timeoutMs` at most. */
export function systemResolver(timeoutMs: number, servers: readonly string[] | undefined): DnsResolver {
  const options = { timeoutMs, servers }
  return {
    srv: (name, signal) => askNameServers((resolver) => resolver.resolveSrv(name), options, signal),
    a: (name, signal) =>
      askNameServers((resolver) => resolver.resolve4(name, { ttl: true }), options, signal),
  }
}
