// `npm run sim:balancing`: run, judge, show. Exits 1 when a target is missed, for whatever reason, 2 when the command line is wrong.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CONTESTANTS } from './contestants.ts'
import { exitCodeOf, judge } from './judge.ts'
import type { RowResult } from './judge.ts'
import { medianOf } from './metrics.ts'
import { parseOptions } from './options.ts'
import type { Options } from './options.ts'
import { runAll } from './pool.ts'
import { renderReal } from './real/render-real.ts'
import { runReal } from './real/run-real.ts'
import { renderReport } from './tables.ts'
import type { Report } from './tables.ts'
import type { Done } from './worker.ts'

const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url))

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = parseOptions(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const command = ['npm run sim:balancing', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')
  if (options.isReal) {
    const result = { command, rows: await runReal() }
    keep('sim-balancing-real', result, renderReal(result))
    return 0
  }
  const rows = await simulate(options)
  const report: Report = { command, seeds: options.seeds, rows, findings: judge(rows) }
  if (options.isWhole) keep('sim-balancing', report, renderReport(report))
  else process.stdout.write(renderReport(report))
  return exitCodeOf(report.findings)
}

async function simulate({ rows, seeds }: Options): Promise<readonly RowResult[]> {
  const jobs = rows.flatMap(({ id: row }) =>
    CONTESTANTS.flatMap(({ name: contestant }) => seeds.map((seed) => ({ row, contestant, seed }))),
  )
  const done = await runAll(jobs, (ended) => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001B[K${String(ended)} of ${String(jobs.length)} runs`)
  })
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  return rows.map(({ id, title }) => ({ id, title, results: resultsOf(id, done) }))
}

function resultsOf(row: string, done: readonly Done[]): RowResult['results'] {
  const ofContestant = (name: string): RowResult['results'][string] =>
    medianOf(
      done.filter(({ job }) => job.row === row && job.contestant === name).map(({ metrics }) => metrics),
    )
  return Object.fromEntries(CONTESTANTS.map(({ name }) => [name, ofContestant(name)]))
}

function keep(name: string, result: object, page: string): void {
  process.stdout.write(page)
  mkdirSync(RESULTS, { recursive: true })
  // JSON knows no Infinity; a time that never came is null.
  writeFileSync(`${RESULTS}${name}.json`, `${JSON.stringify(result, undefined, 2)}\n`)
  writeFileSync(`${RESULTS}${name}.md`, page)
}
