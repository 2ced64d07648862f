import { describe, expect, it } from 'vitest'
import type { GroupResult } from './results.ts'
import { renderGroup, renderSummary } from './tables.ts'
import { judge } from './verdict.ts'

const FOR_22 = { line: 'made up for 22', node: 22, gate: {}, moonshot: {}, peers: [] }
const LIMITS = { line: 'made up', gate: { hops: 2 }, moonshot: { hops: 1 }, peers: [] }

describe('renderGroup', () => {
  it('calls a metric unknown that was not measured, also after a round trip through JSON', () => {
    const kept = JSON.parse(JSON.stringify(group(LIMITS))) as GroupResult

    const text = renderGroup(kept)

    expect(text).toContain('gate: unknown of at most 2 hops ✗: **gate MISSED**')
    expect(text).not.toContain('moonshot reached')
  })

  it('does not call a limit held that is for another Node', () => {
    expect(renderGroup(group(FOR_22))).toContain('not judged, because its limits are for another Node')
    expect(renderSummary([group(FOR_22)])).toContain('for Node 22')
  })
})

function group(limits: GroupResult['limits']): GroupResult {
  const ratio = { median: 2, min: 2, max: 2 }
  return {
    id: 'S1',
    scenario: 'S1',
    title: 'made up',
    measure: 'paired',
    limits,
    rows: [{ name: 'breakwater', role: 'ours', result: { kind: 'measured', rounds: 1, metrics: { ratio } } }],
    verdict: judge({ ratio }, limits, {}),
  }
}
