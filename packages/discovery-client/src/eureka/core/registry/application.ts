/**
 * One application of a registry: immutable, with its lists ready for lookups. A draft collects what a fetch says about it, and
 * building the draft keeps every list, and the whole application, that did not change.
 */
import type { Random } from '@breakwater/kernel'
import type { InstanceStatus } from '../../../instance.js'
import type { InstanceInfo } from '../model/instance-info.js'
import type { Steps } from '../steps.js'
import { countStatuses } from './apps-hash.js'
import type { StatusCounts } from './apps-hash.js'
import { haveSameItems, isSameInstance } from './same-instance.js'

/** Lists by upper-cased VIP. */
export type VipLists = ReadonlyMap<string, readonly InstanceInfo[]>

export interface Application {
  /** Upper case. */
  readonly name: string
  /** Every instance, whatever its status. */
  readonly all: readonly InstanceInfo[]
  /** What lookups answer: those that are up, unless the registry shows all. */
  readonly instances: readonly InstanceInfo[]
  readonly byId: ReadonlyMap<string, InstanceInfo>
  /** Of `instances`, those with each VIP. */
  readonly vips: VipLists
  readonly secureVips: VipLists
  /** Entries that were dropped as unusable: never shown, but part of the hash. */
  readonly hidden: ReadonlyMap<string, InstanceStatus>
  /** Of all and hidden ones. */
  readonly counts: StatusCounts
}

/** What is to become of an application. */
export interface ApplicationDraft {
  readonly name: string
  readonly before: Application | undefined
  readonly byId: Map<string, InstanceInfo>
  readonly hidden: Map<string, InstanceStatus>
}

/** How lists are made. Without `random` new instances are appended in the server's order. */
export interface BuildOptions {
  readonly filterOnlyUp: boolean
  readonly random?: Random | undefined
}

/** Further ones are left out: each is a list of its own, and one who registers may write four thousand characters of them. */
const MAX_VIPS = 16
const ITEMS_PER_STEP = 256
const NO_INSTANCES: readonly InstanceInfo[] = Object.freeze([])

/** A draft that starts empty (a full fetch) or with what is known (a delta). */
export function draftOf(
  name: string,
  before: Application | undefined,
  start: 'empty' | 'known',
): ApplicationDraft {
  const known = start === 'known' ? before : undefined
  return { name, before, byId: new Map(known?.byId), hidden: new Map(known?.hidden) }
}

/** Adds or replaces an instance; one that says what is known already stays the same object. */
export function putInstance({ before, byId, hidden }: ApplicationDraft, info: InstanceInfo): void {
  const known = before?.byId.get(info.instanceId)
  byId.set(info.instanceId, known !== undefined && isSameInstance(known, info) ? known : info)
  hidden.delete(info.instanceId)
}

/** Puts an unusable entry in the place of an instance. */
export function hideInstance(draft: ApplicationDraft, instanceId: string, status: InstanceStatus): void {
  draft.byId.delete(instanceId)
  draft.hidden.set(instanceId, status)
}

export function removeInstance({ byId, hidden }: ApplicationDraft, instanceId: string): void {
  byId.delete(instanceId)
  hidden.delete(instanceId)
}

/** The application that a draft describes: the one before if nothing changed, `undefined` if nothing is left. */
export function* buildApplication(
  draft: ApplicationDraft,
  options: BuildOptions,
): Steps<Application | undefined> {
  const { name, before, byId, hidden } = draft
  if (byId.size === 0 && hidden.size === 0) return undefined
  const all = keep(before?.all, yield* arrange(draft, options.random))
  if (before !== undefined && all === before.all && isSameMap(hidden, before.hidden)) return before
  const shown = options.filterOnlyUp ? all.filter(({ status }) => status === 'UP') : all
  const instances = keep(before?.instances, shown)
  const isShownAsBefore = before !== undefined && instances === before.instances
  return Object.freeze({
    name,
    all,
    instances,
    byId,
    vips: isShownAsBefore ? before.vips : yield* listVips(instances, 'vipAddress', before?.vips),
    secureVips: isShownAsBefore
      ? before.secureVips
      : yield* listVips(instances, 'secureVipAddress', before?.secureVips),
    hidden,
    counts: countStatuses([...all.map(({ status }) => status), ...hidden.values()]),
  })
}

/** The keys under which a VIP string is found: its comma-separated parts, trimmed, in upper case, each once. */
function vipKeys(vips: string | undefined): readonly string[] {
  if (vips === undefined) return []
  const keys = vips
    .split(',', MAX_VIPS)
    .map(vipKey)
    .filter((key) => key !== '')
  return keys.length > 1 ? [...new Set(keys)] : keys
}

/** Whether its name is also the VIP of one of its instances, in any status. O(n). */
export function isVipOfItself({ name, all }: Application): boolean {
  const isName = (key: string): boolean => key === name
  return all.some((info) =>
    [info.vipAddress, info.secureVipAddress].some((vips) => vipKeys(vips).some(isName)),
  )
}

/** One VIP as it is compared. */
export function vipKey(vip: string): string {
  return vip.trim().toUpperCase()
}

/**
 * Survivors keep their places, and newcomers get one by chance, so that not every client starts with the same instance.
 * Java shuffles all lists after every delta, which makes everybody behind it start anew.
 */
function* arrange(
  { before, byId }: ApplicationDraft,
  random: Random | undefined,
): Steps<readonly InstanceInfo[]> {
  const all: InstanceInfo[] = []
  let work = 0
  for (const { instanceId } of before?.all ?? NO_INSTANCES) {
    if (++work % ITEMS_PER_STEP === 0) yield
    const survivor = byId.get(instanceId)
    if (survivor !== undefined) all.push(survivor)
  }
  for (const newcomer of byId.values()) {
    if (++work % ITEMS_PER_STEP === 0) yield
    if (before?.byId.has(newcomer.instanceId) === true) continue
    const place = random === undefined ? all.length : Math.floor(random.next() * (all.length + 1))
    const displaced = all[place]
    if (displaced !== undefined) all.push(displaced)
    all[place] = newcomer
  }
  return Object.freeze(all)
}

function* listVips(
  instances: readonly InstanceInfo[],
  field: 'vipAddress' | 'secureVipAddress',
  before: VipLists | undefined,
): Steps<VipLists> {
  const lists = new Map<string, InstanceInfo[]>()
  let work = 0
  for (const info of instances) {
    for (const key of vipKeys(info[field])) {
      if (++work % ITEMS_PER_STEP === 0) yield
      const list = lists.get(key)
      if (list === undefined) lists.set(key, [info])
      else list.push(info)
    }
  }
  const kept = new Map<string, readonly InstanceInfo[]>()
  for (const [key, list] of lists) {
    if (++work % ITEMS_PER_STEP === 0) yield
    kept.set(key, keep(before?.get(key), Object.freeze(list)))
  }
  return kept
}

/** The known list where the new one is equal, so that its identity says so. */
function keep(
  known: readonly InstanceInfo[] | undefined,
  made: readonly InstanceInfo[],
): readonly InstanceInfo[] {
  return known !== undefined && haveSameItems(known, made) ? known : made
}

function isSameMap<K, V>(left: ReadonlyMap<K, V>, right: ReadonlyMap<K, V>): boolean {
  return left.size === right.size && Array.from(left).every(([key, value]) => right.get(key) === value)
}
