/**
 * A restarted server may serve an almost empty registry for as long as everybody needs to register again, and Java clients then
 * forget all instances at once. This guard holds back a registry that is suddenly empty or much smaller, until a later full
 * fetch confirms it: it is not confirmed while instances are coming back, for a limited time.
 */
import type { MonotonicMs } from '@breakwater/kernel'

export interface ShrinkGuardOptions {
  /** A registry that lost more than this share of its instances is suspect, as is an empty one. 0 to 100. */
  readonly maxShrinkPercent: number
  /** After this time it is believed, whatever else happens. */
  readonly maxHoldMs: number
}

/** A shrunken registry that waits for confirmation. */
export interface Suspicion {
  readonly since: MonotonicMs
  /** Instances in the last suspect answer. */
  readonly size: number
}

/** What to do with a fetched registry. While it is held the next fetch must be a full one. */
export type ShrinkVerdict =
  | { readonly kind: 'apply'; readonly suspicion: undefined }
  | { readonly kind: 'hold'; readonly suspicion: Suspicion }

const APPLY: ShrinkVerdict = Object.freeze({ kind: 'apply', suspicion: undefined })

/** Sizes of the registry in use and of the one that was fetched. */
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
  if (options === false || !isSuspect(change, options)) return APPLY
  if (suspicion === undefined) return { kind: 'hold', suspicion: { since: now, size: change.after } }
  const isComingBack = change.after > suspicion.size
  const isTimeUp = now - suspicion.since >= options.maxHoldMs
  if (isTimeUp || !isComingBack) return APPLY
  return { kind: 'hold', suspicion: { since: suspicion.since, size: change.after } }
}

function isSuspect({ before, after }: SizeChange, { maxShrinkPercent }: ShrinkGuardOptions): boolean {
  if (after >= before) return false
  return after === 0 || (before - after) * 100 > maxShrinkPercent * before
}
