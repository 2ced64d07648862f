// Ours on the other lines of Node, beside the line that the rest of the page is about.

import { range, table, times } from '../format.ts'
import type { GroupResult, RunResult } from '../results.ts'
import type { Spread } from '../statistics.ts'

/** Ratios of ours by Node; empty without other results. */
export function renderNodes(main: RunResult, others: readonly RunResult[]): readonly string[] {
  if (others.length === 0) return []
  const runs = [...others, main].sort((one, other) => lineOf(one) - lineOf(other))
  const ids = main.groups
    .filter(
      ({ id, measure }) =>
        measure === 'paired' && others.some(({ groups }) => groups.some((one) => one.id === id)),
    )
    .map(({ id }) => id)
  const header = ['x bare', ...runs.map(({ machine }) => `Node ${machine.node}`)]
  const body = ids.map((id) => [id, ...runs.map((run) => cellOf(run, id))])
  return [
    '## Other Nodes',
    'Ours only, `npm run bench:nodes`: median (least–most), and the gate that it is held to, ✗ where it missed it, with what the same written by hand took there. A bare call costs less on 26, so that the same nanoseconds are a larger ratio there; its gates are 15 % wider for that.',
    table([header, ...body]),
  ]
}

function lineOf({ machine }: RunResult): number {
  return Number.parseInt(machine.node, 10)
}

function cellOf({ groups }: RunResult, id: string): string {
  const group = groups.find((one) => one.id === id)
  const ratio = group && ratioOf(group, ({ role }) => role === 'ours')
  if (group === undefined || ratio === undefined) return '–'
  return [`${times(ratio.median)} (${range(ratio)})`, ...gateOn(group)].join(' ')
}

function gateOn(group: GroupResult): readonly string[] {
  const limit = group.limits.gate['ratio']
  if (limit === undefined) return []
  if (group.verdict?.gateHeld === true) return [`≤ ${String(limit)}`]
  const byHand = ratioOf(group, ({ name }) => name === 'hand-written')
  return [`≤ ${String(limit)} ✗`, ...(byHand === undefined ? [] : [`by hand ${times(byHand.median)}`])]
}

function ratioOf(
  { rows }: GroupResult,
  isIt: (row: GroupResult['rows'][number]) => boolean,
): Spread | undefined {
  const result = rows.find(isIt)?.result
  return result?.kind === 'measured' ? result.metrics['ratio'] : undefined
}
