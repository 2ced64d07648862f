// Lists each invariant of ARCHITECTURE.md with the tests that name it; exits 1 when one lacks a test or a property, or
// a title names one that does not exist.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { indexOf, invariantsOf, titlesOf } from './invariant-index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file) => readFileSync(`${root}${file}`, 'utf8')

const TESTS = [
  'packages/*/src/**/*.test.ts',
  '{regressions,examples,docs,scripts}/**/*.test.ts',
  'bench/src/**/*.test.ts',
]
const files = globSync(TESTS, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] }).sort()
const invariants = invariantsOf(read('ARCHITECTURE.md'))
const { titles, problems } = indexOf(
  invariants,
  files.flatMap((file) => titlesOf(file, read(file))),
)

for (const [id, found] of titles) {
  console.log(`${id.padEnd(4)} ${invariants.get(id)}`)
  for (const { kind, file, line } of found) console.log(`     ${kind.padEnd(14)} ${file}:${line}`)
}
const count = (wanted) => [...titles.values()].flat().filter(({ kind }) => kind === wanted).length
console.log(
  `\n${titles.size} invariants: ${count('property')} namings by properties, ${count('interleavings')} by interleavings, ${count('example')} by examples`,
)
for (const problem of problems) console.error(`invariants: ${problem}`)
if (problems.length > 0) process.exitCode = 1
