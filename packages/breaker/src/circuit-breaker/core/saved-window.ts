/**
 * The counts of a window as plain JSON data, and the check of such data when it comes back from a file or from somewhere
 * else. Times are kept as ages, because whoever takes them up counts from another zero.
 */

/** Counts of one bucket. `ageMs` is the age of its youngest possible event when it was saved. */
export interface SavedBucket {
  readonly ageMs: number
  readonly successes: number
  readonly failures: number
  readonly slow: number
  readonly settledSlow: number
}

/** What `TimeWindow.save` gives: the buckets that hold counts, oldest first. */
export interface SavedTimeWindow {
  readonly buckets: readonly SavedBucket[]
}

/**
 * What `CountWindow.save` gives: one letter a call, oldest first; `s` success, `f` failure, a capital when the call
 * was slow.
 */
export interface SavedCountWindow {
  readonly outcomes: string
}

/**
 * Whether unknown data may be given to `TimeWindow.restore`: shapes, no negative count, no more slow ends than
 * ends.
 */
export function isSavedTimeWindow(value: unknown): value is SavedTimeWindow {
  if (!isRecord(value) || !Array.isArray(value['buckets'])) return false
  // What a list leaves out, `every` does not ask about.
  return !value['buckets'].includes(undefined) && value['buckets'].every(isSavedBucket)
}

/** Whether unknown data may be given to `CountWindow.restore`. */
export function isSavedCountWindow(value: unknown): value is SavedCountWindow {
  return isRecord(value) && typeof value['outcomes'] === 'string' && /^[sfSF]*$/.test(value['outcomes'])
}

function isSavedBucket(value: unknown): value is SavedBucket {
  if (!isRecord(value)) return false
  const { ageMs, successes, failures, slow, settledSlow } = value
  if (typeof ageMs !== 'number' || !Number.isFinite(ageMs) || ageMs < 0) return false
  if (!isCount(successes) || !isCount(failures) || !isCount(slow) || !isCount(settledSlow)) return false
  return settledSlow <= successes + failures
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
