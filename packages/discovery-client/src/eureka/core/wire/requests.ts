/**
 * Every operation of the Eureka protocol as data: method, path under the server's base URL, body. Names and ids come from users and
 * from other people's registrations, so each is encoded as one segment, and those that no server can keep apart are refused.
 */
import { invalidArgument } from '@breakwater/kernel'
import type { EpochMs } from '@breakwater/kernel'
import type { InstanceStatus } from '../../../instance.js'
import type { InstanceInfo } from '../model/instance-info.js'
import { writeRegistration } from './write-instance.js'
import type { WireRegistration } from './write-instance.js'

/** What is asked of a server; metrics and rules for answers go by it. */
export type EurekaOperation =
  | 'register'
  | 'heartbeat'
  | 'cancel'
  | 'set-status'
  | 'remove-status'
  | 'metadata'
  | 'full'
  | 'delta'
  | 'vip'
  | 'application'
  | 'instance'
  | 'server-status'
  | 'overrides'
  | 'asg'

export interface EurekaRequest {
  readonly operation: EurekaOperation
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Relative to the base URL, encoded, with its query: `apps/USERS/users-1?status=UP`. */
  readonly path: string
  readonly body?: WireRegistration
}

/** Names one instance of one application. */
export interface InstanceKey {
  readonly app: string
  readonly instanceId: string
}

export interface Heartbeat extends InstanceKey {
  readonly status: InstanceStatus
  readonly lastDirtyTimestamp: EpochMs
  readonly overriddenStatus?: InstanceStatus
}

/** How a status is set or its override removed. */
export interface StatusChange extends InstanceKey {
  readonly lastDirtyTimestamp: EpochMs
}

export function registerRequest(info: InstanceInfo): EurekaRequest {
  const path = `apps/${segment('app', info.app)}`
  return { operation: 'register', method: 'POST', path, body: writeRegistration(info) }
}

export function heartbeatRequest(beat: Heartbeat): EurekaRequest {
  const { status, lastDirtyTimestamp, overriddenStatus } = beat
  const query = queryOf({
    status,
    lastDirtyTimestamp: String(lastDirtyTimestamp),
    overriddenstatus: overriddenStatus === 'UNKNOWN' ? undefined : overriddenStatus,
  })
  return { operation: 'heartbeat', method: 'PUT', path: instancePath(beat) + query }
}

export function cancelRequest(key: InstanceKey): EurekaRequest {
  return { operation: 'cancel', method: 'DELETE', path: instancePath(key) }
}

/** Sets an override: the only way out of, and into, `OUT_OF_SERVICE`. */
export function setStatusRequest(change: StatusChange & { readonly status: InstanceStatus }): EurekaRequest {
  const query = queryOf({ value: change.status, lastDirtyTimestamp: String(change.lastDirtyTimestamp) })
  return { operation: 'set-status', method: 'PUT', path: `${instancePath(change)}/status${query}` }
}

/** Removes an override. `status` is in force from then on; without it the server sets `UNKNOWN` and asks to register again. */
export function removeStatusRequest(
  change: StatusChange & { readonly status?: InstanceStatus },
): EurekaRequest {
  const query = queryOf({ value: change.status, lastDirtyTimestamp: String(change.lastDirtyTimestamp) })
  return { operation: 'remove-status', method: 'DELETE', path: `${instancePath(change)}/status${query}` }
}

/** Adds metadata to the server's copy. Lost with the next registration. */
export function metadataRequest(key: InstanceKey, metadata: Readonly<Record<string, string>>): EurekaRequest {
  return { operation: 'metadata', method: 'PUT', path: `${instancePath(key)}/metadata${queryOf(metadata)}` }
}

/** All applications; `regions` asks the server to add those of other regions. */
export function fullRequest(regions: readonly string[] = []): EurekaRequest {
  return { operation: 'full', method: 'GET', path: `apps/${regionsQuery(regions)}` }
}

export function deltaRequest(regions: readonly string[] = []): EurekaRequest {
  return { operation: 'delta', method: 'GET', path: `apps/delta${regionsQuery(regions)}` }
}

