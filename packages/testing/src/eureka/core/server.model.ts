/** What the tests of operations on a server share. */
import { seededRandom } from '@breakwater/kernel'
import type { Operation, Reply, Server } from './operations.js'
import { perform } from './operations.js'
import { renderOne } from './render.js'
import type { Replication } from './replication.js'
import { ServerState } from './server-state.js'
import type { ServerSettings } from './server-settings.js'

const SETTINGS: ServerSettings = {
  evictionIntervalMs: 60_000,
  responseCacheUpdateIntervalMs: 0,
  responseCacheExpiryMs: 180_000,
  deltaRetentionMs: 180_000,
  deltaPurgeIntervalMs: 30_000,
  disableDelta: false,
  selfPreservation: false,
  renewalPercentThreshold: 0.85,
  expectedRenewalIntervalMs: 30_000,
  thresholdUpdateIntervalMs: 900_000,
  expectedClients: 1,
  waitTimeWhenSyncEmptyMs: 0,
}

/** The state of a server that nobody has told anything. */
export function emptyState(settings: Partial<ServerSettings> = {}, startedAt = 0): ServerState {
  return new ServerState({
    startedAt,
    settings: { ...SETTINGS, ...settings },
    random: seededRandom('server'),
    render: (root, content, { format }) => renderOne(root, content, format),
  })
}

/** A server and what it has told its peers. */
export interface Observed extends Server {
  readonly told: Replication[]
}

export function serverOf(state: ServerState = emptyState()): Observed {
  const told: Replication[] = []
  const replicate = (change: Replication): void => {
    told.push(change)
  }
  return { state, render: renderOne, replicate, told }
}

/** An operation on the instance `USERS/a`, at the start; what is not told is as clients have it. */
export function ask(
  server: Server,
  route: Operation['target']['route'],
  {
    query = {},
    ...more
  }: Partial<Omit<Operation, 'query'>> & { readonly query?: Readonly<Record<string, string>> } = {},
): Reply {
  return perform(server, {
    target: { route, app: 'USERS', name: 'a' },
    query: new Map(Object.entries(query)),
    body: undefined,
    hasJson: true,
    format: 'json',
    accept: 'full',
    isReplication: false,
    now: 0,
    ...more,
  })
}
