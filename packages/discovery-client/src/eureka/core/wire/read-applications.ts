/**
 * The answers that list instances: all applications, a delta, a VIP; and the one with a single instance. Servers before 1.2
 * write a list of one as the element alone, and leave out an empty list: all forms are read alike.
 */
import type { InstanceInfo } from '../model/instance-info.js'
import type { Steps } from '../steps.js'
import { readAppName, readInstance } from './read-instance.js'
import type { DropReason, ReadEntry } from './read-instance.js'
import type { ReadLimits } from './read-parts.js'
import { isJsonObject, ownValue } from './read-values.js'
import type { JsonObject } from './read-values.js'

/** A list of instances as a server sent it, entry by entry. */
export interface ReadApplications {
  readonly kind: 'applications'
  /** The server's hash of its whole registry, `DOWN_1_UP_2_`; `undefined` when it sent none. */
  readonly appsHashCode: string | undefined
  /** Kept and dropped ones, in the server's order. */
  readonly entries: readonly ReadEntry[]
  /** How many entries were dropped, by reason. */
  readonly dropped: ReadonlyMap<DropReason, number>
  /** How many texts (metadata, URLs, names) of kept entries were left out. */
  readonly omitted: number
}

/** An answer that is no list of instances, or one of more than the limit. Nothing of it may be used. */
export interface UnusableAnswer {
  readonly kind: 'unusable'
  readonly reason: 'not-applications' | 'too-many-instances'
}

const MAX_HASH_LENGTH = 512
const ITEMS_PER_STEP = 32

/** Reads a list answer from its decoded JSON, whatever that is. Never throws. */
export function* readApplications(
  json: unknown,
  limits: ReadLimits,
): Steps<ReadApplications | UnusableAnswer> {
  const root = isJsonObject(json) ? ownValue(json, 'applications') : undefined
  if (!isJsonObject(root)) return { kind: 'unusable', reason: 'not-applications' }
  const entries: ReadEntry[] = []
  const dropped = new Map<DropReason, number>()
  let omitted = 0
  let work = 0
  for (const found of contentsOf(root)) {
    if (++work >= ITEMS_PER_STEP) {
      work = 0
      yield
    }
    // Applications count as work too, so that a million empty ones hold up nobody.
    if (found === undefined) continue
    if (entries.length === limits.maxInstances) return { kind: 'unusable', reason: 'too-many-instances' }
    const entry = readInstance(found.instance, found.appName, limits)
    entries.push(entry)
    if (entry.kind === 'instance') {
      omitted += entry.omitted
      // Each was looked at: an instance may have twenty thousand.
      work += entry.omitted
    } else dropped.set(entry.reason, (dropped.get(entry.reason) ?? 0) + 1)
  }
  const hash = ownValue(root, 'apps__hashcode') ?? ownValue(root, 'apps_hashcode')
  const isHash = typeof hash === 'string' && hash.length <= MAX_HASH_LENGTH
  return { kind: 'applications', appsHashCode: isHash ? hash : undefined, entries, dropped, omitted }
}

/** Reads the answer about a single instance, `{"instance": {…}}`; `undefined` when it cannot be used. Never throws. */
export function readInstanceAnswer(json: unknown, limits: ReadLimits): InstanceInfo | undefined {
  if (!isJsonObject(json)) return undefined
  const entry = readInstance(ownValue(json, 'instance'), undefined, limits)
  return entry.kind === 'instance' ? entry.info : undefined
}

/** Reads the answer about one application, `{"application": {…}}`, as a list. */
export function readApplicationAnswer(
  json: unknown,
  limits: ReadLimits,
): Steps<ReadApplications | UnusableAnswer> {
  const application = isJsonObject(json) ? ownValue(json, 'application') : undefined
  return readApplications(isJsonObject(application) ? { applications: { application } } : undefined, limits)
}

interface Found {
  readonly appName: string | undefined
  readonly instance: unknown
}

/** Each instance with its application's name, and `undefined` for each application. */
function* contentsOf(root: JsonObject): Generator<Found | undefined, void, undefined> {
  for (const application of listOf(ownValue(root, 'application'))) {
    yield undefined
    // An application that is no object holds no instance that anybody counts.
    if (!isJsonObject(application)) continue
    const appName = readAppName(ownValue(application, 'name'))
    for (const instance of listOf(ownValue(application, 'instance'))) yield { appName, instance }
  }
}

/** A list, its only element alone, or nothing. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}
