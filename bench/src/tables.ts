// Draws results as Markdown whose columns are also aligned, so that the same text is read in the terminal and on a page.

import { COLUMNS, METRIC_NAMES } from './columns.ts'
import type { Column } from './columns.ts'
import { number, table, times } from './format.ts'
import type { GroupResult, Row, RunResult } from './results.ts'
import type { Held, PeerShare, Verdict } from './verdict.ts'

/** The whole run as one Markdown page. */
export function renderRun(run: RunResult): string {
  return [
    '# What a call costs',
    ...renderMachine(run),
    'Ratios are paired with the bare call in the same process and are the numbers to compare; ns drift with the machine. Method and limits: `bench/README.md`.',
    ...run.groups.map(renderGroup),
    `## Summary\n\n${renderSummary(run.groups)}`,
    '',
  ].join('\n\n')
}

/** What was measured where: machine and Node, then rounds and versions. */
export function renderMachine({ machine, rounds, quick }: RunResult): readonly string[] {
  const versions = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`)
  return [
    `${machine.date} · Node ${machine.node} (V8 ${machine.v8}) · ${machine.cpu}, ${machine.cores} cores, ${machine.platform}`,
    `${rounds} round${rounds === 1 ? '' : 's'} per case${quick ? ', quick: short segments, for a first look only' : ''}. ${versions.join(', ')}.`,
  ]
}

/** One group: heading, table, and how ours did. */
export function renderGroup(group: GroupResult): string {
  const columns = COLUMNS[group.measure]
  const header = ['', ...columns.map(({ title }) => title)]
  const body = group.rows.map((row) => [label(row), ...cells(row, columns)])
  const missing = group.rows.flatMap(({ name, result }) =>
    result.kind === 'failed' ? [`- ${name} was not measured: ${result.reason}`] : [],
  )
  const notes = [...missing, renderVerdict(group)].join('\n')
  return [`## ${group.id}: ${group.title}`, table([header, ...body]), notes].join('\n\n')
}

function label({ name, role }: Row): string {
  return role === 'ours' ? `**${name}**` : role === 'floor' ? `_${name}_` : name
}

function cells({ result }: Row, columns: readonly Column[]): readonly string[] {
  if (result.kind === 'failed') return ['not measured', ...columns.slice(1).map(() => '')]
  return columns.map(({ cell }) => cell(result.metrics))
}

function renderVerdict({ verdict, limits, rows }: GroupResult): string {
  if (verdict === undefined) return `- limits for ours: ${limits.line}`
  const shares =
    verdict.peers.length > 0 ? [`- beside peers: ${verdict.peers.map(renderShare).join(', ')}`] : []
  if (isForAnotherNode(verdict, limits))
    return [`- not judged, because its limits are for another Node: ${limits.line}`, ...shares].join('\n')
  const repeated = rows.some(({ first }) => first !== undefined)
    ? ' (measured a second time, with more rounds)'
    : ''
  return [
    `- gate${repeated}: ${verdict.gate.map(renderHeld).join(', ') || 'none'}: **${gateWord(verdict)}**`,
    `- moonshot: ${verdict.moonshot.map(renderHeld).join(', ') || 'none'}: **${moonshotWord(verdict)}**`,
    ...shares,
  ].join('\n')
}

function isForAnotherNode({ gate, moonshot }: Verdict, limits: GroupResult['limits']): boolean {
  return limits.node !== undefined && gate.length === 0 && moonshot.length === 0
}

/** All groups in one table. */
export function renderSummary(groups: readonly GroupResult[]): string {
  const rows = groups.map(({ id, verdict, limits }) => [
    id,
    ...words(verdict, limits),
    verdict?.peers.map(renderShare).join(', ') ?? '',
  ])
  return table([['', 'gate', 'moonshot', 'share of peers (target)'], ...rows])
}

function words(verdict: Verdict | undefined, limits: GroupResult['limits']): readonly [string, string] {
  if (verdict === undefined) return ['not measured', '']
  if (isForAnotherNode(verdict, limits)) return [`for Node ${limits.node}`, '']
  return [gateWord(verdict), moonshotWord(verdict)]
}

function gateWord({ gate, gateHeld }: Verdict): string {
  if (gate.length === 0) return 'no gate'
  return gateHeld ? 'gate held' : 'gate MISSED'
}

function moonshotWord({ moonshot, moonshotAway }: Verdict): string {
  if (moonshot.length === 0) return 'no moonshot'
  // Not by the distance, which is no number in JSON when a metric is missing.
  return moonshot.every(({ held }) => held) ? 'moonshot reached' : `${times(moonshotAway)} away`
}

function renderHeld({ metric, peer, limit, value, held }: Held): string {
  const known = Number.isFinite(value) ? number(value) : 'unknown'
  const unit = `${METRIC_NAMES[metric] ?? metric}${peer === undefined ? '' : ` of ${peer}`}`
  return `${known} of at most ${number(limit)} ${unit}${held ? '' : ' ✗'}`
}

function renderShare({ peer, metric, target, share, reached }: PeerShare): string {
  const what = metric === 'ratio' ? '' : ` ${METRIC_NAMES[metric] ?? metric}`
  return `${share.toFixed(3)} of ${peer}${what} (≤ ${target}${reached ? '' : ' ✗'})`
}
