// Changes the code of the pure cores and of the kernel, and sees which changes no test notices; docs/mutation.md has the
// usage. Exits 1 when a score is too low, or the survivors are not exactly those that scripts/mutation.json gives reasons for.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { judge } from './mutation-report.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const kept = `${root}scripts/mutation.json`
const report = `${root}coverage/mutation.json`
const LEAST_SCORE = 95

const ours = ['--keep', '--again']
const [keeps, again] = ours.map((flag) => process.argv.includes(flag))
const args = process.argv.slice(2).filter((arg) => !ours.includes(arg))
const names = args.filter((arg) => !arg.startsWith('-'))
let known = JSON.parse(readFileSync(kept, 'utf8'))

if (args[0]?.startsWith('-')) {
  process.exitCode = verdictOn('these files', args) ? 0 : 1
} else {
  const unknown = names.filter((name) => !(name in known.groups))
  for (const name of unknown)
    console.error(`there is no group ${name}: ${Object.keys(known.groups).join(', ')}`)
  const wanted = names.length === 0 ? Object.keys(known.groups) : names
  const verdicts = unknown.length === 0 && wanted.map((name) => isSound(name))
  process.exitCode = verdicts && verdicts.every(Boolean) ? 0 : 1
}

function isSound(name) {
  const { mutate, tests } = known.groups[name]
  const files = [...mutate, '!**/*.test.ts', '!**/*.model.ts'].join(',')
  const last = `${root}coverage/mutation-${name}.json`
  const since = again ? ['--incremental', '--incrementalFile', last] : []
  const isEnough = verdictOn(name, ['--mutate', files, ...since], tests)
  if (existsSync(report)) writeFileSync(last, killedIn(report))
  return isEnough
}

/** What a run `--again` takes as known. Whatever has not been killed is tried anew. */
function killedIn(path) {
  const found = JSON.parse(readFileSync(path, 'utf8'))
  for (const file of Object.values(found.files))
    file.mutants = file.mutants.filter(({ status }) => status === 'Killed')
  return JSON.stringify(found)
}

function verdictOn(name, options, tests) {
  const env = { ...process.env, ...(tests && { MUTATION_TESTS: tests.join(',') }) }
  const stryker = `${root}node_modules/@stryker-mutator/core/bin/stryker.js`
  rmSync(report, { force: true })
  spawnSync(process.execPath, [stryker, 'run', ...options], { cwd: root, env, stdio: 'inherit' })
  if (!existsSync(report)) return false
  const found = judge(JSON.parse(readFileSync(report, 'utf8')), known.survivors)
  if (keeps) keep(name, found)
  const score = (100 * found.killed) / found.total
  const silent = found.survivors.filter(({ reason }) => reason === '')
  console.log(`${name}: ${score.toFixed(1)} % (${found.killed} of ${found.total})`)
  for (const { file, line, change } of silent) console.log(`  survived: ${file}: ${line}\n    ${change}`)
  for (const { file, line, change } of found.stale)
    console.log(`  killed, but listed: ${file}: ${line}\n    ${change}`)
  return score >= LEAST_SCORE && silent.length === 0 && found.stale.length === 0
}

function keep(name, { killed, total, survivors, stale }) {
  const files = new Set([...survivors, ...stale].map(({ file }) => file))
  // Another run may have kept its own meanwhile.
  known = JSON.parse(readFileSync(kept, 'utf8'))
  const others = known.survivors.filter(({ file }) => !files.has(file))
  known = {
    groups: { ...known.groups, [name]: { ...known.groups[name], killed, total } },
    survivors: [...others, ...survivors].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0)),
  }
  writeFileSync(kept, JSON.stringify(known, null, 2))
  spawnSync(process.execPath, [`${root}node_modules/prettier/bin/prettier.cjs`, '--write', kept], {
    cwd: root,
  })
}
