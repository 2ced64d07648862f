/** The one way in: every request, wherever it comes from, is a dispatch here. */
import { requestBudgetMs } from '@breakwater/command'
import type { Dispatcher } from 'undici'
import { IDEMPOTENCY_KEY, isIdempotent } from '../core/idempotency.js'
import { headerOf } from '../core/request-headers.js'
import type { RequestHeaders } from '../core/request-headers.js'
import type { Outlet } from '../wire/exchange.js'
import { isReplayable } from './body.js'
import type { Directory } from './directory.js'
import { downstreamOf } from './downstream.js'
import type { Control } from './downstream.js'
import { HttpCall } from './http-call.js'
import type { Service } from './service.js'
import type { OwnSettings } from './call-settings.js'

/** How a request is to be sent. */
export interface Dispatching {
  readonly settings?: OwnSettings | undefined
  /** Where all attempts go, instead of the client's own pools. */
  readonly outlet?: Outlet | undefined
  /** Whether the caller follows redirects, and reads no body of theirs. Default: not known to. */
  readonly leavesRedirects?: boolean | undefined
}

/** For requests that nothing was begun for. */
const NO_CONTROL = null as unknown as Control

export class Engine {
  readonly directory: Directory

  constructor(directory: Directory) {
    this.directory = directory
  }

  dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
    { settings, outlet, leavesRedirects = false }: Dispatching,
  ): boolean {
    const downstream = downstreamOf(handler)
    let service: Service
    try {
      service = this.directory.find(options.origin)
    } catch (error) {
      // As undici does it, whose callers expect no throw.
      downstream.error(NO_CONTROL, error as Error)
      return true
    }
    const terms = service.termsFor(settings)
    const isUpgrade = Boolean(options.upgrade) || options.method === 'CONNECT'
    const asked = {
      options,
      downstream,
      terms,
      outlet,
      leavesRedirects,
      isIdempotent: !isUpgrade && mayRunTwice(options, terms.options.idempotent),
      isReplayable: terms.body !== undefined || isReplayable(options.body, terms.options.maxReplayBytes),
    }
    // The shorter of what the request and the one that is being served have.
    const budgetMs = Math.min(terms.options.timeoutMs, requestBudgetMs())
    const call = new HttpCall(service, asked, budgetMs)
    downstream.start(call)
    if (!call.isOver) call.start()
    return true
  }
}

function mayRunTwice(
  { method, headers }: Dispatcher.DispatchOptions,
  declared: boolean | undefined,
): boolean {
  if (isIdempotent(method, declared, false)) return true
  // Only where it matters are the headers searched.
  return declared === undefined && headerOf(headers as RequestHeaders, IDEMPOTENCY_KEY) !== undefined
}
