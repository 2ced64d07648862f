// The command line.

import { parseArgs } from 'node:util'
import { ROWS } from './rows.ts'
import type { Scenario } from './scenarios/scenario.ts'

export interface Options {
  readonly rows: readonly Scenario[]
  readonly seeds: readonly number[]
  /** On real sockets instead. */
  readonly isReal: boolean
  /** Whether everything was asked for, so that the kept results are written. */
  readonly isWhole: boolean
}

const SEEDS = [1, 2, 3]
/** One seed, some clients: for a look while one works. */
const QUICK_CLIENTS = ' 20'

/** Understands `[ROW …] [--quick] [--seeds 1,2,3] [--real]`; a row is an id or the beginning of some. Throws an `Error` that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      real: { type: 'boolean', default: false },
      seeds: { type: 'string' },
    },
  })
  const seeds = values.seeds?.split(',').map(Number) ?? (values.quick ? SEEDS.slice(0, 1) : SEEDS)
  if (seeds.some((seed) => !Number.isInteger(seed)))
    throw new Error(`--seeds takes whole numbers, not ${String(values.seeds)}`)
  const named = ROWS.filter(
    ({ id }) => positionals.length === 0 || positionals.some((name) => id.startsWith(name)),
  )
  if (named.length === 0)
    throw new Error(`no row ${positionals.join(' ')}; there are ${ROWS.map(({ id }) => id).join(', ')}`)
  const rows = named.filter(({ id }) => !values.quick || !/ (4|400)$/.test(id) || id.endsWith(QUICK_CLIENTS))
  const isWhole = positionals.length === 0 && !values.quick
  return { rows, seeds, isReal: values.real, isWhole }
}
