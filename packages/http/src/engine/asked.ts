/** A request before anything has been done about it. */
import type { Dispatcher } from 'undici'
import type { Outlet } from '../wire/exchange.js'
import type { Downstream } from './downstream.js'
import type { CallSettings } from './settings.js'

/** A request as it came. */
export interface Asked {
  readonly options: Dispatcher.DispatchOptions
  readonly downstream: Downstream
  readonly settings: CallSettings | undefined
  /** Where all attempts go; absent: to the pools of the client. */
  readonly outlet: Outlet | undefined
  readonly isIdempotent: boolean
  readonly isReplayable: boolean
}
