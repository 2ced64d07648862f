/**
 * From merged cells to samples: one for each combination of label values, and the buckets, sum and count of histograms.
 */
import { sumOf } from './cells.js'
import type { HistogramCell } from './cells.js'
import type { Row, Tree } from './row.js'
import type { Series } from './roster.js'

/** Label names with their values. */
export type Labels = readonly (readonly [name: string, value: string])[]

/** One number to expose. Its labels are those of its series and these. */
export interface Sample {
  readonly suffix: '' | '_bucket' | '_sum' | '_count'
  readonly labels: Labels
  readonly value: number
}

/** The samples of the row at `index`, of one series. `buckets` are bounds in seconds, ascending. */
export function samplesOf(row: Row, index: number, series: Series, buckets: readonly number[]): Sample[] {
  const cell = series.cells[index]
  if (cell === undefined) return []
  if ('latency' in cell) return histogramSamples(cell, series.overflow ? undefined : cell.boundMs, buckets)
  const samples: Sample[] = []
  addBranch(samples, cell.tree, row.labels, [])
  return samples
}

function addBranch(samples: Sample[], tree: Tree, names: readonly string[], labels: Labels): void {
  if (typeof tree === 'number') {
    samples.push({ suffix: '', labels, value: tree })
    return
  }
  const name = String(names[labels.length])
  for (const [value, branch] of Object.entries(tree)) {
    addBranch(samples, branch, names, [...labels, [name, value]])
  }
}

function histogramSamples(
  cell: HistogramCell,
  boundMs: number | undefined,
  buckets: readonly number[],
): Sample[] {
  const { latency } = cell
  const bounds = withBound(buckets, (boundMs ?? 0) / 1000)
  const counts = latency.bucketCounts(bounds.map((bound) => bound * 1000))
  const samples: Sample[] = counts.map((count, index) => bucket(String(bounds[index]), count))
  samples.push(bucket('+Inf', latency.count))
  samples.push({ suffix: '_sum', labels: [], value: sumOf(cell) / 1000 })
  samples.push({ suffix: '_count', labels: [], value: latency.count })
  return samples
}

function bucket(le: string, value: number): Sample {
  return { suffix: '_bucket', labels: [['le', le]], value }
}

function withBound(buckets: readonly number[], bound: number): readonly number[] {
  if (!(bound > 0 && bound < Infinity) || buckets.includes(bound)) return buckets
  return [...buckets, bound].sort((a, b) => a - b)
}
