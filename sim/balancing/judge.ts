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
  /** Who would be better, and is no comparison. */
  readonly reason?: string
}

/** Rows by name of whose latency nothing can be said beside others: their servers have no queues, so nobody's load slows anybody down. */
const NOT_BESIDE = /^(dialogue|buoyant)/

/** Everything that can be said of rows that were run. */
export function judge(rows: readonly RowResult[]): Finding[] {
  return rows.flatMap((row) => [...limitsOf(row), ...besideBest(row)])
}

/** How the command ends. */
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
  { what, metric, atMost = Infinity, atLeast = -Infinity }: Limit,
  ours: Metrics,
): Finding {
  const found = ours[metric] ?? Infinity
  const wanted = atMost === Infinity ? `at least ${short(atLeast)}` : `at most ${short(atMost)}`
  // A call that ends when the run does is cut off by it: so much is rounding.
  const rounding = 0.05 * Number(metric === 'errorPercent' && row.startsWith('dialogue'))
  const holds = found <= atMost + rounding && found >= atLeast
  return { what, row, metric, found, wanted, holds }
}

/**
 * Beside the best of the known strategies. Latencies are compared with those that fail the fewest calls: who sends a third of all calls to servers
 * that refuse them has a light load on the rest. Who is better for that is named.
 */
function besideBest(row: RowResult): Finding[] {
  const ours = row.results[OURS]
  if (ours === undefined || NOT_BESIDE.test(row.id)) return []
  const known = CONTESTANTS.filter(({ isKnown }) => isKnown).flatMap(({ name }) => {
    const result = row.results[name]
    return result === undefined ? [] : [{ name, result }]
  })
  if (known.length === 0) return []
  const fewest = Math.min(...known.map(({ result }) => result.errorPercent))
  const rivals = known.filter(({ result }) => result.errorPercent <= fewest * 1.1 + 0.05)
  return BESIDE_BEST.map((beside) => {
    const found = compare(row.id, beside, ours, rivals)
    if (!found.holds || compare(row.id, beside, ours, known).holds) return found
    const { name, value } = bestOf(beside.metric, known)
    return { ...found, reason: `${name} has ${short(value)}, and fails more calls` }
  })
}

interface Rival {
  readonly name: string
  readonly result: Metrics
}

function bestOf(metric: keyof Metrics, rivals: readonly Rival[]): { name: string; value: number } {
  const numbers = rivals.map(({ name, result }) => ({ name, value: result[metric] ?? Infinity }))
  return numbers.reduce((one, other) => (other.value < one.value ? other : one))
}

function compare(
  row: string,
  { metric, factor, more }: BesideBest,
  ours: Metrics,
  rivals: readonly Rival[],
): Finding {
  const best = bestOf(metric, rivals)
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
