// `npm run bench:profile`: where the time of our calls goes, for the scenarios named or all that are loops of calls. Writes results/profile.json,
// which the page shows beside each limit that is missed. Exits 2 when the command line is wrong.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Group } from '../group.ts'
import { chosenGroups } from '../options.ts'
import { HEAP_FLAGS } from '../rounds.ts'
import { isOurs } from '../subjects/index.ts'
import { renderPlaces } from './render.ts'
import type { Place } from './shares.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))
const RESULTS = new URL('../../results/', import.meta.url)

process.exitCode = main(process.argv.slice(2))

function main(names: readonly string[]): number {
  let groups: readonly Group[]
  try {
    groups = chosenGroups(names).filter(({ measure }) => measure === 'paired')
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const profiles: Record<string, readonly Place[]> = {}
  for (const { id, subjects } of groups) {
    const subject = subjects.find(isOurs)
    if (subject === undefined) continue
    profiles[id] = profileOf(id, subject)
    process.stdout.write(`${id}: ${renderPlaces(profiles[id])}\n`)
  }
  if (names.length === 0) keep(profiles)
  return 0
}

function profileOf(group: string, subject: string): readonly Place[] {
  const args = [...HEAP_FLAGS, CHILD, group, subject]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as readonly Place[]
}

function keep(profiles: Readonly<Record<string, readonly Place[]>>): void {
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(new URL('profile.json', RESULTS), `${JSON.stringify(profiles, undefined, 2)}\n`)
}
