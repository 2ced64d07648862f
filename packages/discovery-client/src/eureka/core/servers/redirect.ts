/**
 * Whether and where to a redirect leads. A registry may send its clients to a peer; whoever stands between us and it could
 * send them anywhere. So the target must be a server that the user named (unless told otherwise), the last hop must not be
 * less secure than the one before, and the number of hops has an end.
 */

/** `known`: only to servers of the list. `any`: to every host. `none`: not at all. */
export type RedirectPolicy = 'known' | 'any' | 'none'

export interface RedirectQuestion {
  /** The whole URL that answered. */
  readonly from: string
  /** The path of the request from the base on, as in `apps/delta`. */
  readonly path: string
  readonly location: string | undefined
  /** Origins of the servers in the list. */
  readonly known: ReadonlySet<string>
  readonly policy: RedirectPolicy
  /** URLs that answered with a redirect already, in this operation. */
  readonly visited: ReadonlySet<string>
  readonly maxHops: number
}

export type RedirectVerdict =
  | {
      readonly kind: 'follow'
      readonly url: URL
      /** The path of the new server's base. */ readonly basePath: string
    }
  | { readonly kind: 'refuse'; readonly reason: string }

const MAX_LOCATION_LENGTH = 4_096

/** Judges one 302. */
export function judgeRedirect(question: RedirectQuestion): RedirectVerdict {
  const { from, path, location, visited, maxHops } = question
  if (location === undefined) return refuse('it does not say where to')
  if (location.length > MAX_LOCATION_LENGTH || !URL.canParse(location, from))
    return refuse('its target is no URL')
  const url = new URL(location, from)
  const place = faultOfTarget(url, question)
  if (place !== undefined) return refuse(place)
  if (visited.size > maxHops) return refuse(`${String(maxHops)} hops did not lead to an answer`)
  if (visited.has(url.href)) return refuse('it leads in a circle')
  const basePath = basePathOf(url.pathname, path)
  if (basePath === undefined) return refuse('its target is another resource')
  return { kind: 'follow', url, basePath }
}

/** What stands before the resource in `pathname`: a redirect to a login page has no such place. */
function basePathOf(pathname: string, path: string): string | undefined {
  const resource = `/${path.replace(/\?.*/s, '').replace(/\/$/, '')}`
  const whole = pathname.replace(/\/$/, '')
  return whole.endsWith(resource) ? whole.slice(0, whole.length - resource.length + 1) : undefined
}

function faultOfTarget(url: URL, { from, known, policy }: RedirectQuestion): string | undefined {
  if (policy === 'none') return 'redirects are switched off'
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'its target is not HTTP'
  if (from.startsWith('https:') && url.protocol === 'http:') return 'its target is less secure'
  if (url.username !== '' || url.password !== '') return 'its target carries credentials'
  if (policy === 'known' && !known.has(url.origin)) return 'its target is no server of the list'
  return undefined
}

function refuse(reason: string): RedirectVerdict {
  return { kind: 'refuse', reason }
}
