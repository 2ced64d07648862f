/**
 * The limits on the time of a command, as they are given.
 */
import { MAX_DURATION_MS } from '@breakwater/kernel'
import type { OptionReader } from '@breakwater/kernel'
import type { ResolvedCommand } from './command-options.js'
import { STANDARD } from './preset.js'

type Times = 'timeoutMs' | 'attemptTimeoutMs'

/** Both limits; with a fault in one of them something harmless stands in its place. */
export function readTimes(read: OptionReader<Times>): Pick<ResolvedCommand, Times> {
  const timeoutMs = readTime(read, 'timeoutMs', STANDARD.timeoutMs)
  return { timeoutMs, attemptTimeoutMs: readAttemptTime(read, timeoutMs) }
}

function readTime(read: OptionReader<Times>, key: Times, fallback: number): number | undefined {
  return read.value(key) === false
    ? undefined
    : read.durationMs(key, fallback, { min: 1, max: MAX_DURATION_MS })
}

function readAttemptTime(read: OptionReader<Times>, timeoutMs: number | undefined): number | undefined {
  const attemptTimeoutMs = readTime(
    read,
    'attemptTimeoutMs',
    Math.min(STANDARD.attemptTimeoutMs, timeoutMs ?? Infinity),
  )
  if (attemptTimeoutMs === undefined || timeoutMs === undefined || attemptTimeoutMs <= timeoutMs)
    return attemptTimeoutMs
  // Next to a time that is wrong in itself, this would be a second complaint about one mistake.
  if (read.issues.some(({ path }) => path === 'timeoutMs')) return timeoutMs
  read.issue(
    'attemptTimeoutMs',
    attemptTimeoutMs,
    `at most timeoutMs, ${String(timeoutMs)}, or it can never end an attempt`,
  )
  return timeoutMs
}
