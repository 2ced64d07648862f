/**
 * One service of Consul, asked for by one query after another: the first is answered at once, each further one when something has changed.
 * Its connection is its own, because a query that waits holds one, and closing it is how a query is taken back.
 */
import { isError, outsideOfCalls } from '@breakwater/kernel'
import type { RegistryError } from '@breakwater/kernel'
import { breathe } from '../eureka/client/breathe.js'
import { PeriodicTask } from '../periodic-task.js'
import { decodeBody } from '../transport/decode-body.js'
import { Exchange } from '../transport/exchange.js'
import type { HttpAnswer } from '../transport/exchange.js'
import { isRegistryFault, registryError } from '../transport/registry-errors.js'
import { waitOf } from '../transport/retry-after.js'
import { readEntries } from './core/consul-entries.js'
import type { EntryList } from './core/consul-entries.js'
import { ageOf, longestAnswerMs, nextIndex, NO_INDEX, queryPath } from './core/consul-query.js'
import { tokenProblem } from './consul-source-options.js'
import type { ResolvedConsul } from './consul-source-options.js'

/** Who hears of answers and faults. */
export interface ConsulWatchListener {
  /** `ageMs`: how old the list already is; `undefined` when nobody knows. */
  answered(list: EntryList, ageMs: number | undefined): void
  failed(error: Error): void
}

const MAX_DOUBLINGS = 20
/** By how much of the interval the next query may be late, so that those who wait for the same change do not all ask at once. */
const SPREAD = 1 / 4

export class ConsulWatch {
  /** Resolves with the end of the first query, also when it failed. */
  readonly ready: Promise<void>
  private readonly service: string
  private readonly options: ResolvedConsul
  private readonly listener: ConsulWatchListener
  private readonly exchange: Exchange
  private readonly task: PeriodicTask
  private readonly ending = new AbortController()
  private index = NO_INDEX
  private failures = 0

  constructor(service: string, options: ResolvedConsul, listener: ConsulWatchListener) {
    const { clock, timeoutMs, maxBodyBytes, tls } = options
    this.service = service
    this.options = options
    this.listener = listener
    this.exchange = new Exchange({
      clock,
      connectTimeoutMs: timeoutMs,
      readTimeoutMs: timeoutMs,
      // Queries follow each other at once, or after a wait that is worth a new connection.
      idleTimeoutMs: timeoutMs,
      maxConnectionsPerServer: 1,
      maxBodyBytes,
      tls,
      background: true,
    })
    this.task = new PeriodicTask(`ConsulSource: ${service}`, clock, () => this.run())
    this.task.start(0)
    // Node 22 keeps the async context of a promise as long as the promise.
    this.ready = outsideOfCalls(() => this.task.runNow())
  }

  /** Takes the query under way back, and closes its connection. */
  async stop(): Promise<void> {
    this.ending.abort()
    await Promise.all([this.exchange.close(), this.task.stop()])
  }

  /** One query; how long to wait for the next. */
  private async run(): Promise<number> {
    const { clock, minIntervalMs } = this.options
    const startedAt = clock.now()
    try {
      const { list, ageMs } = await this.ask()
      if (this.ending.signal.aborted) return minIntervalMs
      this.failures = 0
      this.listener.answered(list, ageMs)
      const spacedMs = minIntervalMs * (1 + SPREAD * this.options.random.next())
      return Math.max(0, startedAt + spacedMs - clock.now())
    } catch (error) {
      return this.failed(isError(error) ? error : new Error(String(error)))
    }
  }

  private failed(error: Error): number {
    const { minIntervalMs, maxRetryMs, random } = this.options
    const waitMs = Math.min(maxRetryMs, minIntervalMs * 2 ** Math.min(this.failures++, MAX_DOUBLINGS))
    // Whoever answers next may have another history; and what happened meanwhile is wanted at once.
    this.index = NO_INDEX
    if (!this.ending.signal.aborted && !isRegistryFault(error, 'STOPPED')) this.listener.failed(error)
    const spreadMs = waitMs / 2 + (waitMs / 2) * random.next()
    const wantedMs = (error as Partial<RegistryError>).retryAfterMs ?? 0
    return Math.max(spreadMs, Math.min(wantedMs, maxRetryMs))
  }

  private async ask(): Promise<{ readonly list: EntryList; readonly ageMs: number | undefined }> {
    const { server, query, timeoutMs, clock, rules } = this.options
    const { signal } = this.ending
    const answer = await this.exchange.send({
      server,
      method: 'GET',
      path: server.path + queryPath(this.service, query, this.index),
      headers: this.headers(),
      readTimeoutMs: timeoutMs + longestAnswerMs(this.index, query.waitMs),
    })
    if (answer.status !== 200) throw refusal(this.service, server.base, answer, clock.epochNow())
    const index = nextIndex(this.index, answer.headers['x-consul-index'])
    if (index === undefined)
      throw registryError('BODY', `${server.base} answers without the index that Consul gives`)
    const json = await decodeBody(answer.body, clock, signal)
    const list = await breathe(readEntries(json, rules), clock, signal)
    if (list === undefined)
      throw registryError('BODY', `${server.base} answers with no list, or one with too many entries`)
    if (isBlinded(answer, list))
      throw registryError('STATUS', `the token may not see the instances of ${this.service}`)
    this.index = index
    const { headers } = answer
    return { list, ageMs: ageOf(headers['x-consul-knownleader'], headers['x-consul-lastcontact']) }
  }

  private headers(): Record<string, string> {
    const token = this.options.token()
    if (token !== undefined && (typeof token !== 'string' || tokenProblem(token) !== undefined))
      throw registryError('STATUS', 'the function for the token answers with none')
    const headers = { accept: 'application/json', 'accept-encoding': 'gzip' }
    return token === undefined ? headers : { ...headers, 'x-consul-token': token }
  }
}

/** Without the right to read a service, Consul answers 200 and leaves its instances out. */
function isBlinded({ headers }: HttpAnswer, { instances }: EntryList): boolean {
  return instances.length === 0 && headers['x-consul-results-filtered-by-acls'] === 'true'
}

function refusal(service: string, base: string, { status, retryAfter }: HttpAnswer, epochNow: number): Error {
  return registryError('STATUS', `${base} answered ${String(status)} for ${service}`, {
    answered: status,
    retryAfterMs: waitOf(retryAfter, epochNow),
  })
}
