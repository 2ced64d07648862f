// What the page is made of: the kept run, and those on other lines of Node.

import { existsSync, readFileSync } from 'node:fs'
import type { RunResult } from '../results.ts'

const OTHER_NODES = ['node-22', 'node-26']

/** The kept results, as `bench/results` holds them. */
export function keptResults(): { readonly main: RunResult; readonly others: readonly RunResult[] } {
  return { main: read(fileOf('latest')), others: OTHER_NODES.map(fileOf).filter(existsSync).map(read) }
}

function fileOf(name: string): URL {
  return new URL(`../../results/${name}.json`, import.meta.url)
}

function read(file: URL): RunResult {
  return JSON.parse(readFileSync(file, 'utf8')) as RunResult
}
