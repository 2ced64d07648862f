/** The one way in: every request, wherever it comes from, is a dispatch here. */
import type { Dispatcher } from 'undici'
import { rereadable } from '../core/request-headers.js'
import type { RequestHeaders } from '../core/request-headers.js'
import type { Directory } from './directory.js'
import type { Dispatching } from './dispatching.js'
import { downstreamOf } from './downstream.js'
import type { Control } from './downstream.js'
import { HttpCall } from './http-call.js'
import type { Service } from './service.js'

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
    dispatching: Dispatching,
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
    const call = new HttpCall(service, repeatable(options), downstream, dispatching)
    try {
      downstream.start(call)
    } catch (error) {
      // As undici does it, whose callers hear of it as of any other end.
      call.abort(error as Error)
    }
    if (!call.isOver) service.run(call)
    return true
  }
}

// Headers may be given as what can be read but once, and are read for each attempt.
function repeatable(options: Dispatcher.DispatchOptions): Dispatcher.DispatchOptions {
  const given = options.headers as RequestHeaders
  const headers = rereadable(given)
  return headers === given ? options : ({ ...options, headers } as Dispatcher.DispatchOptions)
}
