// Draws results as Markdown whose columns are also aligned, so that the same text is read in the terminal and on a page.

import { SAMPLE_COUNTS } from './measure/growth.ts'
import type { GroupResult, Row, RunResult } from './results.ts'
import type { Spread } from './statistics.ts'
import type { Held, PeerShare, Verdict } from './verdict.ts'

type Metrics = Readonly<Record<string, Spread>>

interface Column {
  readonly title: string
  readonly cell: (metrics: Metrics) => string
}

const PAIRED: readonly Column[] = [
  { title: 'ns', cell: ({ ns }) => number(ns?.median) },
  {
    title: 'x bare (min–max)',
    cell: ({ ratio }) => (ratio === undefined ? '' : `${times(ratio.median)} (${range(ratio)})`),
  },
  { title: 'B over bare', cell: ({ bytes }) => number(bytes?.median) },
  { title: 'hops', cell: ({ hops }) => (hops === undefined ? '–' : number(hops.median)) },
]

const GROWTH: readonly Column[] = [
  ...SAMPLE_COUNTS.map((samples) => ({
    title: `${samples} samples`,
    cell: (metrics: Metrics) =>
      `${times(metrics[`x${samples}`]?.median)} · ${number(metrics[`ns${samples}`]?.median)} ns`,
  })),
  { title: 'deviation', cell: ({ deviation }) => `±${number((deviation?.median ?? Number.NaN) * 100)} %` },
]

const IDLE: readonly Column[] = [
  {
    title: 'heap B each',
    cell: ({ bytes }) => (bytes === undefined ? '' : `${number(bytes.median)} (${range(bytes)})`),
  },
  { title: 'timers each', cell: ({ timers }) => number(timers?.median) },
  { title: 'create µs', cell: ({ createUs }) => number(createUs?.median) },
  {
    title: 'idle CPU ms/s',
    cell: ({ cpuMsPerS }) =>
      cpuMsPerS === undefined ? '' : `${number(cpuMsPerS.median)} (${range(cpuMsPerS)})`,
  },
]

const COLUMNS = { paired: PAIRED, growth: GROWTH, idle: IDLE }

const METRIC_NAMES: Readonly<Record<string, string>> = {
  ratio: 'x bare',
  bytes: 'B',
  hops: 'hops',
  timers: 'timers',
  cpuMsPerS: 'ms CPU/s',
  createUs: 'µs to create',
  deviation: 'deviation',
}

/** The whole run as one Markdown page. */
export function renderRun({ machine, rounds, quick, groups }: RunResult): string {
  const versions = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`)
  return [
    '# What a call costs',
    `${machine.date} · Node ${machine.node} (V8 ${machine.v8}) · ${machine.cpu}, ${machine.cores} cores, ${machine.platform}`,
    `${rounds} round${rounds === 1 ? '' : 's'} per case${quick ? ', quick: short segments, for a first look only' : ''}. ${versions.join(', ')}.`,
    'Ratios are paired with the bare call in the same process and are the numbers to compare; ns drift with the machine. Method and limits: `bench/README.md`.',
    ...groups.map(renderGroup),
    renderSummary(groups),
    '',
  ].join('\n\n')
}

function renderGroup(group: GroupResult): string {
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
  const repeated = rows.some(({ first }) => first !== undefined)
    ? ' (measured a second time, with more rounds)'
    : ''
  const lines = [
    `- gate${repeated}: ${verdict.gate.map(renderHeld).join(', ') || 'none'}: **${gateWord(verdict)}**`,
    `- moonshot: ${verdict.moonshot.map(renderHeld).join(', ')}: **${moonshotWord(verdict)}**`,
  ]
  if (verdict.peers.length > 0) lines.push(`- beside peers: ${verdict.peers.map(renderShare).join(', ')}`)
  return lines.join('\n')
}

function renderSummary(groups: readonly GroupResult[]): string {
  const rows = groups.map(({ id, verdict }) => [
    id,
    verdict === undefined ? 'not measured' : gateWord(verdict),
    verdict === undefined ? '' : moonshotWord(verdict),
    verdict?.peers.map(renderShare).join(', ') ?? '',
  ])
  return `## Summary\n\n${table([['', 'gate', 'moonshot', 'share of peers (target)'], ...rows])}`
}

function gateWord({ gate, gateHeld }: Verdict): string {
  if (gate.length === 0) return 'no gate'
  return gateHeld ? 'gate held' : 'gate MISSED'
}

function moonshotWord({ moonshotAway }: Verdict): string {
  return moonshotAway <= 1 ? 'moonshot reached' : `${times(moonshotAway)} away`
}

function renderHeld({ metric, limit, value, held }: Held): string {
  const known = Number.isFinite(value) ? number(value) : 'unknown'
  return `${known} of at most ${number(limit)} ${METRIC_NAMES[metric] ?? metric}${held ? '' : ' ✗'}`
}

function renderShare({ peer, metric, target, share, reached }: PeerShare): string {
  const what = metric === 'ratio' ? '' : ` ${METRIC_NAMES[metric] ?? metric}`
  return `${share.toFixed(3)} of ${peer}${what} (≤ ${target}${reached ? '' : ' ✗'})`
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const [header = [], ...body] = rows
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

function times(value: number | undefined): string {
  return `x${number(value)}`
}

function range({ min, max }: Spread): string {
  return `${number(min)}–${number(max)}`
}

/** Three significant digits while they mean something, then whole numbers. */
function number(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return '∞'
  const size = Math.abs(value)
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2
  // A tiny negative difference of two medians is zero, not "-0".
  const text = value.toFixed(digits)
  return Number(text) === 0 ? '0' : Number(text).toLocaleString('en-US', { minimumFractionDigits: digits })
}
