// The report as a page.

import { CONTESTANTS, OURS } from './contestants.ts'
import { short } from './judge.ts'
import type { Finding, RowResult } from './judge.ts'
import type { Metrics } from './metrics.ts'
import { publishedOf } from './rows.ts'

/** A run, as it is kept. */
export interface Report {
  readonly command: string
  readonly seeds: readonly number[]
  readonly rows: readonly RowResult[]
  readonly findings: readonly Finding[]
}

const names = CONTESTANTS.map(({ name }) => name)

export function renderReport({ command, seeds, rows, findings }: Report): string {
  const missed = findings.filter(({ holds }) => !holds)
  return [
    '# Balancing on a virtual clock',
    `\`${command}\`, seeds ${seeds.join(', ')}; each number is the median of the runs with them. A simulation: no network, no connections, no event loop. It repeats to the digit.`,
    'Our fleets: 20 servers of 4 slots with a queue each, lognormal work of 10 ms on average (σ 1), arrivals at random whatever the answers. Latencies in milliseconds of calls that did not fail; calls that never ended count with their age. Errors are those of the bad time, where there is one.',
    `## Targets: ${String(findings.length - missed.length)} of ${String(findings.length)} hold`,
    'What is missed comes first, with the reason where there is one; then what is no comparison.',
    table(
      ['', 'row', 'what', 'found', 'wanted', 'why missed'],
      [...missed, ...findings.filter(({ what, holds }) => holds && !what.includes('beside'))].map(
        (finding) => [
          finding.holds ? 'held' : '**missed**',
          finding.row,
          finding.what,
          short(finding.found),
          finding.wanted,
          finding.reason ?? '',
        ],
      ),
    ),
    '## p99 / p99.9',
    perRow(fleets(rows), (metrics) => `${short(metrics.p99)} / ${short(metrics.p999)}`),
    '## p50 / p90',
    perRow(fleets(rows), (metrics) => `${short(metrics.p50)} / ${short(metrics.p90)}`),
    '## Errors in percent, attempts per call',
    perRow(fleets(rows), (metrics) => `${short(metrics.errorPercent)}, ${short(metrics.attemptsPerCall)}`),
    '## Bad servers: share of a fair share in percent; milliseconds to see it, and to come back',
    perRow(
      fleets(rows).filter(({ results }) => results[OURS]?.badSharePercent !== undefined),
      ({ badSharePercent, detectMs, restoreMs }) =>
        `${short(badSharePercent ?? 0)}; ${short(detectMs ?? 0)}${restoreMs === undefined ? '' : `, ${short(restoreMs)}`}`,
    ),
    '## Most loaded server, over the mean',
    perRow(fleets(rows), ({ maxOverMean }) => short(maxOverMean)),
    "## Dialogue's scenarios: successes in percent, mean in milliseconds",
    'Published: its `ROUND_ROBIN` with concurrency limits, the same without, `PIN_UNTIL_ERROR`; of `simulation/src/test/resources/report.md` in palantir/dialogue. Its limits queue calls; ours do in the rows that say so.',
    dialogue(rows),
    '',
  ].join('\n\n')
}

const fleets = (rows: readonly RowResult[]): readonly RowResult[] =>
  rows.filter(({ id }) => !id.startsWith('dialogue'))

function perRow(rows: readonly RowResult[], cell: (metrics: Metrics) => string): string {
  return table(
    ['row (clients)', 'what', ...names],
    rows.map(({ id, title, results }) => [
      id,
      title,
      ...names.map((name) => {
        const metrics = results[name]
        return metrics === undefined ? '–' : cell(metrics)
      }),
    ]),
  )
}

function dialogue(rows: readonly RowResult[]): string {
  return table(
    ['scenario', 'what', 'limited', 'unlimited', 'pinned', ...names],
    rows.flatMap(({ id, title, results }) => {
      const published = publishedOf(id)
      if (published === undefined) return []
      const theirs = [published.roundRobin, published.unlimited, published.pinned].map(
        ({ successPercent, meanMs }) => `${short(successPercent)}, ${short(meanMs ?? 0)}`,
      )
      const ours = names.map((name) => {
        const metrics = results[name]
        return metrics === undefined ? '–' : `${short(100 - metrics.errorPercent)}, ${short(metrics.meanMs)}`
      })
      return [[id.slice('dialogue '.length), title, ...theirs, ...ours]]
    }),
  )
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
