/**
 * The time that is left for a call, as it travels to the next service: ours in milliseconds, gRPC's, and the two of Envoy. What
 * arrives is a stranger's word: read strictly, capped, and never a reason to fail.
 */

/** Our own header: whole milliseconds left, 0 = none. */
export const DEADLINE_HEADER = 'breakwater-timeout-ms'

/** Which headers can carry a deadline. */
export type DeadlineHeader =
  | typeof DEADLINE_HEADER
  | 'grpc-timeout'
  | 'x-envoy-expected-rq-timeout-ms'
  | 'x-envoy-upstream-rq-timeout-ms'

/** The longest that is believed: what a Node timer can wait, 24.8 days. */
const MAX_MS = 2 ** 31 - 1

/** Less than this is what a sum and a difference of times have added: 400 ms from now on are not 401. */
const ROUNDING_MS = 0.001

/** gRPC allows eight digits (its HTTP/2 protocol, `TimeoutValue`). */
const GRPC_MAX = 99_999_999
const GRPC_MS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 1e-3],
  ['n', 1e-6],
])

/** The value that says "`leftMs` from now"; parts of a millisecond count as one. For Envoy at least 1: its 0 means no limit. */
export function formatDeadline(header: string, leftMs: number): string {
  const wholeMs = Math.min(Math.max(0, Math.ceil(leftMs - ROUNDING_MS)), MAX_MS)
  if (header === 'grpc-timeout') return formatGrpcTimeout(wholeMs)
  return String(isEnvoy(header) ? Math.max(1, wholeMs) : wholeMs)
}

/** Milliseconds left, by what a request carried; undefined when it says nothing, or nothing that can be believed. */
export function parseDeadline(header: string, value: string): number | undefined {
  const text = value.trim()
  if (header === 'grpc-timeout') return parseGrpcTimeout(text)
  if (!/^\d{1,15}$/.test(text)) return undefined
  const ms = Number(text)
  if (ms === 0 && isEnvoy(header)) return undefined
  return Math.min(ms, MAX_MS)
}

// The finest unit that has room for it, as grpc-js does; seconds have room for the longest that is written.
function formatGrpcTimeout(ms: number): string {
  return ms <= GRPC_MAX ? `${String(ms)}m` : `${String(Math.ceil(ms / 1_000))}S`
}

function parseGrpcTimeout(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  const unitMs = GRPC_MS.get(unit)
  return digits === undefined || unitMs === undefined ? undefined : Math.min(Number(digits) * unitMs, MAX_MS)
}

function isEnvoy(header: string): boolean {
  return header.startsWith('x-envoy-')
}
