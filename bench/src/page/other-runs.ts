// Ours on the other lines of Node and on other processors, beside those that the rest of the page is about.

import { range, table, times } from '../format.ts'
import type { GroupResult, RunResult } from '../results.ts'
import type { Spread } from '../statistics.ts'

const CELLS =
  'median (least–most), and the gate that it is held to, ✗ where it missed it, with what the same written by hand took there'

/** Ratios of ours by Node; empty without other results. */
export function renderNodes(main: RunResult, others: readonly RunResult[]): readonly string[] {
  if (others.length === 0) return []
  const runs = [...others, main].sort((one, other) => lineOf(one) - lineOf(other))
  return [
    '## Other Nodes',
    `Ours only, \`npm run bench:nodes\`: ${CELLS}. A bare call costs less on 26, so that the same nanoseconds are a larger ratio there; its gates are 15 % wider for that.`,
    ratios(main, runs, ({ machine }) => `Node ${machine.node}`),
  ]
}

/** Ratios of ours by processor; empty without other results. */
export function renderProcessors(main: RunResult, others: readonly RunResult[]): readonly string[] {
  if (others.length === 0) return []
  return [
    '## Other processors',
    `Ours only, \`npm run bench -- S1 S2 S3 S4 S5 S6 S7 S8 S14 S15 --no-peers --rounds 5 --into processor-NAME\`: ${CELLS}.`,
    ratios(main, [main, ...others], ({ machine }) => machine.cpu),
  ]
}

/** A row for each scenario that another run has too. */
function ratios(main: RunResult, runs: readonly RunResult[], nameOf: (run: RunResult) => string): string {
  const others = runs.filter((run) => run !== main)
  const ids = main.groups
    .filter(
      ({ id, measure }) =>
        measure === 'paired' && others.some(({ groups }) => groups.some((one) => one.id === id)),
    )
    .map(({ id }) => id)
  return table([
    ['x bare', ...runs.map(nameOf)],
    ...ids.map((id) => [id, ...runs.map((run) => cellOf(run, id))]),
  ])
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
  const byHand = ratioOf(group, ({ role }) => role === 'floor')
  return [`≤ ${String(limit)} ✗`, ...(byHand === undefined ? [] : [`by hand ${times(byHand.median)}`])]
}

function ratioOf(
  { rows }: GroupResult,
  isIt: (row: GroupResult['rows'][number]) => boolean,
): Spread | undefined {
  const result = rows.find(isIt)?.result
  return result?.kind === 'measured' ? result.metrics['ratio'] : undefined
}