/** All instances with a VIP, as the server spells it. */
export function vipRequest(
  vip: string,
  options: { readonly secure?: boolean; readonly regions?: readonly string[] } = {},
): EurekaRequest {
  const { secure = false, regions = [] } = options
  const path = `${secure ? 'svips' : 'vips'}/${segment('vip', vip)}${regionsQuery(regions)}`
  return { operation: 'vip', method: 'GET', path }
}

export function applicationRequest(app: string): EurekaRequest {
  return { operation: 'application', method: 'GET', path: `apps/${segment('app', app)}` }
}

/** One instance, by application and id or by id alone. Fresh: servers do not cache it. */
export function instanceRequest(key: InstanceKey | { readonly instanceId: string }): EurekaRequest {
  const { app, instanceId } = Object(key) as Partial<InstanceKey>
  const path =
    app === undefined ? `instances/${segment('instanceId', instanceId)}` : instancePath({ app, instanceId })
  return { operation: 'instance', method: 'GET', path }
}

/** The server's own state. Its JSON is cut short on servers with default settings: ask for XML, or expect a failure. */
export function serverStatusRequest(): EurekaRequest {
  return { operation: 'server-status', method: 'GET', path: 'status' }
}

/** All overrides by instance id. The path is relative to the server's context, not to the base URL; Netflix servers only. */
export function overridesRequest(): EurekaRequest {
  return { operation: 'overrides', method: 'GET', path: 'serverinfo/statusoverrides' }
}

/** Takes an auto-scaling group in or out of service; Amazon only. */
export function asgRequest(name: string, value: 'ENABLED' | 'DISABLED'): EurekaRequest {
  return {
    operation: 'asg',
    method: 'PUT',
    path: `asg/${segment('asgName', name)}/status${queryOf({ value })}`,
  }
}

/** What an answer's status means for the one who asked. */
export type AnswerVerdict =
  | 'success'
  /** A heartbeat's 404, whatever its body: register again, at once. */
  | 'unknown-instance'
  /** No delta is to be had: fetch everything, now. */
  | 'no-delta'
  /** There is no such application or instance. */
  | 'absent'
  | 'redirect'
  | 'next-server'

/** Judges the status of an answer as Eureka's own client does (RetryableEurekaHttpClient), a lookup's 404 apart. */
export function judgeAnswer(operation: EurekaOperation, status: number): AnswerVerdict {
  if (status >= 200 && status < 300) return 'success'
  // A server that does not know the instance has nothing left to cancel, and no other answer is worth a repetition.
  if (operation === 'cancel') return 'success'
  if (status === 302) return 'redirect'
  if (status === 404) {
    if (operation === 'heartbeat') return 'unknown-instance'
    if (operation === 'delta') return 'no-delta'
    return operation === 'full' || operation === 'register' || operation === 'vip' ? 'next-server' : 'absent'
  }
  return operation === 'delta' && status === 403 ? 'no-delta' : 'next-server'
}

function instancePath(key: { readonly app?: string; readonly instanceId?: string | undefined }): string {
  const { app, instanceId } = Object(key) as Partial<InstanceKey>
  return `apps/${segment('app', app)}/${segment('instanceId', instanceId)}`
}

/** Says why no server can be asked about a name, or `undefined`: Tomcat refuses `/` and `\` even when encoded, URLs eat dots. */
export function faultOfName(name: unknown): string | undefined {
  const isUsable =
    typeof name === 'string' &&
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/\\\p{Cc}\p{Cs}]/u.test(name)
  return isUsable ? undefined : 'a name without slashes, backslashes and control characters'
}

function segment(path: string, name: string | undefined): string {
  const fault = faultOfName(name)
  if (fault !== undefined) throw invalidArgument('EurekaClient', { path, received: name, expected: fault })
  return encodeURIComponent(name as string)
}

/** A part of a query; what cannot be written as UTF-8 cannot be sent. */
function encoded(path: string, value: string): string {
  if (typeof value === 'string' && value.isWellFormed()) return encodeURIComponent(value)
  throw invalidArgument('EurekaClient', { path, received: value, expected: 'a text' })
}

function regionsQuery(regions: readonly string[]): string {
  return regions.length === 0
    ? ''
    : `?regions=${regions.map((region) => encoded('regions', region)).join(',')}`
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${encoded(key, key)}=${encoded(key, value)}`],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
