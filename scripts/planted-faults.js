// Plants each fault of planted-faults/faults.js in a copy of the sources and runs the tests that are named beside it.
// Exits 1 when a fault survives one of them, when there is no longer exactly one place for it, or when the tests fail
// without it. With arguments, only the faults of these ids: npm run planted-faults -- D2 D10
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FAULTS } from '../planted-faults/faults.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const COPIED = [
  'packages',
  'regressions',
  'scripts',
  'vitest.config.ts',
  'tsconfig.json',
  'tsconfig.base.json',
  'package.json',
]
const LEFT_OUT = ['dist', 'node_modules', '.turbo', 'coverage']
/** A fault may make a test wait for ever. */
const MOST_MS = 240_000

const wanted = process.argv.slice(2)
const faults = FAULTS.filter(({ id }) => wanted.length === 0 || wanted.includes(id))
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'breakwater-faults-')))
const remove = () => rmSync(copy, { recursive: true, force: true })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (remove(), process.exit(1)))
try {
  copySources()
  process.exitCode = areGreen([...new Set(faults.flatMap(({ tests }) => tests))]) && areCaught() ? 0 : 1
} finally {
  remove()
}

function copySources() {
  for (const name of COPIED) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !LEFT_OUT.includes(basename(path)),
    })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
}

/** Without any fault; a test that does not pass then proves nothing. */
function areGreen(tests) {
  // Without a name, vitest would run everything.
  if (tests.length === 0) return false
  const ends = endsOf(tests)
  const others = tests.filter((test) => ends.get(test) !== 'passed')
  for (const test of others) console.log(`without any fault ${ends.get(test) ?? 'not run'}: ${test}`)
  return others.length === 0
}

function areCaught() {
  const verdicts = faults.map((fault) => {
    const began = process.uptime()
    const verdict = verdictOn(fault)
    const seconds = (process.uptime() - began).toFixed(1)
    console.log(`${fault.id.padEnd(5)} ${verdict.padEnd(9)} ${seconds.padStart(5)} s  ${fault.title}`)
    return verdict
  })
  const caught = verdicts.filter((verdict) => verdict === 'caught').length
  console.log(`${caught} of ${faults.length} planted faults were caught`)
  return caught === faults.length
}

function verdictOn({ file, search, replace, tests, only }) {
  const path = join(copy, file)
  const sound = readFileSync(path, 'utf8')
  const parts = sound.split(search)
  if (parts.length !== 2) return 'NO PLACE'
  writeFileSync(path, parts.join(replace))
  const ends = endsOf(tests, only)
  writeFileSync(path, sound)
  const others = tests.filter((test) => ends.get(test) !== 'failed')
  for (const test of others) console.log(`      with the fault ${ends.get(test) ?? 'not run'}: ${test}`)
  return others.length === 0 ? 'caught' : 'SURVIVED'
}

/** How each test file ended: `failed` only when one of its tests did, not when it could not be loaded. */
function endsOf(tests, only) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const filter = only === undefined ? [] : ['--testNamePattern', only]
  const options = ['--typecheck.enabled=false', '--reporter=json', `--outputFile=${report}`, ...filter]
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const run = { cwd: copy, stdio: 'ignore', timeout: MOST_MS }
    execFileSync(process.execPath, [vitest, 'run', ...tests, ...options], run)
  } catch {
    // That tests fail is in the report; without one, nothing was run.
  }
  return existsSync(report) ? readEnds(report) : new Map()
}

function readEnds(report) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  return new Map(
    testResults.map(({ name, status, assertionResults }) => {
      const isBroken = status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
      return [relative(copy, name), isBroken ? 'broken' : status]
    }),
  )
}
