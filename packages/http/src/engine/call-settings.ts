/** What can be said of some requests, over what their service says. */
import { readOptions } from '@breakwater/kernel'
import { checkTimes, readRequest, REQUEST_KEYS, withoutGaps } from './request-options.js'
import type {
  HttpHedgeOptions,
  HttpRetryOptions,
  RequestOptions,
  ResolvedRequest,
} from './request-options.js'
import type { ResolvedService } from './service-options.js'

/** Settings for some requests. What is left out is as their service says. */
export interface CallSettings extends Omit<RequestOptions, 'retry' | 'hedge'> {
  /** Over the options of the service; the budget is that of the service. `{}` switches on what it has switched off. */
  readonly retry?: Omit<HttpRetryOptions, 'budget'> | false | undefined
  /**
   * In place of that of the service; `{}` is one with all defaults. How long attempts take and how many hedges there are is
   * known of the requests with these settings only; the budget is that of the service.
   */
  readonly hedge?: Omit<HttpHedgeOptions, 'budget'> | false | undefined
  /** What hashing strategies choose an instance by. */
  readonly key?: string | undefined
  /**
   * Makes the body, once for each attempt, in place of the one that the request has: for bodies that cannot be sent again.
   * GET and HEAD have one only where they are given one.
   */
  readonly body?: (() => NonNullable<unknown>) | undefined
}

/** Settings as they are in force; of what nobody spoke of there is nothing. */
export type OwnSettings = Partial<ResolvedRequest> & Pick<CallSettings, 'key' | 'body'>

/** Checks and completes settings; throws `InvalidOptionsError`. */
export function readSettings(given: CallSettings): OwnSettings {
  const read = readOptions('client.with', given, [...REQUEST_KEYS, 'key', 'body'])
  const said = readRequest(read, 0)
  if (read.has('timeoutMs') && read.has('attemptTimeoutMs')) checkTimes(read, said)
  for (const policy of ['retry', 'hedge'] as const)
    if (said[policy] && said[policy].budget !== undefined)
      read.issue(`${policy}.budget`, said[policy].budget, 'nothing: the budget is that of the service')
  const settings = {
    ...said,
    key: read.string('key', undefined),
    body: read.fn<NonNullable<CallSettings['body']>>('body'),
  }
  read.finish()
  return Object.freeze(settings)
}

/** The options of a service for requests with settings of their own. */
export function withSettings(options: ResolvedService, own: OwnSettings): ResolvedService {
  const { retry } = own
  const merged = retry ? { ...options.retry, ...withoutGaps(retry) } : (retry ?? options.retry)
  return { ...options, ...own, retry: merged }
}
