/** Which operation a request asks for: the table of the protocol, for both ways of addressing it. */

/** Netflix's own server below `/eureka/{version}/`, or Spring's below `/eureka/` and `/eureka/v2/`. */
export type Flavour = 'netflix' | 'spring'

/** The operations, as faults and recorded requests name them; `other` is whatever no server knows. */
export const ROUTES = [
  'register',
  'heartbeat',
  'cancel',
  'setStatus',
  'removeStatus',
  'metadata',
  'apps',
  'delta',
  'app',
  'instance',
  'instanceById',
  'vip',
  'svip',
  'status',
  'overrides',
  'replication',
  'other',
] as const

export type Route = (typeof ROUTES)[number]

export interface Target {
  readonly route: Route
  /** The application, in upper case; of a VIP or an id alone, empty. */
  readonly app: string
  /** The id of an instance, or the VIP. */
  readonly name: string
  /** The answer where there is no operation. */
  readonly refusal?: 400 | 404 | 405
}

type Methods = Readonly<Partial<Record<string, Route>>>

const CONTEXT = 'eureka'
const SPRING_VERSION = 'v2'
const APP: Methods = { GET: 'app', POST: 'register' }
const INSTANCE: Methods = { GET: 'instance', PUT: 'heartbeat', DELETE: 'cancel' }
const OF_INSTANCE: Readonly<Record<string, Methods>> = {
  status: { PUT: 'setStatus', DELETE: 'removeStatus' },
  metadata: { PUT: 'metadata' },
}
const NAMED: Readonly<Record<string, Methods>> = {
  instances: { GET: 'instanceById' },
  vips: { GET: 'vip' },
  svips: { GET: 'svip' },
}
/** Tomcat, in which Spring runs, refuses these wherever they stand. */
const REFUSED_BY_TOMCAT = /%2f|%5c/i

/** Finds the operation of `method` on `pathname`, which is still encoded. */
export function routeOf(method: string, pathname: string, flavour: Flavour): Target {
  if (flavour === 'spring' && REFUSED_BY_TOMCAT.test(pathname)) return refused(400)
  const segments = decodeAll(pathname)
  if (segments === undefined) return refused(400)
  const [context, ...rest] = segments
  if (context !== CONTEXT) return refused(404)
  if (flavour === 'netflix' && rest.join('/') === 'serverinfo/statusoverrides') {
    return pick({ GET: 'overrides' }, method)
  }
  const versioned = flavour === 'netflix' || rest[0] === SPRING_VERSION
  return operation(versioned ? rest.slice(1) : rest, method)
}

function operation([kind = '', first, second, third, ...rest]: readonly string[], method: string): Target {
  if (rest.length > 0) return refused(404)
  if (kind === 'apps') return appsOperation([first, second, third], method)
  if (kind === 'peerreplication' && first === 'batch' && second === undefined) {
    return pick({ POST: 'replication' }, method)
  }
  if (kind === 'status' && first === undefined) return pick({ GET: 'status' }, method)
  const named = Object.hasOwn(NAMED, kind) ? NAMED[kind] : undefined
  if (named === undefined || first === undefined || second !== undefined) return refused(404)
  return pick(named, method, '', first)
}

function appsOperation(
  [app, id, part]: readonly [string | undefined, string | undefined, string | undefined],
  method: string,
): Target {
  if (app === undefined) return pick({ GET: 'apps' }, method)
  if (id === undefined) {
    return app === 'delta' ? pick({ GET: 'delta' }, method) : pick(APP, method, app.toUpperCase())
  }
  if (part === undefined) return pick(INSTANCE, method, app.toUpperCase(), id)
  const ofInstance = Object.hasOwn(OF_INSTANCE, part) ? OF_INSTANCE[part] : undefined
  return ofInstance === undefined ? refused(404) : pick(ofInstance, method, app.toUpperCase(), id)
}

function pick(methods: Methods, method: string, app = '', name = ''): Target {
  const route = Object.hasOwn(methods, method) ? methods[method] : undefined
  return route === undefined ? refused(405) : { route, app, name }
}

function refused(refusal: 400 | 404 | 405): Target {
  return { route: 'other', app: '', name: '', refusal }
}

/** Each segment decoded once; a trailing slash adds none. */
function decodeAll(pathname: string): string[] | undefined {
  try {
    return pathname
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment))
  } catch {
    return undefined
  }
}
