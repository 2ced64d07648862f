// Runs scenarios one after the other and tells how each went.
import { SCENARIOS } from './catalogue.ts'
import type { Need, Part, Scenario } from './catalogue.ts'
import { Lab } from './lab.ts'
import type { LabOptions } from './lab.ts'

export interface Result {
  readonly number: number
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped, or what of it was not run. */
  readonly reason?: string | undefined
  /** What a failed one threw. */
  readonly error?: unknown
}

export type PartName = 'wire' | 'client'

export interface RunOptions extends LabOptions {
  /** Numbers of scenarios; absent = all. */
  readonly only?: readonly number[] | undefined
  /** Which sides to tell: the bare wire, our client. Default both. A client lives in real time. */
  readonly parts?: readonly PartName[] | undefined
  /** What this machine lacks, of what a scenario may need. */
  readonly missing?: Partial<Readonly<Record<Need, string | undefined>>>
  readonly scenarios?: readonly Scenario[]
  readonly heard?: (result: Result) => void
}

export async function runScenarios({
  only,
  scenarios = SCENARIOS,
  heard,
  ...options
}: RunOptions): Promise<Result[]> {
  const results: Result[] = []
  for (const scenario of scenarios) {
    if (only !== undefined && !only.includes(scenario.number)) continue
    const result = await runOne(scenario, { ...options, run: `${options.run}-${String(scenario.number)}` })
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

async function runOne(scenario: Scenario, options: RunOptions): Promise<Result> {
  const { number, title } = scenario
  const left: string[] = []
  let told = 0
  for (const name of options.parts ?? (['wire', 'client'] as const)) {
    const part = scenario[name]
    if (part === undefined) continue
    const lack = lackOf(part, options)
    if (lack !== undefined) {
      left.push(lack)
      continue
    }
    try {
      await tell(part, options)
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error)
      return { number, title, outcome: 'failed', reason: failure, error }
    }
    told++
  }
  const reason = left.length === 0 ? undefined : left.join('; ')
  if (told === 0) return { number, title, outcome: 'skipped', reason: reason ?? 'only for a client' }
  return {
    number,
    title,
    outcome: 'passed',
    ...(reason === undefined ? {} : { reason: `in part: ${reason}` }),
  }
}

/** What a part needs and does not have. */
function lackOf({ needs = [] }: Part, options: RunOptions): string | undefined {
  for (const need of needs) {
    if (need === 'control of the server' && options.control === undefined) return `needs ${need}`
    if (need === 'a second server' && options.peerUrl === undefined) return `needs ${need}`
    if (need === 'a server in a process of its own' && options.control?.server.sharesTheLoop === true)
      return `needs ${need}`
    const missing = options.missing?.[need]
    if (missing !== undefined) return `needs ${need}: ${missing}`
  }
  return undefined
}

async function tell({ run }: Part, options: RunOptions): Promise<void> {
  const lab = new Lab(options)
  try {
    await run(lab)
  } finally {
    await lab.close()
  }
}
