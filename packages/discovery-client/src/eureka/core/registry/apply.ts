/**
 * What a full answer and a delta make of a registry. Deltas of a server overlap, are cached by it, and may reach us twice or late, so applying
 * one twice is like applying it once, and the hash tells whether the result can be right.
 */
import type { Random } from '@breakwater/kernel'
import type { InstanceStatus } from '../../../instance.js'
import type { InstanceInfo } from '../model/instance-info.js'
import type { Steps } from '../steps.js'
import type { ReadApplications } from '../wire/read-applications.js'
import type { DroppedEntry, ReadEntry } from '../wire/read-instance.js'
import { draftOf, hideInstance, putInstance, removeInstance } from './application.js'
import type { ApplicationDraft } from './application.js'
import { countStatuses, sumOfCounts } from './apps-hash.js'
import { rebuild } from './rebuild.js'
import type { Rebuilt } from './rebuild.js'
import type { Registry } from './registry.js'

/** What a delta led to. */
export interface DeltaResult extends Rebuilt {
  /** Whether our hash is the server's, also when it sent none. If not: one full fetch, and no second look at the hash. */
  readonly isConsistent: boolean
  /** Entries that say neither what to do nor with whom; they change nothing. */
  readonly ignored: number
  /** Whether the registry would have grown beyond its limit: then nothing was applied. */
  readonly isTooLarge: boolean
}

const ENTRIES_PER_STEP = 64

/** Replaces everything. What the answer says again stays the same object, up to the registry as a whole. */
export function* replaceRegistry(before: Registry, read: ReadApplications, random?: Random): Steps<Rebuilt> {
  const anonymous: InstanceStatus[] = []
  const drafts = new Map<string, ApplicationDraft>()
  let work = 0
  for (const [name, known] of before.apps) {
    if (++work % ENTRIES_PER_STEP === 0) yield
    drafts.set(name, draftOf(name, known, 'empty'))
  }
  for (const entry of read.entries) {
    if (++work % ENTRIES_PER_STEP === 0) yield
    const { app, instanceId, status } = factsOf(entry)
    if (app === undefined || instanceId === undefined) {
      // Those of which nothing more than a status is known can be counted only.
      anonymous.push(status)
      continue
    }
    const draft = drafts.get(app) ?? draftOf(app, undefined, 'empty')
    drafts.set(app, draft)
    put(draft, entry, instanceId)
  }
  return yield* rebuild(before, drafts.values(), countStatuses(anonymous), random)
}

/** Applies the changes that a delta lists: additions and changes put an instance, deletions remove it. */
export function* applyDelta(before: Registry, read: ReadApplications, random?: Random): Steps<DeltaResult> {
  const drafts = new Map<string, ApplicationDraft>()
  let ignored = 0
  let work = 0
  for (const entry of read.entries) {
    if (++work % ENTRIES_PER_STEP === 0) yield
    const { app, instanceId, actionType } = factsOf(entry)
    if (app === undefined || instanceId === undefined || actionType === undefined) {
      ignored++
      continue
    }
    const draft = drafts.get(app) ?? draftOf(app, before.app(app), 'known')
    drafts.set(app, draft)
    if (actionType === 'DELETED') removeInstance(draft, instanceId)
    else put(draft, entry, instanceId)
  }
  const rebuilt = yield* rebuild(before, drafts.values(), before.data.anonymous, random)
  // Those that are hidden take room too.
  const count = sumOfCounts(rebuilt.registry.data.counts)
  const isTooLarge = count > before.data.options.maxInstances && count > sumOfCounts(before.data.counts)
  if (isTooLarge)
    return { registry: before, changedApps: new Set(), isConsistent: false, ignored, isTooLarge }
  const { appsHashCode } = read
  const isConsistent = appsHashCode === undefined || appsHashCode === rebuilt.registry.hash
  return { ...rebuilt, isConsistent, ignored, isTooLarge }
}

function put(draft: ApplicationDraft, entry: ReadEntry, instanceId: string): void {
  if (entry.kind === 'instance') putInstance(draft, entry.info)
  else hideInstance(draft, instanceId, entry.status)
}

/** What is known of an entry, whether or not it could be used. */
function factsOf(entry: ReadEntry): InstanceInfo | DroppedEntry {
  return entry.kind === 'instance' ? entry.info : entry
}
