import { LatencyHistogram } from '@breakwater/kernel'
import type { BulkheadReading } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { mergeCells, readCells, remains, sumOf, sumUpGone } from './cells.js'
import type { HistogramCell } from './cells.js'
import { OVERFLOW_LABEL } from './label-value.js'
import type { Row } from './row.js'
import { BULKHEAD_ROWS } from './rows/bulkhead-rows.js'

const reading = (changes: object): BulkheadReading => ({
  active: 0,
  limit: 0,
  queueSize: 0,
  queueLimit: 0,
  rejections: { concurrency: 0, queue_full: 0, queue_timeout: 0 },
  queueWait: new LatencyHistogram(),
  ...changes,
})

test.each([
  ['bulkhead_active', { active: '1' }],
  ['bulkhead_limit', { limit: NaN }],
  ['bulkhead_rejections_total', { rejections: null }],
  ['bulkhead_rejections_total', { rejections: 5 }],
  ['bulkhead_rejections_total', { rejections: { queue_full: '1' } }],
  ['bulkhead_queue_wait_seconds', { queueWait: undefined }],
  ['bulkhead_queue_wait_seconds', { queueWait: { bucketCounts: () => [], copy: () => undefined } }],
])('says that %s is missing where the reading is %o', (name, changes) => {
  const misreading = new TypeError(`an instrument has no number for ${name}`)

  expect(() => readCells(BULKHEAD_ROWS, reading(changes))).toThrow(misreading)
})

test('remembers nothing of a counter that was not there', () => {
  const row: Row = {
    name: 'a_total',
    type: 'counter',
    help: 'Help.',
    labels: [],
    aggregator: 'sum',
    read: () => undefined,
  }

  expect(remains([row], [undefined])).toEqual([undefined])
})

test('keeps the larger bound of two histograms, or the only one', () => {
  const row = BULKHEAD_ROWS.find(({ type }) => type === 'histogram') as Row
  const cell = (boundMs: number | undefined) => [{ latency: new LatencyHistogram(), boundMs }]
  const merged = (one: number | undefined, other: number | undefined): unknown =>
    mergeCells([row], [cell(one), cell(other)])[0]

  expect(merged(200, 300)).toMatchObject({ boundMs: 300 })
  expect(merged(200, undefined)).toMatchObject({ boundMs: 200 })
  expect(merged(undefined, 200)).toMatchObject({ boundMs: 200 })
})

test('sums up latencies of months to the same in any order', () => {
  const rows = [{ type: 'histogram' }] as never
  const cellOf = (sumMs: number): HistogramCell => ({
    latency: new LatencyHistogram(),
    boundMs: undefined,
    sumMs,
  })
  const summedUp = (...sums: readonly number[]): number => {
    const [merged] = mergeCells(
      rows,
      sums.map((sumMs) => [cellOf(sumMs)]),
    )
    return sumOf(merged as HistogramCell)
  }
  const sums = [8493378164.942087, 9857399919.469563, 8551512715.197872] as const

  expect(summedUp(...sums)).toBeCloseTo(26902290799.6095, 2)
  expect(summedUp(sums[2], sums[0], sums[1])).toBe(summedUp(...sums))
})

test('sums up members that are gone, in any order, also beside fleets that have no number for the row', () => {
  const row: Row = {
    name: 'a_total',
    type: 'counter',
    help: 'Help.',
    labels: ['member'],
    ofMembers: true,
    aggregator: 'sum',
    read: () => undefined,
  }
  const cellsOf = (tree: object): never => [{ tree, weight: 1 }] as never
  const summedUp = (...gone: readonly number[]): unknown => {
    const left = Object.fromEntries(gone.map((value, index) => [`gone ${String(index)}`, value]))
    return sumUpGone([row], cellsOf({ stays: 1, ...left }), [cellsOf({ stays: 5 }), [undefined]])
  }

  expect(summedUp(0.1, 0.2, 0.3)).toEqual([
    { tree: { stays: 1, [OVERFLOW_LABEL]: expect.closeTo(0.6, 5) as number }, weight: 1 },
  ])
  expect(summedUp(0.3, 0.2, 0.1)).toEqual(summedUp(0.1, 0.2, 0.3))
})
