// Ours on the other lines of Node, beside the line that the rest of the page is about.

import { range, table, times } from '../format.ts'
import type { GroupResult, RunResult } from '../results.ts'

/** Ratios of ours by Node; empty without other results. */
export function renderNodes(main: RunResult, others: readonly RunResult[]): readonly string[] {
  if (others.length === 0) return []
  const runs = [...others, main].sort((one, other) => lineOf(one) - lineOf(other))
  const ids = main.groups
    .filter(
      (group) => group.measure === 'paired' && others.some((run) => oursOf(run, group.id) !== undefined),
    )
    .map(({ id }) => id)
  const header = ['x bare', ...runs.map(({ machine }) => `Node ${machine.node}`), 'limits of another Node']
  const body = ids.map((id) => [id, ...runs.map((run) => cellOf(run, id)), limitsOf(runs, id)])
  return [
    '## Other Nodes',
    'Ours only, `npm run bench:nodes`. A bare call costs less on 26, so that the same nanoseconds are a larger ratio there.',
    table([header, ...body]),
  ]
}

function lineOf({ machine }: RunResult): number {
  return Number.parseInt(machine.node, 10)
}

function oursOf({ groups }: RunResult, id: string): GroupResult['rows'][number] | undefined {
  return groups.find((group) => group.id === id)?.rows.find(({ role }) => role === 'ours')
}

function cellOf(run: RunResult, id: string): string {
  const result = oursOf(run, id)?.result
  const ratio = result?.kind === 'measured' ? result.metrics['ratio'] : undefined
  return ratio === undefined ? '–' : `${times(ratio.median)} (${range(ratio)})`
}

/** How the limits did that hold for one line of Node only. */
function limitsOf(runs: readonly RunResult[], id: string): string {
  const groups = runs.flatMap((run) =>
    run.groups.filter((group) => group.id === id && group.limits.node === lineOf(run)),
  )
  return groups
    .map(
      ({ limits, verdict }) => `${limits.line}: ${verdict?.gateHeld === true ? 'gate held' : 'gate MISSED'}`,
    )
    .join('; ')
}
