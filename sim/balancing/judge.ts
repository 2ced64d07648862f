// Holds results against the targets.

import { CONTESTANTS, OURS } from './contestants.ts'
import type { Metrics } from './metrics.ts'
import { BESIDE_BEST, LIMITS } from './targets.ts'
import type { BesideBest, Limit } from './targets.ts'

/** The numbers of one row, by contestant. */
export interface RowResult {
  readonly id: string
  readonly title: string
  readonly results: Readonly<Record<string, Metrics>>
}

export interface Finding {
  readonly what: string
  readonly row: string
  readonly metric: keyof Metrics
  readonly found: number
  /** What it was to be, in words. */
  readonly wanted: string
  readonly holds: boolean
  /** Why it is missed, where nobody could meet it or who did has paid for it elsewhere. */
  readonly reason?: string
}

const RESTORED_MS = 20_000
const PAID_ELSEWHERE =
  'who is better fails more calls, or does not give the server its share back within 20 s; beside the others it holds'
/** Rows by name of whose latency nothing can be said beside others: their servers have no queues, so nobody's load slows anybody down. */
const NOT_BESIDE = /^(dialogue|buoyant)/

/** Everything that can be said of rows that were run. */
export function judge(rows: readonly RowResult[]): Finding[] {
  return rows.flatMap((row) => [...limitsOf(row), ...besideBest(row)])
}

/** How the command ends: a reason explains a miss, and does not make up for it. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return findings.every(({ holds }) => holds) ? 0 : 1
}

function limitsOf(row: RowResult): Finding[] {
  const ours = row.results[OURS]
  if (ours === undefined) return []
  return LIMITS.filter(({ rows }) => rows.some((name) => isNamed(row.id, name))).map((limit) =>
    holdAgainst(row.id, limit, ours),
  )
}

function holdAgainst(
  row: string,
  { what, metric, atMost = Infinity, atLeast = -Infinity, reason }: Limit,
  ours: Metrics,
): Finding {
  const found = ours[metric] ?? Infinity
  const wanted = atMost === Infinity ? `at least ${short(atLeast)}` : `at most ${short(atMost)}`
  // A call that ends when the run does is cut off by it: so much is rounding.
  const rounding = 0.05 * Number(metric === 'errorPercent' && row.startsWith('dialogue'))
  const holds = found <= atMost + rounding && found >= atLeast
  return { what, row, metric, found, wanted, holds, ...(holds || reason === undefined ? {} : { reason }) }
}

/**
 * Beside the best of the known strategies. Not all can be compared: who fails more calls has a lighter load on the rest, and who never goes
 * back to a server that has recovered has bought his tail with capacity. To be behind such a one only is missed for that reason.
 */
function besideBest(row: RowResult): Finding[] {
  const ours = row.results[OURS]
  if (ours === undefined || NOT_BESIDE.test(row.id)) return []
  const known = CONTESTANTS.filter(({ isKnown }) => isKnown).flatMap(({ name }) => {
    const result = row.results[name]
    return result === undefined ? [] : [{ name, result }]
  })
  if (known.length === 0) return []
  return BESIDE_BEST.map((beside) => {
    const found = compare(row.id, beside, ours, known)
    if (found.holds || beside.metric === 'errorPercent') return found
    const rivals = known.filter(({ result }) => isComparable(result, ours))
    const isBehind = rivals.length > 0 && !compare(row.id, beside, ours, rivals).holds
    return isBehind ? found : { ...found, reason: PAID_ELSEWHERE }
  })
}

function compare(
  row: string,
  { metric, factor, more }: BesideBest,
  ours: Metrics,
  rivals: readonly { readonly name: string; readonly result: Metrics }[],
): Finding {
  const numbers = rivals.map(({ name, result }) => ({ name, value: result[metric] ?? Infinity }))
  const best = numbers.reduce((one, other) => (other.value < one.value ? other : one))
  const limit = best.value * factor + more
  const found = ours[metric] ?? Infinity
  return {
    what: `${metric} beside the best known`,
    row,
    metric,
    found,
    wanted: `at most ${short(limit)} (${best.name} ${short(best.value)})`,
    holds: found <= limit,
  }
}

function isComparable(known: Metrics, ours: Metrics): boolean {
  if (known.errorPercent > ours.errorPercent * 1.1 + 0.05) return false
  return known.restoreMs === undefined || known.restoreMs <= RESTORED_MS
}

/** Numbers as people read them: three digits are enough. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '∞'
  if (value === 0) return '0'
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ')
  const text = Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(3)
  return String(Number(text))
}

function isNamed(id: string, name: string): boolean {
  return name.endsWith('*') ? id.startsWith(name.slice(0, -1)) : id === name
}
