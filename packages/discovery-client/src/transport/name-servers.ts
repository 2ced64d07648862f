/**
 * Look-ups by a resolver of our own: it can be cancelled without ending the look-ups of others, and does not wait in the queue of
 * `getaddrinfo`.
 */
import { Resolver } from 'node:dns/promises'

/** Whom to ask, and for how long. */
export interface NameServerOptions {
  /** Each try takes so long at most. */
  readonly timeoutMs: number
  /** `address:port` of each. Default: those of the machine. */
  readonly servers?: readonly string[] | undefined
}

const TRIES = 2

/** Whether name servers can be asked at this address: names have to be looked up, and nobody could be asked for theirs. */
export function isNameServer(address: string): boolean {
  try {
    new Resolver().setServers([address])
    return true
  } catch {
    return false
  }
}

/** The answer to `question`. Rejects as `node:dns` does, with `ECANCELLED` when the signal aborts. */
export async function askNameServers<T>(
  question: (resolver: Resolver) => Promise<T>,
  { timeoutMs, servers }: NameServerOptions,
  signal: AbortSignal,
): Promise<T> {
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
