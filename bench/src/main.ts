// `npm run bench` and `npm run bench:gate`: plan, measure, judge, show. Exits 1 when `--gate` finds a missed gate, 2 when the command line is wrong.

import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gateOf } from './gates.ts'
import type { Group } from './group.ts'
import { describeMachine } from './machine.ts'
import { parseOptions } from './options.ts'
import type { Options } from './options.ts'
import { collect, gateHolds } from './results.ts'
import type { GroupResult, RunResult } from './results.ts'
import { runRounds } from './rounds.ts'
import type { Case, CaseResult } from './rounds.ts'
import { isFloor, isOurs } from './subjects/index.ts'
import { renderRun } from './tables.ts'

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url))

/** Added to the rounds when a missed gate is measured again. */
const MORE_ROUNDS = 2

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = parseOptions(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const groups = await measure(options)
  const { rounds, quick, gate, into } = options
  const run: RunResult = { machine: describeMachine(), rounds, quick, groups }
  const page = renderRun(run)
  process.stdout.write(page)
  write(into, run, page)
  return gate && !groups.every(gateHolds) ? 1 : 0
}

/** All rounds, and once more for what missed its gate: one bad phase of the machine is not a regression, two in a row may be. */
async function measure(options: Options): Promise<readonly GroupResult[]> {
  const results = await runRounds(plan(options), { ...options, progress: report(options.rounds) })
  const first = collect(results)
  if (options.quick) return first
  const missed = new Set(first.filter(({ verdict }) => verdict?.gateHeld === false).map(({ id }) => id))
  const suspects = [...results.keys()].filter(
    ({ group, subject }) => missed.has(group.id) && (isOurs(subject) || isInGate(group, subject)),
  )
  if (suspects.length === 0) return first
  const rounds = options.rounds + MORE_ROUNDS
  const again: Map<Case, CaseResult> = await runRounds(suspects, {
    ...options,
    rounds,
    progress: report(rounds),
  })
  return collect(results, again)
}

/** Which libraries take part. A gate run measures ours and the few peers that a gate names; a quick one adds the peers that targets
 * name, and leaves out the floor. */
function plan({ groups, peers, gate, quick }: Options): readonly Case[] {
  return groups.flatMap((group) => {
    const limits = gateOf(group.id)
    if (gate && Object.keys(limits.gate).length === 0 && limits.beside === undefined) return []
    const targets = new Set(limits.peers.map(({ peer }) => peer))
    const isWanted = (peer: string): boolean => peers && (!quick || targets.has(peer) || targets.has('best'))
    const takesPart = (name: string): boolean =>
      isOurs(name) || isInGate(group, name) || (isFloor(name) ? !gate && !quick : isWanted(name))
    return group.subjects.filter(takesPart).map((subject) => ({ group, subject }))
  })
}

function isInGate({ id }: Group, subject: string): boolean {
  return gateOf(id).beside?.some(({ peer }) => peer === subject) === true
}

function report(rounds: number): (round: number, position: number, what: Case) => void {
  return (round, position, { group, subject }) => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001B[Kround ${round}/${rounds}, case ${position}: ${group.id} ${subject}`)
  }
}

function write(name: string, run: RunResult, page: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(`${RESULTS}${name}.json`, `${JSON.stringify(run, undefined, 2)}\n`)
  writeFileSync(`${RESULTS}${name}.md`, page)
}
