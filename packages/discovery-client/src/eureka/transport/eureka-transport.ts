/**
 * Operations on a cluster of servers: each is tried on a server, and on another when that fails, up to a limit.
 * Registration and queries remember their servers apart, as in Java: the one that serves large lists need not be the one
 * that takes the heartbeats.
 */
import type { Clock, Random } from '@breakwater/kernel'
import { RegistryError } from '@breakwater/kernel'
import { ServerChoice } from '../core/servers/attempts.js'
import type { ServerChoiceOptions } from '../core/servers/attempts.js'
import type { RedirectPolicy } from '../core/servers/redirect.js'
import type { EurekaRequest } from '../core/wire/requests.js'
import { attempt } from './attempt.js'
import type { Answer, AttemptOptions, ReadAnswer } from './attempt.js'
import { Exchange } from '../../transport/exchange.js'
import type { ExchangeOptions } from '../../transport/exchange.js'
import { isRegistryFault, registryError, stoppedError } from '../../transport/registry-errors.js'
import { RequestCounts } from './request-counts.js'
import type { RequestCount, RequestOutcome } from './request-counts.js'
import type { ServerList } from './server-list.js'
import type { ServiceUrl } from '../../transport/service-url.js'

export interface TransportOptions extends ExchangeOptions {
  readonly clock: Clock
  readonly random: Random
  /** Who is asked for each purpose; may be the same list. */
  readonly servers: Readonly<Record<Purpose, ServerList<ServiceUrl>>>
  readonly choice: ServerChoiceOptions
  readonly redirects: RedirectPolicy
  readonly maxRedirects: number
  /** Asked before each request. */
  readonly headers: () => Readonly<Record<string, string>>
}

/** What is asked of servers: to keep our registration, to tell of others, or where the servers for these two are. */
export type Purpose = 'registration' | 'query' | 'bootstrap'

/** What can be seen of the transport from outside. */
export interface TransportReading {
  readonly requests: readonly RequestCount[]
  readonly quarantined: number
  readonly servers: number
  readonly sessionAgeMs: Readonly<Record<Purpose, number>>
  readonly serverListAgeMs: number | undefined
}

export class EurekaTransport {
  private readonly options: TransportOptions
  private readonly attempts: AttemptOptions
  private readonly choices: Readonly<Record<Purpose, ServerChoice<ServiceUrl>>>
  private readonly counts = new RequestCounts()
  private readonly exchange: Exchange
  private readonly stopping = new AbortController()
  private isLeaving = false

  constructor(options: TransportOptions) {
    const { clock, random, choice, headers, redirects, maxRedirects } = options
    this.options = options
    this.exchange = new Exchange(options)
    const { signal } = this.stopping
    this.attempts = { clock, headers, redirects, maxRedirects, exchange: this.exchange, signal }
    this.choices = {
      registration: new ServerChoice(choice, random, clock.now()),
      query: new ServerChoice(choice, random, clock.now()),
      bootstrap: new ServerChoice(choice, random, clock.now()),
    }
  }

  /** Aborts when the transport closes. */
  get signal(): AbortSignal {
    return this.stopping.signal
  }

  /**
   * Asks until a server gives an answer that can be used; `read` makes the value of it. Rejects with `RegistryError`:
   * `ERR_REGISTRY_NO_SERVER` when all attempts failed (its `cause` is the last failure), `ERR_REGISTRY_STOPPED`. `withinMs`
   * is shared out among the attempts.
   */
  async send<T>(
    purpose: Purpose,
    request: EurekaRequest,
    read?: ReadAnswer<T>,
    withinMs?: number,
  ): Promise<Answer<T>> {
    const servers = await this.options.servers[purpose].get()
    const choice = this.choices[purpose]
    // A server that hangs must leave some of the time to the next one.
    const attempts = Math.min(this.options.choice.maxAttempts, servers.length)
    const limitMs = withinMs === undefined ? undefined : withinMs / attempts
    let last: unknown
    for (const server of choice.attempts(servers, this.options.clock.now())) {
      if (this.isLeaving && purpose !== 'registration') throw stoppedError()
      try {
        const answer = await attempt({ request, server, servers, read, limitMs }, this.attempts)
        choice.succeeded(answer.server)
        this.counts.add(request.operation, answer.verdict === 'success' ? 'success' : 'not-found')
        return answer
      } catch (error) {
        this.counts.add(request.operation, outcomeOf(error))
        if (this.stopping.signal.aborted) throw stoppedError()
        choice.failed(server)
        last = error
      }
    }
    throw noServer(servers.length, last)
  }

  read(): TransportReading {
    const now = this.options.clock.now()
    const { registration, query, bootstrap } = this.choices
    const { servers } = this.options
    return {
      requests: this.counts.read(),
      quarantined: Math.max(registration.quarantined, query.quarantined),
      servers: servers.registration.size,
      sessionAgeMs: {
        registration: registration.sessionAgeMs(now),
        query: query.sessionAgeMs(now),
        bootstrap: bootstrap.sessionAgeMs(now),
      },
      serverListAgeMs: servers.registration.ageMs,
    }
  }

  /** From now on no server is asked anything any more, but to take the registration back. */
  leave(): void {
    this.isLeaving = true
  }

  /** Ends all that is under way, and closes every socket. */
  async close(): Promise<void> {
    this.stopping.abort(stoppedError())
    for (const servers of Object.values(this.options.servers)) servers.close()
    await this.exchange.close()
  }
}

function noServer(known: number, last: unknown): RegistryError {
  if (known === 0) return registryError('NO_SERVER', 'no server of the registry is known')
  const { retryAfterMs, answered } = last instanceof RegistryError ? last : {}
  const message = 'no server of the registry gave an answer that can be used'
  return registryError('NO_SERVER', message, { cause: last, retryAfterMs, answered })
}

function outcomeOf(error: unknown): RequestOutcome {
  if (isRegistryFault(error, 'STOPPED')) return 'stopped'
  if (isRegistryFault(error, 'TIMEOUT')) return 'timeout'
  if (isRegistryFault(error, 'STATUS')) return 'rejected'
  return isRegistryFault(error, 'REDIRECT') ? 'redirected' : 'failed'
}
