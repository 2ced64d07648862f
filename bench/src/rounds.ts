// Runs the cases: one process each, and every round goes through all cases before the next begins, so that a slow phase of
// the machine touches all libraries alike and shows as spread instead of as somebody's disadvantage.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Job } from './child.ts'
import type { Group } from './group.ts'
import type { Metrics } from './measure/paired.ts'
import { spread } from './statistics.ts'
import type { Spread } from './statistics.ts'

/** One library in one group. */
export interface Case {
  readonly group: Group
  readonly subject: string
}

/** Metrics over rounds, or why there are none. */
export type CaseResult =
  | { readonly kind: 'measured'; readonly rounds: number; readonly metrics: Readonly<Record<string, Spread>> }
  | { readonly kind: 'failed'; readonly reason: string }

/** How to run. `progress` hears each case as it starts. */
export interface RunOptions {
  readonly rounds: number
  readonly quick: boolean
  readonly progress?: (round: number, position: number, what: Case) => void
}

type Answer = { readonly metrics: Metrics } | { readonly failed: string }

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
const CHILD_TIMEOUT_MS = 60_000
/** A young generation in which nothing is collected while bytes are counted. At a fixed rate it is left as Node makes it: there memory is a result. */
export const HEAP_FLAGS: readonly string[] = [
  '--expose-gc',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
]

function flagsFor({ measure }: Case['group']): readonly string[] {
  if (measure === 'rate' || measure === 'http' || measure === 'fleet') return []
  // The holds of the loop are those of a service, garbage collection included; only the weighing needs a collection of its own.
  return measure === 'registry' ? ['--expose-gc'] : HEAP_FLAGS
}

/** Measures the cases, in their order. A case that failed once is not tried again. */
export async function runRounds(cases: readonly Case[], options: RunOptions): Promise<Map<Case, CaseResult>> {
  const answers = new Map<Case, Answer[]>(cases.map((what) => [what, []]))
  for (let round = 1; round <= options.rounds; round++) {
    let position = 0
    for (const [what, seen] of answers) {
      options.progress?.(round, ++position, what)
      if (round > 1 && what.group.once === true) continue
      if (!seen.some((answer) => 'failed' in answer)) seen.push(await runChild(what, options.quick))
    }
  }
  return new Map([...answers].map(([what, seen]) => [what, summarise(seen)]))
}

/** Medians and ranges by metric; failed as a whole when any round failed. */
function summarise(answers: readonly Answer[]): CaseResult {
  const values = new Map<string, number[]>()
  for (const answer of answers) {
    if ('failed' in answer) return { kind: 'failed', reason: answer.failed }
    for (const [name, value] of Object.entries(answer.metrics))
      values.set(name, [...(values.get(name) ?? []), value])
  }
  const metrics = Object.fromEntries([...values].map(([name, seen]) => [name, spread(seen)]))
  return { kind: 'measured', rounds: answers.length, metrics }
}

function runChild({ group, subject }: Case, quick: boolean): Promise<Answer> {
  const job: Job = { group: group.id, subject, quick }
  const { BREAKWATER_EXACT_CLOCK: _inherited, ...env } = process.env
  const child = spawn(process.execPath, [...flagsFor(group), CHILD, JSON.stringify(job)], {
    env: group.exactClock === true ? { ...env, BREAKWATER_EXACT_CLOCK: '1' } : env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: CHILD_TIMEOUT_MS,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve(parse(output) ?? { failed: `process ended early (${signal ?? code})` }),
    )
  })
}

/** The last line, because a peer may print warnings above it. */
function parse(output: string): Answer | undefined {
  try {
    return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Answer
  } catch {
    return undefined
  }
}
