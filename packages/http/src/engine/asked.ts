/** A request before anything has been done about it. */
import type { Dispatcher } from 'undici'
import type { Outlet } from '../wire/exchange.js'
import type { Downstream } from './downstream.js'
import type { Terms } from './terms.js'

/** A request as it came. */
export interface Asked {
  readonly options: Dispatcher.DispatchOptions
  readonly downstream: Downstream
  readonly terms: Terms
  /** Where all attempts go; absent: to the pools of the client. */
  readonly outlet: Outlet | undefined
  readonly isIdempotent: boolean
  readonly isReplayable: boolean
  /** Whether the caller follows redirects, and reads no body of theirs. */
  readonly leavesRedirects: boolean
}
