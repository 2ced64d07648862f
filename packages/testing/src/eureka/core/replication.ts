/** What peers tell each other: every change that came from a client, in batches, never what another peer told. */
import type { InstanceStatus } from './instance-info.js'
import { isStatus } from './instance-info.js'
import { readRegistration } from './read-instance.js'
import type { InstanceKey } from './registry.js'
import type { ServerState } from './server-state.js'
import { wireInstance } from './wire.js'
import type { WireObject } from './wire.js'

const ACTIONS = ['Heartbeat', 'Register', 'Cancel', 'StatusUpdate', 'DeleteStatusOverride'] as const
type Action = (typeof ACTIONS)[number]

/** One change on its way to a peer. */
export interface Replication extends InstanceKey {
  readonly action: Action
  readonly status?: InstanceStatus | undefined
}

/** The entry of a batch; an instance that has gone meanwhile is sent without its data. */
export function wireReplication({ action, app, id, status }: Replication, state: ServerState): WireObject {
  const lease = state.registry.lease({ app, id })
  return {
    appName: app,
    id,
    action,
    status: status ?? lease?.info.status,
    overriddenStatus: lease?.info.overriddenStatus,
    lastDirtyTimestamp: lease?.info.lastDirtyTimestamp,
    instanceInfo: lease === undefined ? undefined : wireInstance(lease, 'full'),
  }
}

/** Does what a batch of a peer says, and answers each entry. */
export function applyBatch(state: ServerState, body: unknown, now: number): WireObject {
  const list = fieldsOf(body)['replicationList']
  const entries: readonly unknown[] = Array.isArray(list) ? list : []
  return { responseList: entries.map((entry) => applyOne(state, fieldsOf(entry), now)) }
}

function applyOne(state: ServerState, entry: WireObject, now: number): WireObject {
  const key = { app: String(entry['appName']).toUpperCase(), id: String(entry['id']) }
  const action = ACTIONS.find((known) => known === entry['action'])
  const { registry } = state
  switch (action) {
    case 'Register':
      return applyRegistration(state, key, entry['instanceInfo'], now)
    case 'Heartbeat':
      return applyHeartbeat(state, key, entry, now)
    case 'Cancel':
      return { statusCode: registry.cancel(key, now) ? 200 : 404 }
    case 'StatusUpdate':
      return { statusCode: registry.setStatus(key, statusOf(entry), now, dirtyOf(entry) ?? 0) ? 200 : 404 }
    case 'DeleteStatusOverride':
      return {
        statusCode: registry.removeOverride(key, statusOf(entry), now, dirtyOf(entry) ?? 0) ? 200 : 404,
      }
    case undefined:
      return { statusCode: 500 }
  }
}

function applyRegistration(
  state: ServerState,
  { app }: InstanceKey,
  instance: unknown,
  now: number,
): WireObject {
  const read = readRegistration({ instance }, app, now)
  if ('refusal' in read) return { statusCode: 400 }
  state.registry.register(read.info, { now, isReplication: true })
  return { statusCode: 200 }
}

function applyHeartbeat(state: ServerState, key: InstanceKey, entry: WireObject, now: number): WireObject {
  const overridden = entry['overriddenStatus']
  if (isStatus(overridden) && overridden !== 'UNKNOWN') state.registry.overrides.set(key.id, overridden, now)
  const renewal = state.registry.renew(key, dirtyOf(entry), { now, isReplication: true })
  const lease = state.registry.lease(key)
  if (renewal === 'unknown') return { statusCode: 404 }
  if (renewal === 'renewed' || lease === undefined) return { statusCode: 200 }
  return { statusCode: 409, responseEntity: wireInstance(lease, 'full') }
}

/** What the sender does with one answer: `undefined` = nothing. */
export function followUp(
  sent: Replication,
  answer: unknown,
  state: ServerState,
  now: number,
): Replication | undefined {
  const { statusCode, responseEntity } = fieldsOf(answer)
  if (sent.action !== 'Heartbeat') return undefined
  if (statusCode === 404) return { action: 'Register', app: sent.app, id: sent.id }
  if (statusCode === 409) applyRegistration(state, sent, responseEntity, now)
  return undefined
}

function statusOf(entry: WireObject): InstanceStatus {
  const status = entry['status']
  return isStatus(status) ? status : 'UNKNOWN'
}

function dirtyOf(entry: WireObject): number | undefined {
  const stamp = entry['lastDirtyTimestamp']
  return stamp === undefined || stamp === null ? undefined : Number(stamp)
}

function fieldsOf(value: unknown): WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as WireObject) : {}
}
