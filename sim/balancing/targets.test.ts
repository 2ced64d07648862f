/**
 * The targets of `npm run sim:balancing`, with one seed, fewer rows and fewer rivals. The whole matrix is the command's; these are the rows that earlier
 * versions missed, and one of each kind.
 */
import { describe, expect, test } from 'vitest'
import { CONTESTANTS, OURS } from './contestants.ts'
import { run } from './run.ts'
import { judge } from './judge.ts'
import type { RowResult } from './judge.ts'
import { metricsOf } from './metrics.ts'
import { rowOf } from './rows.ts'

const SEED = 1
/** Those that are ever the best where it counts. */
const RIVALS = ['leastRequest', 'peakEwma', OURS]

function resultOf(id: string): RowResult {
  const row = rowOf(id)
  const results = CONTESTANTS.filter(({ name }) => RIVALS.includes(name)).map(
    (contestant) => [contestant.name, metricsOf(row, run(row, contestant, SEED))] as const,
  )
  return { id, title: row.title, results: Object.fromEntries(results) }
}

describe('the targets hold', () => {
  test.each(['buoyant', 'pauses 20', 'one-slow 400', 'fast-fail 20'])(
    'for %s',
    { timeout: 120_000 },
    (id) => {
      const findings = judge([resultOf(id)])

      expect(findings.length).toBeGreaterThan(0)
      expect(findings.filter(({ holds }) => !holds)).toEqual([])
    },
  )

  test.each(['slow-503', 'drastic-slowdown', 'black-hole', 'live-reload', 'fast-400-held', 'all-500'])(
    "for Dialogue's %s",
    { timeout: 120_000 },
    (id) => {
      const findings = judge([resultOf(`dialogue ${id}`)])

      expect(findings.length).toBeGreaterThan(0)
      expect(findings.filter(({ holds }) => !holds)).toEqual([])
    },
  )
})

test('a target that is missed is found', () => {
  const { results, ...row } = resultOf('buoyant')
  const ours = results[OURS]!

  const findings = judge([{ ...row, results: { [OURS]: { ...ours, underSecondPercent: 99 } } }])

  expect(findings.filter(({ holds }) => !holds).map(({ what }) => what)).toEqual([
    'Buoyant: calls under a second',
  ])
})

test('one seed gives one trace, to the digit', () => {
  const row = rowOf('dialogue short-outage')
  const [once, again, other] = [1, 1, 2].map((seed) => metricsOf(row, run(row, CONTESTANTS[0]!, seed)))

  expect(again).toEqual(once)
  expect(other).not.toEqual(once)
})
