// Runs scenarios one after the other and tells how each went.
import { SCENARIOS } from './catalogue.ts'
import type { Scenario } from './catalogue.ts'
import { Lab } from './lab.ts'
import type { LabOptions } from './lab.ts'

export interface Result {
  readonly number: number
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly reason?: string | undefined
}

export interface RunOptions extends LabOptions {
  /** Numbers of scenarios; absent = all. */
  readonly only?: readonly number[] | undefined
  readonly scenarios?: readonly Scenario[]
  readonly heard?: (result: Result) => void
}

export async function runScenarios({
  only,
  scenarios = SCENARIOS,
  heard,
  ...lab
}: RunOptions): Promise<Result[]> {
  const results: Result[] = []
  for (const scenario of scenarios) {
    if (only !== undefined && !only.includes(scenario.number)) continue
    const result = await runOne(scenario, { ...lab, run: `${lab.run}-${String(scenario.number)}` })
    results.push(result)
    heard?.(result)
  }
  return results
}

/** One line for people. */
export function describe({ number, title, outcome, reason }: Result): string {
  const head = `${outcome.padEnd(7)} ${String(number).padStart(2)} ${title}`
  return reason === undefined ? head : `${head}: ${reason}`
}

async function runOne({ number, title, needs, run }: Scenario, options: LabOptions): Promise<Result> {
  const isPossible = run !== undefined && (needs !== 'a second server' || options.peerUrl !== undefined)
  if (!isPossible) return { number, title, outcome: 'skipped', reason: `needs ${String(needs)}` }
  const lab = new Lab(options)
  try {
    await run(lab)
    return { number, title, outcome: 'passed' }
  } catch (error) {
    return {
      number,
      title,
      outcome: 'failed',
      reason: error instanceof Error ? error.message : String(error),
    }
  } finally {
    await lab.close()
  }
}
