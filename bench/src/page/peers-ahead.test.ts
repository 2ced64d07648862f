import { describe, expect, it } from 'vitest'
import type { GroupResult, Row } from '../results.ts'
import { peersAhead, renderAhead } from './peers-ahead.ts'

describe('peersAhead', () => {
  it('finds each number of a peer that is below ours', () => {
    const group = paired(row('breakwater', 'ours', { ns: 100, bytes: 50 }), [
      row('quick', 'peer', { ns: 90, bytes: 60 }),
      row('slow', 'peer', { ns: 110, bytes: 40 }),
    ])

    expect(peersAhead([group])).toEqual([
      { group: 'S1', metric: 'ns', ours: 100, peers: [{ name: 'quick', value: 90 }] },
      { group: 'S1', metric: 'bytes', ours: 50, peers: [{ name: 'slow', value: 40 }] },
    ])
  })

  it('leaves out what the tables show as equal', () => {
    const group = paired(row('breakwater', 'ours', { ns: 100.2 }), [row('quick', 'peer', { ns: 100.1 })])

    expect(peersAhead([group])).toEqual([])
  })

  it('does not take hand-written code for a peer', () => {
    const group = paired(row('breakwater', 'ours', { ns: 100 }), [row('hand-written', 'floor', { ns: 50 })])

    expect(peersAhead([group])).toEqual([])
  })

  it('says nothing about a group in which ours was not measured', () => {
    const failed: Row = { name: 'breakwater', role: 'ours', result: { kind: 'failed', reason: 'no' } }

    expect(peersAhead([paired(failed, [row('quick', 'peer', { ns: 1 })])])).toEqual([])
  })

  it('is drawn with the peers of one number in one line', () => {
    const ahead = peersAhead([
      paired(row('breakwater', 'ours', { bytes: 50 }), [
        row('a', 'peer', { bytes: 10 }),
        row('b', 'peer', { bytes: 20 }),
      ]),
    ])

    expect(renderAhead(ahead)).toContain('| S1  | B   | 50         | a 10, b 20 |')
  })
})

function paired(ours: Row, others: readonly Row[]): GroupResult {
  const limits = { line: 'made up', gate: {}, moonshot: {}, peers: [] }
  return { id: 'S1', scenario: 'S1', title: 'made up', measure: 'paired', limits, rows: [ours, ...others] }
}

function row(name: string, role: Row['role'], values: Readonly<Record<string, number>>): Row {
  const metrics = Object.fromEntries(
    Object.entries(values).map(([metric, value]) => [metric, { median: value, min: value, max: value }]),
  )
  return { name, role, result: { kind: 'measured', rounds: 3, metrics } }
}
