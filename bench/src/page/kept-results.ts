// What the page is made of: the kept run, those on other lines of Node, and where the time goes.

import { existsSync, readFileSync } from 'node:fs'
import type { Place } from '../profile/shares.ts'
import type { RunResult } from '../results.ts'

const OTHER_NODES = ['node-22', 'node-26']

/** Places by group. */
export type Profiles = Readonly<Record<string, readonly Place[] | undefined>>

export interface Kept {
  readonly main: RunResult
  readonly others: readonly RunResult[]
  readonly profiles: Profiles
}

/** The kept results, as `bench/results` holds them. */
export function keptResults(): Kept {
  return {
    main: read(fileOf('latest')),
    others: OTHER_NODES.map(fileOf)
      .filter(existsSync)
      .map((file) => read<RunResult>(file)),
    profiles: read(fileOf('profile')),
  }
}

function fileOf(name: string): URL {
  return new URL(`../../results/${name}.json`, import.meta.url)
}

function read<T>(file: URL): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T
}
