import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { judge, renderMutationPage } from './mutation-report.ts'
import type { Mutation, StrykerReport, Survivor } from './mutation-report.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const kept = JSON.parse(read('scripts/mutation.json')) as Mutation

const FILE = 'packages/kernel/src/core/one.ts'
const mutant = (status: string, replacement: string): StrykerReport['files'][string]['mutants'][number] => ({
  status,
  replacement,
  location: { start: { line: 2, column: 10 }, end: { line: 2, column: 15 } },
})
const report = (...mutants: StrykerReport['files'][string]['mutants']): StrykerReport => ({
  files: { [FILE]: { source: 'function one() {\n  return a > 1\n}\n', mutants } },
})
const survivor = (change: string, reason: string): Survivor => ({
  file: FILE,
  line: 'return a > 1',
  change,
  reason,
})

test('counts what was killed, what survived and what nothing reached, and nothing else', () => {
  const found = judge(
    report(
      mutant('Killed', '1'),
      mutant('Timeout', '2'),
      mutant('Survived', '3'),
      mutant('NoCoverage', '4'),
      mutant('RuntimeError', '5'),
    ),
    [],
  )

  expect([found.killed, found.total]).toEqual([2, 4])
  expect(found.survivors).toEqual([survivor('a > 1 → 3', ''), survivor('a > 1 → 4', '')])
})

test('knows a survivor by its line and change, wherever the line is now', () => {
  const known = [survivor('a > 1 → a >= 1', 'a is never 1'), survivor('a > 1 → true', 'dead')]

  const found = judge(report(mutant('Survived', 'a >= 1'), mutant('Killed', 'true')), known)

  expect(found.survivors).toEqual([known[0]])
  expect(found.stale).toEqual([known[1]])
})

test('says nothing about files that were not mutated', () => {
  const elsewhere = { ...survivor('a → b', 'same'), file: 'packages/kernel/src/core/other.ts' }

  expect(judge(report(), [elsewhere]).stale).toEqual([])
})

test('the page is what mutation.json makes of it', async () => {
  await expect(renderMutationPage(kept)).toMatchFileSnapshot('../docs/mutation.md')
})

test('each survivor has a reason, and its line is still there', () => {
  const unsound = kept.survivors.filter(({ file, line, reason }) => {
    const lines = read(file).split('\n')
    return reason === '' || !lines.some((one) => one.trim() === line)
  })

  expect(unsound).toEqual([])
})

test('each group that was measured is at 95 % or above', () => {
  const low = Object.entries(kept.groups).filter(([, { killed = 1, total = 1 }]) => killed < total * 0.95)

  expect(low).toEqual([])
})

test('each core belongs to a group', () => {
  const cores = globSync('packages/*/src/**/core/**/*.ts', { cwd: root })
    .filter((file) => !/\.(test|model)\.ts$/.test(file))
    .map((file) => file.replaceAll('\\', '/'))
  const mutated = Object.values(kept.groups)
    .flatMap(({ mutate }) => mutate.filter((pattern) => !pattern.startsWith('!')))
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((file) => file.replaceAll('\\', '/'))

  expect(cores.filter((file) => !mutated.includes(file))).toEqual([])
})
