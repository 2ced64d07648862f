/** The next registry, from the present one and the drafts of the applications that a fetch speaks of. */
import type { Random } from '@breakwater/kernel'
import { INSTANCE_STATUSES } from '../model/instance-info.js'
import type { Steps } from '../steps.js'
import { buildApplication } from './application.js'
import type { Application, ApplicationDraft } from './application.js'
import { addCounts, isSameCounts } from './apps-hash.js'
import type { StatusCounts } from './apps-hash.js'
import { Registry } from './registry.js'
import type { RegistryData } from './registry.js'
import { updateVipIndex } from './vip-index.js'
import type { VipChange } from './vip-index.js'

/** An application before and after; `undefined` is "not there". */
export interface Change {
  readonly name: string
  readonly before: Application | undefined
  readonly after: Application | undefined
}

/** A rebuilt registry and the applications in which it differs. */
export interface Rebuilt {
  readonly registry: Registry
  readonly changedApps: ReadonlySet<string>
}

const INSTANCES_PER_STEP = 256
const IDS_PER_STEP = 2_048

/** Builds all drafts. Without any change the registry is the one before, the same object. */
export function* rebuild(
  before: Registry,
  drafts: Iterable<ApplicationDraft>,
  anonymous: StatusCounts,
  random: Random | undefined,
): Steps<Rebuilt> {
  const options = { filterOnlyUp: before.data.options.filterOnlyUp, random }
  const changes: Change[] = []
  let work = 0
  for (const draft of drafts) {
    const after = yield* buildApplication(draft, options)
    if (after !== draft.before) changes.push({ name: draft.name, before: draft.before, after })
    work += 1 + draft.byId.size
    if (work < INSTANCES_PER_STEP) continue
    work = 0
    yield
  }
  return yield* withChanges(before, changes, anonymous)
}

/** The registry in which these applications are different. */
export function* withChanges(
  before: Registry,
  changes: readonly Change[],
  anonymous: StatusCounts,
): Steps<Rebuilt> {
  const { data } = before
  const changedApps = new Set(changes.map(({ name }) => name))
  const counts = addCounts(changedCounts(data.counts, changes), addCounts(anonymous, data.anonymous, -1))
  if (changes.length === 0 && isSameCounts(counts, data.counts)) {
    return { registry: before, changedApps }
  }
  const next: RegistryData = {
    options: data.options,
    version: data.version + 1,
    apps: changedMap(data.apps, changes),
    vips: yield* updateVips(data, changes, 'vips'),
    secureVips: yield* updateVips(data, changes, 'secureVips'),
    ids: yield* updateIds(data.ids, changes),
    counts,
    anonymous,
  }
  const size = changes.reduce(
    (sum, change) => sum + sizeOf(change.after) - sizeOf(change.before),
    before.size,
  )
  return { registry: new Registry(Object.freeze(next), size), changedApps }
}

function sizeOf(application: Application | undefined): number {
  return application?.all.length ?? 0
}

function changedCounts(counts: StatusCounts, changes: readonly Change[]): StatusCounts {
  // Twenty thousand applications may change at once: one sum for all of them.
  const sum = { ...counts }
  for (const { before, after } of changes) {
    for (const status of INSTANCE_STATUSES)
      sum[status] += (after?.counts[status] ?? 0) - (before?.counts[status] ?? 0)
  }
  return sum
}

function changedMap(
  apps: ReadonlyMap<string, Application>,
  changes: readonly Change[],
): ReadonlyMap<string, Application> {
  const next = new Map(apps)
  for (const { name, after } of changes) {
    if (after === undefined) next.delete(name)
    else next.set(name, after)
  }
  return next
}

function* updateVips(
  data: RegistryData,
  changes: readonly Change[],
  field: 'vips' | 'secureVips',
): Steps<RegistryData['vips']> {
  yield
  const vipChanges = changes.map(({ name, before, after }): VipChange => ({
    app: name,
    before: before?.[field],
    after: after?.[field],
  }))
  return yield* updateVipIndex(data[field], vipChanges)
}

/** Ids change only with instances that come or go; otherwise the index stays the same object. */
function* updateIds(ids: RegistryData['ids'], changes: readonly Change[]): Steps<RegistryData['ids']> {
  const moves: Move[] = []
  for (const change of changes) {
    yield
    for (const move of movesOf(change)) moves.push(move)
  }
  if (moves.length === 0) return ids
  const next = new Map<string, readonly string[]>()
  for (const [id, apps] of ids) {
    next.set(id, apps)
    if (next.size % IDS_PER_STEP === 0) yield
  }
  let work = 0
  for (const { id, app, isGone } of moves) {
    if (++work % IDS_PER_STEP === 0) yield
    const others = (next.get(id) ?? []).filter((name) => name !== app)
    const apps = isGone ? others : [...others, app]
    if (apps.length === 0) next.delete(id)
    else next.set(id, apps)
  }
  return next
}

/** An instance that came to an application, or left it. */
interface Move {
  readonly id: string
  readonly app: string
  readonly isGone: boolean
}

function* movesOf({ name: app, before, after }: Change): Generator<Move, void, undefined> {
  for (const id of before?.byId.keys() ?? [])
    if (after?.byId.has(id) !== true) yield { id, app, isGone: true }
  for (const id of after?.byId.keys() ?? [])
    if (before?.byId.has(id) !== true) yield { id, app, isGone: false }
}
