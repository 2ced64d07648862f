// What the command line asks for. Throws an `Error` that says what is wrong with it.

import { parseArgs } from 'node:util'
import { LINES } from './scenario/scenario.ts'
import type { Line } from './scenario/scenario.ts'

export type Request =
  | { readonly do: 'all' }
  | { readonly do: 'trace'; readonly file: string; readonly line: Line }
  | { readonly do: 'compare'; readonly scenarios: string; readonly traces: string; readonly line: Line }
  | { readonly do: 'write-differences' }

const USAGE = `usage:
  npm run conformance                                   all recorded scenarios in all lines
  npm run --silent conformance -- trace FILE --line L   our trace of one scenario, as JSON
  npm run conformance -- compare --scenarios DIR --traces DIR --line L
  npm run conformance -- write-differences              docs/differences-from-hystrix.md from conformance/differences.json
L is one of ${LINES.join(', ')}.`

export function parseRequest(args: readonly string[]): Request {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { line: { type: 'string' }, scenarios: { type: 'string' }, traces: { type: 'string' } },
  })
  const [deed, ...rest] = positionals
  const given = Object.keys(values)
  switch (deed) {
    case undefined:
      takesOnly('no command', given, [], rest)
      return { do: 'all' }
    case 'write-differences':
      takesOnly(deed, given, [], rest)
      return { do: deed }
    case 'trace':
      takesOnly(deed, given, ['line'], rest.slice(1))
      return { do: deed, file: needed('trace FILE', rest[0]), line: lineOf(values.line) }
    case 'compare':
      takesOnly(deed, given, ['line', 'scenarios', 'traces'], rest)
      return {
        do: deed,
        scenarios: needed('--scenarios DIR', values.scenarios),
        traces: needed('--traces DIR', values.traces),
        line: lineOf(values.line),
      }
    default:
      throw new Error(`unknown command ${deed}\n${USAGE}`)
  }
}

function takesOnly(
  deed: string,
  given: readonly string[],
  known: readonly string[],
  rest: readonly string[],
): void {
  const surplus = [...given.filter((name) => !known.includes(name)).map((name) => `--${name}`), ...rest]
  if (surplus.length > 0) throw new Error(`${deed} takes no ${surplus.join(' ')}\n${USAGE}`)
}

function needed(what: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value
  throw new Error(`missing ${what}\n${USAGE}`)
}

function lineOf(value: string | undefined): Line {
  const line = LINES.find((known) => known === value)
  if (line !== undefined) return line
  throw new Error(`--line takes ${LINES.join(', ')}, not ${value ?? 'nothing'}\n${USAGE}`)
}
