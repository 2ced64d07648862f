// What the page is made of: the kept runs, those on other lines of Node and other processors, and where the time goes.

import { existsSync, readFileSync } from 'node:fs'
import type { Place } from '../profile/shares.ts'
import type { RunResult } from '../results.ts'

/** The whole takes longer than most people wait: what stands on top of a call may be run alone. */
const RUNS = ['latest', 'services']
const OTHER_NODES = ['node-22', 'node-26']
const OTHER_PROCESSORS = ['processor-epyc']

/** Places by group. */
export type Profiles = Readonly<Record<string, readonly Place[] | undefined>>

export interface Kept {
  /** No group is in two of them. */
  readonly runs: readonly [RunResult, ...RunResult[]]
  readonly nodes: readonly RunResult[]
  readonly processors: readonly RunResult[]
  readonly profiles: Profiles
}

/** The kept results, as `bench/results` holds them. */
export function keptResults(): Kept {
  return {
    runs: joined(existing(RUNS)),
    nodes: existing(OTHER_NODES),
    processors: existing(OTHER_PROCESSORS),
    profiles: read(fileOf('profile')),
  }
}

/** The first run, and of the others what it has not. */
export function joined([main, ...more]: readonly RunResult[]): Kept['runs'] {
  if (main === undefined) throw new Error('there are no results yet: npm run bench')
  const held = new Set(main.groups.map(({ id }) => id))
  const rest = more.map((run) => ({ ...run, groups: run.groups.filter(({ id }) => !held.has(id)) }))
  return [main, ...rest.filter(({ groups }) => groups.length > 0)]
}

function existing(names: readonly string[]): readonly RunResult[] {
  return names
    .map(fileOf)
    .filter(existsSync)
    .map((file) => read<RunResult>(file))
}

function fileOf(name: string): URL {
  return new URL(`../../results/${name}.json`, import.meta.url)
}

function read<T>(file: URL): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}
