/**
 * TXT records from the name servers of the machine, by a resolver of our own: it can be cancelled without ending the
 * lookups of others, and does not wait in the queue of `getaddrinfo`.
 */
import { Resolver } from 'node:dns/promises'

/** The TXT records of a name, each as its strings. Rejects as `node:dns` does. */
export type ResolveTxt = (name: string, signal: AbortSignal) => Promise<readonly (readonly string[])[]>

const TRIES = 2

/** A `ResolveTxt` that asks the name servers of the machine, or `servers`; each try takes `timeoutMs` at most. */
export function txtLookup(timeoutMs: number, servers?: readonly string[]): ResolveTxt {
  return async (name, signal) => {
    const resolver = new Resolver({ timeout: timeoutMs, tries: TRIES })
    if (servers !== undefined) resolver.setServers(servers)
    const cancel = (): void => {
      resolver.cancel()
    }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await resolver.resolveTxt(name)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}
