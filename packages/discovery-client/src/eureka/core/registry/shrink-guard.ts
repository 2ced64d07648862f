/**
 * A restarted server may serve an almost empty registry for as long as everybody needs to register again, and Java clients then
 * forget all instances at once. This guard holds back a registry that is suddenly empty or much smaller, until a later full
 * fetch confirms it: it is not confirmed while instances are coming back, for a limited time. A service that loses its instances
 * while the others stay (a zone that its server cannot hear, and evicts) is judged by the same rule, by itself.
 */
import type { MonotonicMs } from '@breakwater/kernel'

export interface ShrinkGuardOptions {
  /** A registry that lost more than this share of its instances is suspect, as is an empty one. 0 to 100. */
  readonly maxShrinkPercent: number
  /** The same for each application by itself. 0 to 100. */
  readonly maxServiceShrinkPercent: number
  /** Applications that had fewer instances are never suspect by themselves. */
  readonly minServiceInstances: number
  /** After this time it is believed, whatever else happens. */
  readonly maxHoldMs: number
}

/** Something shrunken that waits for confirmation. */
export interface Suspicion {
  readonly since: MonotonicMs
  /** Instances in the last suspect answer. */
  readonly size: number
  /** Instances before the first suspect answer. */
  readonly before: number
}

/** What to do with a fetched registry. While it is held the next fetch must be a full one. */
export type ShrinkVerdict =
  | {
      readonly kind: 'apply'
      readonly suspicion: undefined
      /** Much smaller, and believed: others said so before, or for too long. */
      readonly isConfirmed: boolean
    }
  | { readonly kind: 'hold'; readonly suspicion: Suspicion }

const APPLY: ShrinkVerdict = Object.freeze({ kind: 'apply', suspicion: undefined, isConfirmed: false })
const BELIEVE: ShrinkVerdict = Object.freeze({ kind: 'apply', suspicion: undefined, isConfirmed: true })

/** Sizes of what is in use and of what was fetched. */
export interface SizeChange {
  readonly before: number
  readonly after: number
}

/** Judges a fetched registry. `suspicion` is what the last verdict left; `options` is `false` without a guard. */
export function judgeShrink(
  suspicion: Suspicion | undefined,
  change: SizeChange,
  now: MonotonicMs,
  options: ShrinkGuardOptions | false,
): ShrinkVerdict {
  if (options === false) return APPLY
  return judge(suspicion, change, now, { maxPercent: options.maxShrinkPercent, maxHoldMs: options.maxHoldMs })
}

/** Judges one application of a registry that is believed as a whole. */
export function judgeServiceShrink(
  suspicion: Suspicion | undefined,
  change: SizeChange,
  now: MonotonicMs,
  options: ShrinkGuardOptions,
): ShrinkVerdict {
  const { minServiceInstances, maxServiceShrinkPercent: maxPercent, maxHoldMs } = options
  if (change.before < minServiceInstances) return APPLY
  return judge(suspicion, change, now, { maxPercent, maxHoldMs })
}

function judge(
  suspicion: Suspicion | undefined,
  { before: inUse, after }: SizeChange,
  now: MonotonicMs,
  { maxPercent, maxHoldMs }: { readonly maxPercent: number; readonly maxHoldMs: number },
): ShrinkVerdict {
  // What is in use may have grown by those that came while others were kept.
  const before = suspicion?.before ?? inUse
  if (!isSuspect({ before, after }, maxPercent)) return APPLY
  if (suspicion === undefined) return { kind: 'hold', suspicion: { since: now, size: after, before } }
  const isComingBack = after > suspicion.size
  const isTimeUp = now - suspicion.since >= maxHoldMs
  if (isTimeUp || !isComingBack) return BELIEVE
  return { kind: 'hold', suspicion: { since: suspicion.since, size: after, before } }
}

function isSuspect({ before, after }: SizeChange, maxPercent: number): boolean {
  if (after >= before) return false
  return after === 0 || (before - after) * 100 > maxPercent * before
}
