import { expect, it } from 'vitest'
import type { RunResult } from '../results.ts'
import { joined } from './kept-results.ts'

function run(...ids: string[]): RunResult {
  return { groups: ids.map((id) => ({ id })) } as unknown as RunResult
}

it('takes from further runs what the first has not', () => {
  expect(joined([run('S1', 'S12'), run('S12', 'fleet')])).toEqual([run('S1', 'S12'), run('fleet')])
  expect(joined([run('S1', 'fleet'), run('fleet')])).toEqual([run('S1', 'fleet')])
})

it('says what to do when there is none', () => {
  expect(() => joined([])).toThrow('npm run bench')
})
