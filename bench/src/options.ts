// The command line: scenario names, and how hard to try.

import { parseArgs } from 'node:util'
import { GROUPS } from './groups.ts'
import type { Group } from './group.ts'

/** What a run does. */
export interface Options {
  readonly groups: readonly Group[]
  readonly rounds: number
  readonly quick: boolean
  readonly peers: boolean
  /** Ours only, and a missed gate fails the run. */
  readonly gate: boolean
  /** The name of the result files. */
  readonly into: string
}

const ROUNDS = 3
const GATE_ROUNDS = 5

/** Understands `[S1 S5-S3 …] [--quick] [--rounds N] [--no-peers] [--gate] [--into NAME]`. Throws an `Error` that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      'no-peers': { type: 'boolean', default: false },
      gate: { type: 'boolean', default: false },
      into: { type: 'string' },
    },
  })
  const { quick, gate } = values
  if (quick && gate) throw new Error('--gate needs full rounds; leave --quick out')
  const rounds = values.rounds === undefined ? defaultRounds(quick, gate) : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a whole number from 1, not ${values.rounds}`)
  if (gate && rounds < GATE_ROUNDS) throw new Error(`--gate needs at least ${GATE_ROUNDS} rounds`)
  const into = values.into ?? (gate ? 'gate' : quick ? 'quick' : 'latest')
  if (!/^[\w-]+$/.test(into)) throw new Error(`--into takes a plain name, not ${into}`)
  return { groups: chosenGroups(positionals), rounds, quick, peers: !values['no-peers'] && !gate, gate, into }
}

function defaultRounds(quick: boolean, gate: boolean): number {
  if (gate) return GATE_ROUNDS
  return quick ? 1 : ROUNDS
}

/** All groups, or those whose scenario (`S5`) or id (`S5-S3`) was named. Throws an `Error` for a name that there is not. */
export function chosenGroups(names: readonly string[]): readonly Group[] {
  if (names.length === 0) return GROUPS
  for (const name of names) {
    if (!GROUPS.some((group) => isNamed(group, name))) {
      throw new Error(
        `no scenario ${name}; there are ${[...new Set(GROUPS.map(({ scenario }) => scenario))].join(', ')}`,
      )
    }
  }
  return GROUPS.filter((group) => names.some((name) => isNamed(group, name)))
}

function isNamed({ id, scenario }: Group, name: string): boolean {
  return scenario.toLowerCase() === name.toLowerCase() || id.toLowerCase() === name.toLowerCase()
}
