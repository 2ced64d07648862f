/** What `fetch` is given: the `fetch` of undici knows no `Request` but its own, so that of the platform is taken apart. */
import { Request as UndiciRequest } from 'undici'
import type { RequestInfo, RequestInit } from 'undici'

/**
 * A `Request` makes its signal follow that of its caller only for as long as it lives, and nobody else holds it while it is
 * under way. Who listens to the signal holds it, and so its request.
 */
const bySignal = new WeakMap<AbortSignal, Request>()

/** The same request in terms that undici's `fetch` knows; what `init` says goes first, as in the constructor of `Request`. */
export function unpacked(
  input: RequestInfo | Request,
  init: RequestInit | undefined,
): [RequestInfo, RequestInit | undefined] {
  if (!isForeign(input)) return [input, init]
  bySignal.set(input.signal, input)
  const { method, headers, signal, redirect, credentials, cache, referrer, referrerPolicy } = input
  // What only browsers do is refused beside streams, which all bodies have become here: `keepalive`, and requests without CORS.
  const mode = input.mode === 'no-cors' ? 'cors' : input.mode
  const { integrity } = input
  const said = Object.fromEntries(Object.entries(init ?? {}).filter(([, value]) => value !== undefined))
  const own = { mode, credentials, cache, referrer, referrerPolicy, integrity }
  // To `fetch`, null is no body of its own: that of the request stays.
  const body = init?.body ?? input.body
  const whole = { ...own, method, headers: [...headers], signal, redirect, duplex: 'half', ...said, body }
  return [input.url, whole as RequestInit]
}

/** Whether `fetch` follows redirects of this request or refuses them, and has no use for their bodies. */
export function leavesRedirects(input: RequestInfo, init: RequestInit | undefined): boolean {
  return (init?.redirect ?? (input instanceof UndiciRequest ? input.redirect : 'follow')) !== 'manual'
}

function isForeign(input: RequestInfo | Request): input is Request {
  return input instanceof globalThis.Request && !(input instanceof UndiciRequest)
}
