// Replays scenarios and holds them against recordings: every difference, and for each the entry of the list that allows it.

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { allowanceFor } from './compare/allowed.ts'
import type { AllowedDifference } from './compare/allowed.ts'
import { compareExpectations } from './compare/compare-expectations.ts'
import { compareTraces } from './compare/compare-traces.ts'
import type { Difference } from './compare/difference.ts'
import { EDGES } from './compare/tolerances.ts'
import { jsonFilesOf, sameJson, scenarioAt, SCENARIOS, traceAt } from './files.ts'
import { replay } from './replay/replay.ts'
import type { Line } from './scenario/scenario.ts'

/** One scenario in one line. */
export interface Verdict {
  readonly scenario: string
  readonly differences: readonly {
    readonly difference: Difference
    readonly allowedBy: AllowedDifference | undefined
  }[]
}

export interface Comparison {
  readonly scenarios: string
  readonly traces: string
  readonly line: Line
  readonly allowed: readonly AllowedDifference[]
  /** Recordings of another version: what is as in either is no difference. */
  readonly orTraces?: string | undefined
}

/** Every scenario of a folder. Throws when a scenario has no trace or a trace has no scenario: nothing is skipped. */
export async function compareFolder(comparison: Comparison): Promise<readonly Verdict[]> {
  const scenarios = jsonFilesOf(comparison.scenarios)
  const traces = jsonFilesOf(comparison.traces)
  const alone = [
    ...scenarios
      .filter((name) => !traces.includes(name))
      .map((name) => `${join(comparison.scenarios, name)} has no trace`),
    ...traces
      .filter((name) => !scenarios.includes(name))
      .map((name) => `${join(comparison.traces, name)} has no scenario`),
  ]
  if (alone.length > 0) throw new Error(alone.join('\n'))
  const verdicts: Verdict[] = []
  for (const name of scenarios) verdicts.push(await compareOne(comparison, name))
  return verdicts
}

/** The scenario of that file name. */
export async function compareOne(
  { scenarios, traces, line, allowed, orTraces }: Comparison,
  name: string,
): Promise<Verdict> {
  const path = join(scenarios, name)
  const scenario = scenarioAt(path)
  const isOwnScenario = isCopyOfOurs(path)
  const edges = isOwnScenario ? EDGES.filter((edge) => edge.scenario === scenario.id) : []
  const ours = await replay(scenario, line)
  const differencesFrom = (folder: string): Difference[] =>
    compareTraces(traceAt(join(folder, name)), ours, { edges })
  const others =
    orTraces === undefined ? undefined : new Set(differencesFrom(orTraces).map(({ path }) => path))
  const differences = [
    ...differencesFrom(traces).filter(({ path }) => others?.has(path) ?? true),
    ...compareExpectations(scenario, ours.trace, line),
  ]
  return {
    scenario: scenario.id,
    differences: differences.map((difference) => ({
      difference,
      allowedBy: allowanceFor(allowed, difference, { line, isOwnScenario }),
    })),
  }
}

/** Whether the file says what our scenario of the same name says. Only then do names like `S19` mean what the lists mean by them. */
function isCopyOfOurs(path: string): boolean {
  const ours = join(SCENARIOS, basename(path))
  return existsSync(ours) && sameJson(path, ours)
}
