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
import type { CallSettings } from './settings.js'

/** How a request is to be sent. */
export interface Dispatching {
  readonly settings?: CallSettings | undefined
  /** Where all attempts go, instead of the client's own pools. */
  readonly outlet?: Outlet | undefined
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
    { settings, outlet }: Dispatching,
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
    const isUpgrade = Boolean(options.upgrade) || options.method === 'CONNECT'
    const asked = {
      options,
      downstream,
      settings,
      outlet,
      isIdempotent: !isUpgrade && mayRunTwice(options, settings?.idempotent ?? service.options.idempotent),
      isReplayable:
        settings?.body !== undefined || isReplayable(options.body, service.options.maxReplayBytes),
    }
    const call = new HttpCall(service, asked, budgetOf(service, settings))
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

/** The shortest of what the request, its service and the request that is being served have. */
function budgetOf({ options }: Service, settings: CallSettings | undefined): number {
  const own = settings?.timeoutMs ?? options.timeoutMs
  return Math.min(own === false ? Infinity : own, requestBudgetMs())
}
