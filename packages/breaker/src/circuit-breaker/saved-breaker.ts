/**
 * The state of a breaker as plain JSON, and the check of such data when it comes back. It holds durations and ages
 * instead of times, and the wall-clock time of saving, so that a later process goes on where this one stood.
 */
import { MAX_DURATION_MS } from '@breakwater/kernel'
import type { EpochMs } from '@breakwater/kernel'
import type { SavedMachine } from './core/machine-data.js'
import { isSavedCountWindow, isSavedTimeWindow } from './core/saved-window.js'

/** What `breaker.save()` gives and `restore` takes; `JSON.stringify` keeps all of it. */
export interface SavedBreaker extends SavedMachine {
  readonly version: 1
  readonly savedAt: EpochMs
}

const STATES: readonly string[] = [
  'closed',
  'open',
  'half-open',
  'forced-open',
  'forced-closed',
  'disabled',
  'metrics-only',
]

/** What is expected instead of `value`, or `undefined` when it can be restored. */
export function savedBreakerProblem(value: unknown): string | undefined {
  return isSavedBreaker(value) ? undefined : 'what save() of a circuit breaker gave'
}

/** The state of a machine as it is saved. What is left of the longest open time may have been rounded up. */
export function savedAt(epochNow: EpochMs, machine: SavedMachine): SavedBreaker {
  const openForMs = Math.min(machine.openForMs, MAX_DURATION_MS)
  return { version: 1, savedAt: epochNow, ...machine, openForMs }
}

/** The saved state as it would stand at `epochNow`. A clock that was set back counts as no time. */
export function agedBy(saved: SavedBreaker, epochNow: EpochMs): SavedMachine {
  const elapsedMs = Math.max(0, epochNow - saved.savedAt)
  const { statistics } = saved
  const buckets = statistics.window.buckets.map((bucket) => ({ ...bucket, ageMs: bucket.ageMs + elapsedMs }))
  return {
    ...saved,
    openForMs: Math.max(0, saved.openForMs - elapsedMs),
    statistics: { ...statistics, window: { buckets } },
  }
}

function isSavedBreaker(value: unknown): value is SavedBreaker {
  if (typeof value !== 'object' || value === null) return false
  const { version, savedAt, state, openForMs, trips, lastOpenMs, statistics } = value as Partial<
    Record<keyof SavedBreaker, unknown>
  >
  return (
    version === 1 &&
    isFromZero(savedAt) &&
    typeof state === 'string' &&
    STATES.includes(state) &&
    isDuration(openForMs) &&
    isCount(trips) &&
    (lastOpenMs === undefined || isDuration(lastOpenMs)) &&
    isSavedStatistics(statistics)
  )
}

function isSavedStatistics(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { window, counted, consecutiveFailures } = value as Record<string, unknown>
  return (
    isSavedTimeWindow(window) &&
    (counted === undefined || isSavedCountWindow(counted)) &&
    isCount(consecutiveFailures)
  )
}

function isFromZero(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isDuration(value: unknown): boolean {
  return isFromZero(value) && value <= MAX_DURATION_MS
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
