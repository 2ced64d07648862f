/** The operations of the protocol on the state of a server: a request that has been read, to the answer. */
import { isStatus } from './instance-info.js'
import type { InstanceStatus } from './instance-info.js'
import type { Format } from './negotiate.js'
import { readRegistration, UNPARSABLE } from './read-instance.js'
import { applyBatch } from './replication.js'
import type { Replication } from './replication.js'
import type { InstanceKey } from './registry.js'
import type { PageKey } from './response-cache.js'
import type { Route, Target } from './router.js'
import type { ServerState } from './server-state.js'
import { wireInstance } from './wire.js'
import type { Accept, WireObject } from './wire.js'

/** A request, read. */
export interface Operation {
  readonly target: Target
  /** The first value of each parameter. */
  readonly query: ReadonlyMap<string, string>
  /** The parsed body; `undefined` when there is none or it is not JSON. */
  readonly body: unknown
  readonly hasJson: boolean
  readonly format: Format
  readonly accept: Accept
  readonly isReplication: boolean
  readonly now: number
}

export interface Reply {
  readonly status: number
  readonly body?: string | undefined
  /** Of the body; the texts of refusals say that they are what was asked for. */
  readonly format?: Format
}

/** Turns one object into text. */
type RenderOne = (root: string, content: WireObject, format: Format) => string

export interface Server {
  readonly state: ServerState
  readonly render: RenderOne
  /** Hands a client's change to the peers. */
  readonly replicate: (change: Replication) => void
}

type Handler = (server: Server, operation: Operation) => Reply

const OK: Reply = { status: 200 }
const NOT_FOUND: Reply = { status: 404 }
const BROKEN: Reply = { status: 500 }
const LISTS: ReadonlySet<Route> = new Set(['apps', 'delta', 'app', 'vip', 'svip'])

const HANDLERS: Readonly<Record<Route, Handler>> = {
  register,
  heartbeat,
  cancel: (server, { target, isReplication, now }) => {
    const key = keyOf(target)
    if (!server.state.registry.cancel(key, now)) return NOT_FOUND
    return replicated(server, isReplication, { ...key, action: 'Cancel' })
  },
  setStatus,
  removeStatus,
  metadata: (server, { target, query, isReplication, now }) => {
    const key = keyOf(target)
    const { registry } = server.state
    if (!registry.mergeMetadata(key, Object.fromEntries(query), now)) return NOT_FOUND
    return replicated(server, isReplication, { ...key, action: 'Register' })
  },
  apps: (server, operation) => list(server, operation, 'apps'),
  delta: (server, operation) =>
    server.state.settings.disableDelta ? { status: 403 } : list(server, operation, 'delta'),
  app: (server, operation) => list(server, operation, 'app'),
  vip: (server, operation) => list(server, operation, 'vip'),
  svip: (server, operation) => list(server, operation, 'svip'),
  instance: ({ state, render }, { target, now, format }) =>
    single(state.findInstance(keyOf(target), now), render, format),
  instanceById: ({ state, render }, { target, now, format }) =>
    single(state.findById(target.name, now), render, format),
  status: ({ state, render }, { format, now }) => {
    const { lastMinute, threshold } = state.renewals
    const generalStats = { environment: 'test', 'num-of-cpus': '1', 'server-uptime': '00:00' }
    const applicationStats = {
      'registered-replicas': '',
      'available-replicas': '',
      'unavailable-replicas': '',
      'renews-last-minute': String(lastMinute),
      'renew-threshold': String(threshold),
      'lists-open': String(state.isOpen(now)),
    }
    const content = { generalStats, applicationStats }
    const body =
      format === 'json'
        ? JSON.stringify(content)
        : render('com.netflix.eureka.util.StatusInfo', content, format)
    return { status: 200, body, format }
  },
  overrides: ({ state }, { now }) => ({
    status: 200,
    body: JSON.stringify(state.registry.overrides.all(now)),
    format: 'json',
  }),
  replication: ({ state }, { body, now }) => ({
    status: 200,
    body: JSON.stringify(applyBatch(state, body, now)),
    format: 'json',
  }),
  other: (_server, { target }) => ({ status: target.refusal ?? 404 }),
}

/** Answers one operation. Lists are refused as long as the server waits for peers. */
export function perform(server: Server, operation: Operation): Reply {
  const { target, now } = operation
  server.state.catchUp(now)
  if (LISTS.has(target.route) && !server.state.isOpen(now)) return { status: 403 }
  return HANDLERS[target.route](server, operation)
}

function register(server: Server, operation: Operation): Reply {
  const { target, body, hasJson, isReplication, now } = operation
  if (!hasJson) return { status: 415 }
  const read = readRegistration(body, target.app, now)
  if ('refusal' in read) {
    const format = read.refusal === UNPARSABLE ? 'json' : operation.format
    return { status: 400, body: read.refusal, format }
  }
  server.state.registry.register(read.info, { now, isReplication })
  if (!isReplication) server.replicate({ app: target.app, id: read.info.id, action: 'Register' })
  return { status: 204 }
}

function heartbeat(server: Server, { target, query, isReplication, now }: Operation): Reply {
  const key = keyOf(target)
  const dirty = stampOf(query)
  if (Number.isNaN(dirty)) return BROKEN
  const renewal = server.state.registry.renew(key, dirty, { now, isReplication })
  if (renewal === 'unknown') return NOT_FOUND
  if (renewal === 'conflict') return { status: 409 }
  return replicated(server, isReplication, { ...key, action: 'Heartbeat' })
}

function setStatus(server: Server, { target, query, isReplication, now }: Operation): Reply {
  const key = keyOf(target)
  if (server.state.findInstance(key, now) === undefined) return NOT_FOUND
  const status = query.get('value')
  const dirty = stampOf(query) ?? 0
  if (!isStatus(status) || Number.isNaN(dirty)) return BROKEN
  server.state.registry.setStatus(key, status, now, dirty)
  return replicated(server, isReplication, { ...key, action: 'StatusUpdate', status })
}

function removeStatus(server: Server, { target, query, isReplication, now }: Operation): Reply {
  const key = keyOf(target)
  if (server.state.findInstance(key, now) === undefined) return NOT_FOUND
  const status: InstanceStatus | string = query.get('value') ?? 'UNKNOWN'
  const dirty = stampOf(query) ?? 0
  if (!isStatus(status) || Number.isNaN(dirty)) return BROKEN
  server.state.registry.removeOverride(key, status, now, dirty)
  return replicated(server, isReplication, { ...key, action: 'DeleteStatusOverride', status })
}

function list(
  { state }: Server,
  { target, format, accept, now }: Operation,
  entity: PageKey['entity'],
): Reply {
  const name = entity === 'app' ? target.app : target.name
  const { body } = state.page({ entity, name, format, accept }, now)
  return body === undefined ? NOT_FOUND : { status: 200, body, format }
}

function single(lease: ReturnType<ServerState['findInstance']>, render: RenderOne, format: Format): Reply {
  if (lease === undefined) return NOT_FOUND
  return { status: 200, body: render('instance', wireInstance(lease, 'full'), format), format }
}

function replicated(server: Server, isReplication: boolean, change: Replication): Reply {
  if (!isReplication) server.replicate(change)
  return OK
}

function keyOf({ app, name }: Target): InstanceKey {
  return { app, id: name }
}

/** The dirty stamp: `undefined` when absent, `NaN` when no whole number. */
function stampOf(query: ReadonlyMap<string, string>): number | undefined {
  const text = query.get('lastDirtyTimestamp')
  if (text === undefined || text === '') return undefined
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN
}
