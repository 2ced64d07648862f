// Whether two probes differ only by the one call that a bucket's edge may take or leave.

import type { NumbersTrace, ProbeTrace } from '../trace/trace.ts'
import type { Edge } from './tolerances.ts'

const HEALTH: readonly string[] = ['total', 'errors', 'pct']

/** True when `path` is one of the named numbers and ours is what the recording would be with at most one call more or less. */
export function isWithinEdge(
  edges: readonly Edge[],
  path: string,
  recorded: ProbeTrace,
  ours: ProbeTrace,
): boolean {
  if ('log' in recorded || 'log' in ours) return false
  const edge = edges.find(({ at }) => at.includes(recorded.at))
  if (edge === undefined) return false
  return edge.fields === 'health'
    ? HEALTH.includes(path) && isOneCallApart(recorded, ours)
    : path.startsWith('rolling.') && isOneApart(recorded.rolling, ours.rolling)
}

function isOneCallApart(recorded: NumbersTrace, ours: NumbersTrace): boolean {
  const { total, errors, pct } = ours
  return (
    Math.abs(total - recorded.total) <= 1 &&
    Math.abs(errors - recorded.errors) <= 1 &&
    pct === (total === 0 ? 0 : Math.trunc((100 * errors) / total))
  )
}

function isOneApart(recorded: NumbersTrace['rolling'], ours: NumbersTrace['rolling']): boolean {
  const names = [...Object.keys(recorded), ...Object.keys(ours)]
  return names.every((name) => Math.abs((recorded[name] ?? 0) - (ours[name] ?? 0)) <= 1)
}
