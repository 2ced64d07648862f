// Where things stand, and how they are read. The only file that touches the disk for data.

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { readAllowed } from './compare/allowed.ts'
import type { AllowedDifference } from './compare/allowed.ts'
import { readScenario } from './scenario/read-scenario.ts'
import type { Line, Scenario } from './scenario/scenario.ts'
import { readTrace } from './trace/read-trace.ts'
import type { Trace } from './trace/trace.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export const SCENARIOS: string = join(ROOT, 'scenarios')
const DIFFERENCES = join(ROOT, 'differences.json')
export const DIFFERENCES_PAGE: string = join(ROOT, '..', 'docs', 'differences-from-hystrix.md')

/** Scenarios and recordings of 1.5.18 beside the 53. */
export const MORE: { readonly scenarios: string; readonly traces: string } = {
  scenarios: join(ROOT, 'more-recordings', 'scenarios'),
  traces: join(ROOT, 'more-recordings', 'classic'),
}

/** Where the recordings of a line stand. Our own line is compared with the one of 1.5.18, from which its differences are listed. */
export function recordingsOf(line: Line): string {
  return join(ROOT, 'recorded', line === 'port' ? 'classic' : line)
}

/** Recordings that our own line may as well be equal to: where the two versions of Hystrix disagree, and it is not said which one is meant, either will do. */
export function otherRecordingsOf(line: Line): string | undefined {
  return line === 'port' ? recordingsOf('tri-state') : undefined
}

/** A path of the user, who may stand in another folder than this process does: npm changes to the package and tells from where. */
export function userPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path)
}

export function scenarioAt(path: string): Scenario {
  return readScenario(readFileSync(path, 'utf8'), basename(path))
}

export function traceAt(path: string): Trace {
  return readTrace(readFileSync(path, 'utf8'), basename(path))
}

export function sameJson(path: string, other: string): boolean {
  return isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(readFileSync(other, 'utf8')))
}

/** The JSON files of a folder by name, in the order of their names. Throws when there are none. */
export function jsonFilesOf(folder: string): readonly string[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
  if (names.length === 0) throw new Error(`${folder}: no .json files`)
  return names
}

export function allowedDifferences(): readonly AllowedDifference[] {
  return readAllowed(readFileSync(DIFFERENCES, 'utf8'), basename(DIFFERENCES))
}
