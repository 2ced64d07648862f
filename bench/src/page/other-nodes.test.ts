import { expect, test } from 'vitest'
import type { RunResult } from '../results.ts'
import { renderNodes } from './other-nodes.ts'

const FOR_22 = { line: 'S13 on 22', node: 22, gate: {}, moonshot: {}, peers: [] }

function run(node: string, median: number, gateHeld = true): RunResult {
  const ratio = { median, min: median - 1, max: median + 1 }
  const group = {
    id: 'S13',
    scenario: 'S13',
    title: 'inside a store',
    measure: 'paired',
    limits: FOR_22,
    rows: [
      { name: 'peer', role: 'peer', result: { kind: 'failed', reason: 'not asked' } },
      { name: 'breakwater', role: 'ours', result: { kind: 'measured', rounds: 3, metrics: { ratio } } },
    ],
    verdict: { gateHeld },
  }
  return { machine: { node }, rounds: 3, quick: false, groups: [group] } as unknown as RunResult
}

test('a row for each scenario, the Nodes in their order, and the verdict of the Node that the limits are for', () => {
  const text = renderNodes(run('24.1.0', 4, false), [run('26.0.0', 5, false), run('22.9.0', 3)]).join('\n')

  expect(text).toMatch(/Node 22\.9\.0 +\| Node 24\.1\.0 +\| Node 26\.0\.0/)
  expect(text).toMatch(/S13 +\| x3 \(2–4\) +\| x4 \(3–5\) +\| x5 \(4–6\) +\| S13 on 22: gate held/)
})

test('a gate of another Node that was missed there is said', () => {
  expect(renderNodes(run('24.1.0', 4), [run('22.9.0', 3, false)]).join('\n')).toContain(
    'S13 on 22: gate MISSED',
  )
})

test('nothing without other results', () => {
  expect(renderNodes(run('24.1.0', 4), [])).toEqual([])
})
