/**
 * In what two registries differ: what deltas led to beside what the server says when asked for everything. For logs, so what is
 * told is limited, and what is counted is not.
 */
import type { InstanceStatus } from '../../../instance.js'
import type { InstanceInfo } from '../model/instance-info.js'
import type { Steps } from '../steps.js'
import type { Application } from './application.js'
import type { Registry } from './registry.js'
import { differingFields } from './same-instance.js'

/** One instance that is not the same in both. */
export interface InstanceDifference {
  readonly app: string
  readonly instanceId: string
  /** `missing`: the server has it, the deltas did not bring it. `extra`: the server does not have it. `different`: in `fields`. */
  readonly kind: 'missing' | 'extra' | 'different'
  /** Names of the fields of an instance that is in both. */
  readonly fields: readonly string[]
  /** By the deltas. */
  readonly status: InstanceStatus | undefined
  /** By the server. */
  readonly serverStatus: InstanceStatus | undefined
}

export interface RegistryDiff {
  /** The first of them. */
  readonly differences: readonly InstanceDifference[]
  /** How many there are. */
  readonly total: number
}

/** More differences than these are counted only. */
export const MAX_DIFFERENCES = 100

/** One side of an instance; entries that could not be used have no more than a status. */
interface Entry {
  readonly status: InstanceStatus
  readonly info: InstanceInfo | undefined
}

/** Compares `ours` with what the server has. */
export function* diffRegistries(ours: Registry, server: Registry): Steps<RegistryDiff> {
  const differences: InstanceDifference[] = []
  let total = 0
  for (const app of new Set([...ours.apps.keys(), ...server.apps.keys()])) {
    yield
    const left = ours.app(app)
    const right = server.app(app)
    if (left === right) continue
    for (const instanceId of new Set([...idsOf(left), ...idsOf(right)])) {
      const difference = differenceOf(app, instanceId, entryOf(left, instanceId), entryOf(right, instanceId))
      if (difference === undefined) continue
      if (++total <= MAX_DIFFERENCES) differences.push(difference)
    }
  }
  return { differences, total }
}

function differenceOf(
  app: string,
  instanceId: string,
  ours: Entry | undefined,
  server: Entry | undefined,
): InstanceDifference | undefined {
  const fields = fieldsOf(ours, server)
  if (ours !== undefined && server !== undefined && fields.length === 0) return undefined
  const kind = ours === undefined ? 'missing' : server === undefined ? 'extra' : 'different'
  return Object.freeze({
    app,
    instanceId,
    kind,
    fields,
    status: ours?.status,
    serverStatus: server?.status,
  })
}

function fieldsOf(ours: Entry | undefined, server: Entry | undefined): readonly string[] {
  if (ours === undefined || server === undefined) return []
  if (ours.info !== undefined && server.info !== undefined) return differingFields(ours.info, server.info)
  return ours.status === server.status ? [] : ['status']
}

function idsOf(application: Application | undefined): readonly string[] {
  return application === undefined ? [] : [...application.byId.keys(), ...application.hidden.keys()]
}

function entryOf(application: Application | undefined, instanceId: string): Entry | undefined {
  const info = application?.byId.get(instanceId)
  const status = info?.status ?? application?.hidden.get(instanceId)
  return status === undefined ? undefined : { status, info }
}
