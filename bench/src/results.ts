// The result of a run, as it is written to `results/*.json` and as the tables are drawn from.

import { gateOf } from './gates.ts'
import type { Gate } from './gates.ts'
import type { Group } from './group.ts'
import type { Machine } from './machine.ts'
import type { Case, CaseResult } from './rounds.ts'
import { isFloor, isOurs } from './subjects/index.ts'
import { judge } from './verdict.ts'
import type { Measured, Verdict } from './verdict.ts'

/** One library's line. `first` holds the numbers of the first try when a missed gate made us measure again. */
export interface Row {
  readonly name: string
  readonly role: 'ours' | 'floor' | 'peer'
  readonly result: CaseResult
  readonly first?: CaseResult
}

/** One table with its verdict; no verdict when ours did not run. */
export interface GroupResult {
  readonly id: string
  readonly scenario: string
  readonly title: string
  readonly measure: Group['measure']
  readonly limits: Gate
  readonly rows: readonly Row[]
  readonly verdict?: Verdict
}

/** Everything about one run. */
export interface RunResult {
  readonly machine: Machine
  readonly rounds: number
  readonly quick: boolean
  readonly groups: readonly GroupResult[]
}

/** Sorts results into groups and judges ours. `again` are repeated measurements, which replace the first ones. */
export function collect(
  results: ReadonlyMap<Case, CaseResult>,
  again: ReadonlyMap<Case, CaseResult> = new Map<Case, CaseResult>(),
): readonly GroupResult[] {
  const groups = new Map<Group, Row[]>()
  for (const [what, result] of results) {
    const rows = groups.get(what.group) ?? []
    groups.set(what.group, [...rows, row(what.subject, result, again.get(what))])
  }
  return [...groups].map(([group, rows]) => groupResult(group, rows))
}

/** True when the gates of a group are known to hold. Ours not running is not holding. */
export function gateHolds({ verdict }: GroupResult): boolean {
  return verdict?.gateHeld === true
}

function row(name: string, result: CaseResult, again: CaseResult | undefined): Row {
  const role = isOurs(name) ? 'ours' : isFloor(name) ? 'floor' : 'peer'
  return again === undefined ? { name, role, result } : { name, role, result: again, first: result }
}

function groupResult({ id, scenario, title, measure }: Group, rows: readonly Row[]): GroupResult {
  const limits = gateOf(id)
  const ours = rows.find(({ role }) => role === 'ours')
  const peers: Record<string, Measured> = {}
  for (const { name, role, result } of rows) {
    if (role === 'peer' && result.kind === 'measured') peers[name] = result.metrics
  }
  const base = { id, scenario, title, measure, limits, rows }
  return ours?.result.kind === 'measured'
    ? { ...base, verdict: judge(ours.result.metrics, limits, peers) }
    : base
}
