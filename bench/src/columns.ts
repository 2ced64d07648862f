// What the tables show of each measure.

import { number, range, times } from './format.ts'
import type { Measure } from './group.ts'
import { SAMPLE_COUNTS } from './measure/growth.ts'
import type { Spread } from './statistics.ts'

type Metrics = Readonly<Record<string, Spread>>

/** One column of a table. */
export interface Column {
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

const READS: readonly Column[] = [
  { title: 'totals ns', cell: ({ totalsNs }) => spreadOf(totalsNs) },
  { title: 'p99 ns', cell: ({ p99Ns }) => spreadOf(p99Ns) },
  { title: 'snapshot ns', cell: ({ snapshotNs }) => spreadOf(snapshotNs) },
  { title: 'an exporter reads ns', cell: ({ scrapeNs }) => spreadOf(scrapeNs) },
]

const RATE: readonly Column[] = [
  { title: 'CPU µs a call', cell: ({ us }) => spreadOf(us) },
  { title: 'over bare', cell: ({ extraUs }) => spreadOf(extraUs) },
  { title: 'x bare', cell: ({ ratio }) => times(ratio?.median) },
  { title: 'RSS over bare MB', cell: ({ rssOverMb }) => number(rssOverMb?.median) },
  { title: 'longest stall ms', cell: ({ stallMs }) => number(stallMs?.median) },
  { title: 'calls not made', cell: ({ missed }) => `${number((missed?.median ?? Number.NaN) * 100)} %` },
]

const STALL: readonly Column[] = [
  { title: 'answered', cell: ({ answered }) => number(answered?.median) },
  { title: 'told as timeout', cell: ({ timeouts }) => number(timeouts?.median) },
  { title: 'breaker', cell: ({ opened }) => (opened?.median === 0 ? 'stays closed' : 'opens') },
]

const PROBE: readonly Column[] = [
  { title: 'trials lost', cell: ({ trials }) => number(trials?.median) },
  {
    title: 'calls admitted again',
    cell: ({ readmitMs, watchedMs }) =>
      readmitMs === undefined
        ? `not in the ${number((watchedMs?.median ?? Number.NaN) / 1_000)} s that were watched`
        : `after ${number(readmitMs.median / 1_000)} s`,
  },
  { title: 'calls never answered', cell: ({ unanswered }) => number(unanswered?.median) },
]

const REGISTRY: readonly Column[] = [
  { title: 'longest hold of the loop ms', cell: ({ holdMs }) => spreadOf(holdMs) },
  { title: 'of the first fetch ms', cell: ({ firstHoldMs }) => spreadOf(firstHoldMs) },
  { title: 'a poll ms', cell: ({ pollMs }) => spreadOf(pollMs) },
  { title: 'heap B a poll', cell: ({ heapBytesAPoll }) => spreadOf(heapBytesAPoll) },
  { title: 'a lookup ns', cell: ({ lookupNs }) => spreadOf(lookupNs) },
]

const PICKS: readonly Column[] = [
  { title: 'ns', cell: ({ pickNs }) => spreadOf(pickNs) },
  { title: 'B', cell: ({ pickBytes }) => number(pickBytes?.median) },
]

const REBUILD: readonly Column[] = [{ title: 'µs', cell: ({ rebuildUs }) => spreadOf(rebuildUs) }]

const HTTP: readonly Column[] = [
  { title: 'requests a second', cell: ({ perSecond }) => spreadOf(perSecond) },
  { title: '% lost of bare', cell: ({ lostPercent }) => spreadOf(lostPercent) },
  { title: 'CPU µs a request', cell: ({ us }) => spreadOf(us) },
  { title: 'over bare', cell: ({ extraUs }) => spreadOf(extraUs) },
]

const FLEET: readonly Column[] = [
  { title: '% failed or too late', cell: ({ failedPercent }) => spreadOf(failedPercent) },
  { title: 'p50 ms', cell: ({ p50Ms }) => spreadOf(p50Ms) },
  { title: 'p99 ms', cell: ({ p99Ms }) => spreadOf(p99Ms) },
  { title: 'p99.9 ms', cell: ({ p999Ms }) => spreadOf(p999Ms) },
]

/** The columns of each measure. */
export const COLUMNS: Readonly<Record<Measure, readonly Column[]>> = {
  paired: PAIRED,
  growth: GROWTH,
  idle: IDLE,
  reads: READS,
  rate: RATE,
  stall: STALL,
  probe: PROBE,
  registry: REGISTRY,
  picks: PICKS,
  choices: PICKS,
  rebuild: REBUILD,
  http: HTTP,
  fleet: FLEET,
}

/** Metrics in words, for verdicts. */
export const METRIC_NAMES: Readonly<Record<string, string>> = {
  ratio: 'x bare',
  bytes: 'B',
  hops: 'hops',
  timers: 'timers',
  cpuMsPerS: 'ms CPU/s',
  createUs: 'µs to create',
  deviation: 'deviation',
  us: 'µs CPU',
  extraUs: 'extra µs CPU',
  missed: 'share of calls not made',
  rssOverMb: 'MB RSS over bare',
  stallMs: 'ms of the longest stall',
  stallOverMs: 'ms stall over bare',
  totalsNs: 'ns for totals',
  p99Ns: 'ns for p99',
  snapshotNs: 'ns for a snapshot',
  timeouts: 'timeouts',
  opened: 'breakers opened',
  readmitMs: 'ms until calls are admitted',
  holdMs: 'ms of the longest hold',
  firstHoldMs: 'ms of the longest hold of the first fetch',
  pollMs: 'ms a poll',
  heapBytesAPoll: 'B of heap a poll',
  lookupNs: 'ns a lookup',
  perSecond: 'requests a second',
  lostPercent: '% of the requests a second lost',
  failedPercent: '% of the requests failed',
  p50Ms: 'ms p50',
  p99Ms: 'ms p99',
  p999Ms: 'ms p99.9',
  pickNs: 'ns a pick',
  pickBytes: 'B a pick',
  rebuildUs: 'µs a changed list',
}

function spreadOf(spread: Spread | undefined): string {
  return spread === undefined ? '–' : `${number(spread.median)} (${range(spread)})`
}
