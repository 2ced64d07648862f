import { expect, test } from 'vitest'
import type { RunResult } from '../results.ts'
import { renderNodes, renderProcessors } from './other-runs.ts'

const BY_HAND = { ratio: { median: 2.5, min: 2, max: 3 } }

function run(node: string, median: number, gate: { ratio?: number } = {}, gateHeld = true): RunResult {
  const ratio = { median, min: median - 1, max: median + 1 }
  const group = {
    id: 'S13',
    scenario: 'S13',
    title: 'inside a store',
    measure: 'paired',
    limits: { line: 'S13', gate, moonshot: {}, peers: [] },
    rows: [
      { name: 'peer', role: 'peer', result: { kind: 'failed', reason: 'not asked' } },
      {
        name: 'hand-written, exact clock',
        role: 'floor',
        result: { kind: 'measured', rounds: 3, metrics: BY_HAND },
      },
      { name: 'breakwater', role: 'ours', result: { kind: 'measured', rounds: 3, metrics: { ratio } } },
    ],
    verdict: { gateHeld },
  }
  return {
    machine: { node, cpu: `CPU of ${node}` },
    rounds: 3,
    quick: false,
    groups: [group],
  } as unknown as RunResult
}

test('a row for each scenario, the Nodes in their order, and the gate of those that have one', () => {
  const text = renderNodes(run('24.1.0', 4), [run('26.0.0', 5), run('22.9.0', 3, { ratio: 3.2 })]).join('\n')

  expect(text).toMatch(/Node 22\.9\.0 +\| Node 24\.1\.0 +\| Node 26\.0\.0/)
  expect(text).toMatch(/S13 +\| x3 \(2–4\) ≤ 3\.2 +\| x4 \(3–5\) +\| x5 \(4–6\) +\|/)
})

test('a gate that was missed is said, and what the same written by hand took', () => {
  const text = renderNodes(run('24.1.0', 4), [run('26.9.0', 5, { ratio: 4.5 }, false)]).join('\n')

  expect(text).toContain('x5 (4–6) ≤ 4.5 ✗ by hand x2.5')
})

test('the processor of the page comes first, with its gate and that of the others', () => {
  const other = run('24.9.0', 5, { ratio: 4.5 }, false)
  const text = renderProcessors(run('24.1.0', 4, { ratio: 4.5 }), [other]).join('\n')

  expect(text).toMatch(/CPU of 24\.1\.0 +\| CPU of 24\.9\.0/)
  expect(text).toMatch(/S13 +\| x4 \(3–5\) ≤ 4\.5 +\| x5 \(4–6\) ≤ 4\.5 ✗ by hand x2\.50 +\|/)
})

test('nothing without other results', () => {
  expect(renderNodes(run('24.1.0', 4), [])).toEqual([])
  expect(renderProcessors(run('24.1.0', 4), [])).toEqual([])
})
