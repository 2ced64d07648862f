/**
 * Services that lost most of their instances at once, in a registry that is otherwise as before: what came or changed is taken over,
 * what is gone is kept until the guard believes it. A service that is being replaced has its new instances in use meanwhile.
 */
import type { MonotonicMs, Random } from '@breakwater/kernel'
import type { Steps } from '../steps.js'
import { buildApplication } from './application.js'
import type { Application } from './application.js'
import { isSameCounts } from './apps-hash.js'
import { withChanges } from './rebuild.js'
import type { Change } from './rebuild.js'
import type { Registry } from './registry.js'
import { judgeServiceShrink } from './shrink-guard.js'
import type { ShrinkGuardOptions, Suspicion } from './shrink-guard.js'

/** Suspicions by application. */
export type Suspicions = ReadonlyMap<string, Suspicion>

export interface KeepOptions {
  readonly now: MonotonicMs
  readonly guard: ShrinkGuardOptions
  readonly random?: Random | undefined
}

/** A registry and the services of which instances that are gone are still in it. */
export interface Kept {
  readonly registry: Registry
  readonly suspicions: Suspicions
}

const NONE: Suspicions = new Map()

/** Judges what a fetch makes of each service of `before`. `suspicions` is what the last judgement left. */
export function* keepServices(
  before: Registry,
  after: Registry,
  suspicions: Suspicions,
  { now, guard, random }: KeepOptions,
): Steps<Kept> {
  const held = new Map<string, Suspicion>()
  const changes: Change[] = []
  const options = { filterOnlyUp: before.data.options.filterOnlyUp, random }
  for (const [name, known] of before === after ? [] : before.apps) {
    const fetched = after.app(name)
    if (fetched === known) continue
    const sizes = { before: known.all.length, after: fetched?.all.length ?? 0 }
    const { suspicion } = judgeServiceShrink(suspicions.get(name), sizes, now, guard)
    if (suspicion === undefined) continue
    yield
    held.set(name, suspicion)
    const union = yield* buildApplication(unionOf(name, known, fetched), options)
    changes.push({ name, before: fetched, after: union })
  }
  if (changes.length === 0) return { registry: after, suspicions: NONE }
  const kept = yield* withChanges(after, changes, after.data.anonymous)
  return { registry: isSame(before, kept.registry) ? before : kept.registry, suspicions: held }
}

/** Whether nothing came of it: who hears of changes by the identity of the registry hears of none. */
function isSame({ data: before }: Registry, { data: after }: Registry): boolean {
  return (
    before.apps.size === after.apps.size &&
    isSameCounts(before.anonymous, after.anonymous) &&
    Array.from(before.apps).every(([name, application]) => after.apps.get(name) === application)
  )
}

function unionOf(
  name: string,
  before: Application,
  fetched: Application | undefined,
): Parameters<typeof buildApplication>[0] {
  const byId = new Map(before.byId)
  const hidden = new Map(before.hidden)
  for (const [id, info] of fetched?.byId ?? []) {
    byId.set(id, info)
    hidden.delete(id)
  }
  for (const [id, status] of fetched?.hidden ?? []) {
    byId.delete(id)
    hidden.set(id, status)
  }
  return { name, before, byId, hidden }
}
