/**
 * The targets of `npm run sim:balancing`, with one seed, fewer rows and fewer rivals. The whole matrix is the command's; these are the rows that earlier
 * versions missed, and one of each kind.
 */
import { describe, expect, test } from 'vitest'
import { CONTESTANTS, OURS } from './contestants.ts'
import { run } from './run.ts'
import { exitCodeOf, judge } from './judge.ts'
import type { Finding, RowResult } from './judge.ts'
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
  test.each(['buoyant', 'pauses 20', 'one-slow 400', 'fast-fail 20', 'slow-then-well 400', 'stale-list 20'])(
    'for %s',
    { timeout: 120_000 },
    (id) => {
      const findings = judge([resultOf(id)])

      expect(findings.length).toBeGreaterThan(0)
      expect(findings.filter(({ holds }) => !holds)).toEqual([])
      expect(exitCodeOf(findings)).toBe(0)
    },
  )

  test.each([
    'simplest',
    'slow-503',
    'short-outage',
    'drastic-slowdown',
    'black-hole',
    'live-reload',
    'fast-400-held',
    'all-500-limited',
    'overload-limited',
    'one-endpoint-dies-apart',
  ])("for Dialogue's %s", { timeout: 120_000 }, (id) => {
    const findings = judge([resultOf(`dialogue ${id}`)])

    expect(findings.length).toBeGreaterThan(0)
    expect(findings.filter(({ holds }) => !holds)).toEqual([])
  })

  test.each([
    ['fast-fail 400', ['errorPercent']],
    ['zone-loss 400', ['p99']],
    ['dialogue all-500', ['errorPercent']],
  ] as const)(
    'for %s, but for what nobody can meet or others pay for',
    { timeout: 120_000 },
    (id, metrics) => {
      const findings = judge([resultOf(id)])
      const missed = findings.filter(({ holds }) => !holds)

      expect(findings.length).toBeGreaterThan(missed.length)
      expect(missed.map(({ metric }) => metric)).toEqual(metrics)
      expect(missed.every(({ reason }) => reason !== undefined)).toBe(true)
      // Missed all the same: the command fails.
      expect(exitCodeOf(findings)).toBe(1)
    },
  )
})

test(
  'one of two that answers only 400 keeps about a fair share of the time in which it does, and no more',
  { timeout: 60_000 },
  () => {
    const ours = resultOf('dialogue fast-400').results[OURS]!

    expect(ours.errorPercent).toBeGreaterThan(20)
    expect(ours.errorPercent).toBeLessThan(24)
  },
)

test('a target that is missed is found', { timeout: 120_000 }, () => {
  const { results, ...row } = resultOf('buoyant')
  const ours = results[OURS]!

  const findings = judge([{ ...row, results: { [OURS]: { ...ours, underSecondPercent: 99 } } }])

  expect(findings.filter(({ holds }) => !holds).map(({ what }) => what)).toEqual([
    'Buoyant: calls under a second',
  ])
  expect(exitCodeOf(findings)).toBe(1)
})

describe('beside a known strategy that has a lower p99, the target is missed', () => {
  const { results, ...row } = resultOf('homogeneous-0.7 20')
  const ours = results[OURS]!
  const besideRival = (errorPercent: number): Finding[] =>
    judge([
      { ...row, results: { [OURS]: ours, roundRobin: { ...ours, p99: ours.p99 / 2, errorPercent } } },
    ]).filter(({ metric }) => metric === 'p99')

  test('without a reason where that one fails no more calls', () => {
    expect(besideRival(0)).toMatchObject([{ holds: false }])
    expect(besideRival(0)[0]).not.toHaveProperty('reason')
  })

  test('with one where it fails more', () => {
    expect(besideRival(35)).toMatchObject([
      { holds: false, reason: expect.stringContaining('fails more') as string },
    ])
  })
})

test('one seed gives one trace, to the digit', () => {
  const row = rowOf('dialogue short-outage')
  const [once, again, other] = [1, 1, 2].map((seed) => metricsOf(row, run(row, CONTESTANTS[0]!, seed)))

  expect(again).toEqual(once)
  expect(other).not.toEqual(once)
})
