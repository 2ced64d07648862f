/** How requests are sent that come the same way. */
import type { Outlet } from '../wire/exchange.js'
import type { OwnSettings } from './call-settings.js'

export interface Dispatching {
  readonly settings?: OwnSettings | undefined
  /** Where all attempts go, instead of the client's own pools. */
  readonly outlet?: Outlet | undefined
  /** Whether the caller is undici's `fetch`, which cannot be aborted before its own call has returned. */
  readonly isFetch?: boolean | undefined
  /** Whether the caller follows redirects, and reads no body of theirs. Default: not known to. */
  readonly leavesRedirects?: boolean | undefined
}
