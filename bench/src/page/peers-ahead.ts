// Finds where a peer does better than we do, from the figures alone: nobody gets to leave a line out.

import { METRIC_NAMES } from '../columns.ts'
import { number, table } from '../format.ts'
import type { Measure } from '../group.ts'
import { SAMPLE_COUNTS } from '../measure/growth.ts'
import type { GroupResult } from '../results.ts'

/** What is compared in each measure; less is better in all of it. */
const COMPARED: Readonly<Record<Measure, readonly string[]>> = {
  paired: ['ns', 'ratio', 'bytes', 'hops'],
  growth: SAMPLE_COUNTS.map((samples) => `x${samples}`),
  idle: ['bytes', 'timers', 'createUs', 'cpuMsPerS'],
  reads: ['totalsNs', 'p99Ns', 'snapshotNs'],
  rate: ['us', 'extraUs', 'rssOverMb', 'stallMs', 'missed'],
  stall: ['timeouts', 'opened'],
  probe: ['readmitMs'],
  registry: ['holdMs', 'pollMs'],
  picks: ['pickNs', 'pickBytes'],
  choices: ['pickNs', 'pickBytes'],
  rebuild: ['rebuildUs'],
  http: ['lostPercent', 'extraUs'],
  fleet: ['failedPercent', 'p50Ms', 'p99Ms', 'p999Ms'],
}

/** One metric of one group with the peers that beat us in it. */
export interface Ahead {
  readonly group: string
  readonly metric: string
  readonly ours: number
  readonly peers: readonly { readonly name: string; readonly value: number }[]
}

/** Every metric of every group in which the median of a peer is below ours, by more than the tables show. */
export function peersAhead(groups: readonly GroupResult[]): readonly Ahead[] {
  return groups.flatMap((group) => COMPARED[group.measure].flatMap((metric) => aheadIn(group, metric) ?? []))
}

/** The same as a table. */
export function renderAhead(ahead: readonly Ahead[]): string {
  const rows = ahead.map(({ group, metric, ours, peers }) => [
    group,
    nameOf(metric),
    number(ours),
    peers.map(({ name, value }) => `${name} ${number(value)}`).join(', '),
  ])
  return table([['', 'in', 'Breakwater', 'better'], ...rows])
}

function aheadIn({ id, rows }: GroupResult, metric: string): Ahead | undefined {
  const values = rows.flatMap(({ name, role, result }) => {
    const value = result.kind === 'measured' ? result.metrics[metric]?.median : undefined
    return value === undefined ? [] : [{ name, role, value }]
  })
  const ours = values.find(({ role }) => role === 'ours')?.value
  if (ours === undefined) return undefined
  const peers = values
    .filter(({ role, value }) => role === 'peer' && value < ours && number(value) !== number(ours))
    .map(({ name, value }) => ({ name, value }))
  return peers.length === 0 ? undefined : { group: id, metric, ours, peers }
}

function nameOf(metric: string): string {
  const samples = /^x(\d+)$/.exec(metric)?.[1]
  return samples === undefined
    ? (METRIC_NAMES[metric] ?? metric)
    : `x bare at ${number(Number(samples))} samples`
}
