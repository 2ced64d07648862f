/**
 * The numbers of one instrument, or of several together: one cell for each row of the catalogue.
 */
import type { LatencyHistogram } from '@breakwater/kernel'
import { dictionary } from './dictionary.js'
import { OVERFLOW_LABEL } from './label-value.js'
import type { Aggregator, Readings, Row, Subject, Tree } from './row.js'

/** A histogram and the bound that its buckets have besides the common ones. */
export interface HistogramCell {
  readonly latency: LatencyHistogram
  readonly boundMs: number | undefined
  /** Of several; absent of one, whose own it is. */
  readonly sumMs?: number
}

interface NumberCell {
  readonly tree: Tree
  /** For averages. */
  readonly weight: number
}

/** By row; `undefined` where the reading has no such number. */
export type Cells = readonly (HistogramCell | NumberCell | undefined)[]

/**
 * Counters are summed up in parts of this one. Then sums are exact, and so the same in any order: rounded ones would be a last digit lower
 * when somebody leaves, which Prometheus takes for a restart, and counts the whole sum once more.
 */
const PARTS = 2 ** 20
/** Of a millisecond, of which busy processes sum up so many that finer parts would soon be too many to be counted exactly. */
const PARTS_OF_MS = 2 ** 10

/**
 * What the rows read.
 *
 * @throws TypeError when the reading does not have the shape that its type promises.
 */
export function readCells<S extends Subject>(rows: readonly Row<S>[], reading: Readings[S]): Cells {
  return rows.map((row) => {
    if (row.type === 'histogram') {
      const latency = row.read(reading)
      return isHistogram(latency) ? { latency, boundMs: row.bound?.(reading) } : misread(row)
    }
    const tree = row.read(reading)
    if (tree === undefined) return undefined
    return isTree(tree, row.labels.length) ? { tree, weight: row.weight?.(reading) ?? 1 } : misread(row)
  })
}

/** Sets of cells as one. Changes none of them. */
export function mergeCells(rows: readonly Row[], sets: readonly Cells[]): Cells {
  return rows.map((row, index) => {
    const [one, ...rest] = sets.map((set) => set[index]).filter((cell) => cell !== undefined)
    if (one === undefined || rest.length === 0) return one
    // Cells of one row are of one kind.
    if ('latency' in one) return mergeHistograms(one, rest as HistogramCell[])
    const how = row.type === 'counter' ? 'exact' : row.aggregator
    return (rest as NumberCell[]).reduce((sum, cell) => mergeNumbers(how, sum, cell), one)
  })
}

/** What remains of an instrument that is gone: its counters and histograms, as they are now. */
export function remains(rows: readonly Row[], cells: Cells): Cells {
  return rows.map((row, index) => {
    const cell = cells[index]
    if (cell === undefined || row.type === 'gauge') return undefined
    if ('latency' in cell) return { ...cell, latency: cell.latency.copy() }
    return { tree: mergeTrees(cell.tree, cell.tree, (value) => value), weight: cell.weight }
  })
}

/** What remains of members of a fleet that are in no present set is summed up: they are too many to be kept one by one. */
export function sumUpGone(rows: readonly Row[], left: Cells, present: readonly Cells[]): Cells {
  return rows.map((row, index) => {
    const cell = left[index]
    if (row.type === 'histogram' || row.ofMembers !== true || cell === undefined) return cell
    const { tree: members, weight } = cell as NumberCell
    const shown = new Set(present.flatMap((set) => membersOf(set[index])))
    const tree = dictionary<Tree>()
    for (const [member, branch] of Object.entries(members as Exclude<Tree, number>)) {
      const label = shown.has(member) ? member : OVERFLOW_LABEL
      const known = tree[label]
      tree[label] = known === undefined ? branch : mergeTrees(known, branch, exactSum)
    }
    return { tree, weight }
  })
}

function membersOf(cell: Cells[number]): readonly string[] {
  return Object.keys((cell as NumberCell | undefined)?.tree ?? {})
}

function mergeHistograms(one: HistogramCell, rest: readonly HistogramCell[]): HistogramCell {
  const latency = one.latency.copy()
  let boundMs = one.boundMs ?? 0
  let sumMs = sumOf(one)
  for (const cell of rest) {
    latency.merge(cell.latency)
    boundMs = Math.max(boundMs, cell.boundMs ?? 0)
    sumMs = exactSum(sumMs, sumOf(cell), PARTS_OF_MS)
  }
  return { latency, boundMs, sumMs }
}

/** In milliseconds. */
export function sumOf({ latency, sumMs = latency.sumMs }: HistogramCell): number {
  return sumMs
}

/** Rounded up, so that nothing falls when what was shown alone becomes a part of a sum. */
function exactSum(one: number, other: number, parts = PARTS): number {
  return (Math.ceil(one * parts) + Math.ceil(other * parts)) / parts
}

function mergeNumbers(how: Aggregator | 'exact', a: NumberCell, b: NumberCell): NumberCell {
  const weight = a.weight + b.weight
  switch (how) {
    case 'exact':
      return { tree: mergeTrees(a.tree, b.tree, exactSum), weight }
    case 'sum':
      return { tree: mergeTrees(a.tree, b.tree, (one, other) => one + other), weight }
    case 'max':
      return { tree: mergeTrees(a.tree, b.tree, Math.max), weight }
    case 'min':
      return { tree: mergeTrees(a.tree, b.tree, Math.min), weight }
    case 'average': {
      const mean = (one: number, other: number): number => (one * a.weight + other * b.weight) / weight
      return weight === 0 ? a : { tree: mergeTrees(a.tree, b.tree, mean), weight }
    }
  }
}

function mergeTrees(a: Tree, b: Tree, combine: (one: number, other: number) => number): Tree {
  // Trees of one row are equally deep.
  if (typeof a === 'number') return combine(a, b as number)
  const merged = dictionary<Tree>()
  for (const [value, branch] of Object.entries(a)) merged[value] = branch
  for (const [value, branch] of Object.entries(b as Exclude<Tree, number>)) {
    const known = merged[value]
    merged[value] = known === undefined ? branch : mergeTrees(known, branch, combine)
  }
  return merged
}

function isTree(tree: unknown, depth: number): boolean {
  if (depth === 0) return typeof tree === 'number' && !Number.isNaN(tree)
  if (typeof tree !== 'object' || tree === null) return false
  return Object.values(tree).every((branch) => isTree(branch, depth - 1))
}

// Not `instanceof`: the instrument may come from the other copy of the kernel (ESM or CommonJS).
function isHistogram(value: Partial<LatencyHistogram> | undefined): value is LatencyHistogram {
  const { bucketCounts, copy, merge } = value ?? {}
  return [bucketCounts, copy, merge].every((method) => typeof method === 'function')
}

function misread(row: Row): never {
  throw new TypeError(`an instrument has no number for ${row.name}`)
}
