/**
 * What an answer says about when to try again: `Retry-After` (seconds or a date, RFC 9110 §10.2.3), or gRPC's
 * `grpc-retry-pushback-ms`, where a negative or unreadable number means "do not" (gRPC proposal A6).
 */
import { parseHttpDate } from './http-date.js'

/** Milliseconds to wait, `never`, or undefined when the answer says nothing (that can be read). */
export type RetryHint = number | 'never' | undefined

type Value = string | readonly string[] | undefined

/** The hint of an answer, at most `maxMs`: a server cannot put a caller to sleep for a year. */
export function retryHintOf(
  headers: Readonly<Record<string, Value>>,
  epochNow: number,
  maxMs: number,
): RetryHint {
  const pushback = firstOf(headers['grpc-retry-pushback-ms'])
  if (pushback !== undefined) return pushbackOf(pushback, maxMs)
  const after = firstOf(headers['retry-after'])
  return after === undefined ? undefined : retryAfterOf(after, epochNow, maxMs)
}

/** The wait that a `Retry-After` asks for, 0 for a date gone by; undefined for what is neither seconds nor a date. */
export function retryAfterOf(value: string, epochNow: number, maxMs: number): number | undefined {
  const text = value.trim()
  if (isDigits(text)) return Math.min(Number(text) * 1_000, maxMs)
  const at = parseHttpDate(text, epochNow)
  return at === undefined ? undefined : Math.min(Math.max(0, at - epochNow), maxMs)
}

function pushbackOf(value: string, maxMs: number): RetryHint {
  const text = value.trim()
  return isDigits(text) ? Math.min(Number(text), maxMs) : 'never'
}

function isDigits(text: string): boolean {
  return text.length <= 64 && /^\d+$/.test(text)
}

// A header that came twice counts as its first.
function firstOf(value: Value): string | undefined {
  return typeof value === 'object' ? value[0] : value
}
