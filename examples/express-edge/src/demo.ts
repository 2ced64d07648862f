// `npm run demo`: plays a minute of faults against the edge service and says whether what was promised was seen.
// Exits 0 when every promise held, 1 when one did not or the run could not end, 2 when the command line is wrong.

import { parseArgs } from 'node:util'
import { run } from './run.ts'
import { Screen } from './screen.ts'
import { judge } from './summary.ts'

const DEFAULT_SECONDS = 45
const MIN_SECONDS = 15
const MAX_SECONDS = 3_600
/** Starting and ending take no longer than this. */
const MARGIN_SECONDS = 40

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let options: { seconds: number; plain: boolean }
  try {
    options = parseOptions(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const { seconds, plain } = options
  const screen = new Screen(process.stdout, plain)
  const signal = endOf(seconds)
  screen.say(`Three upstreams, an edge service and a load generator, for ${String(seconds)} s.`)
  try {
    const checks = judge(await run({ seconds, screen, signal }))
    screen.summarise(checks)
    return checks.every(({ held }) => held) ? 0 : 1
  } catch (error) {
    const reasons: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
    // Once it was aborted, everything else only follows from that.
    const problems = signal.aborted ? [signal.reason] : reasons
    process.stderr.write(`No verdict: ${problems.map(String).join('\n  ')}\n`)
    return 1
  }
}

/** Aborts on Ctrl-C, and when the run takes far too long. */
function endOf(seconds: number): AbortSignal {
  const end = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      end.abort(new Error(`ended by ${name}`))
    })
  }
  const limit = seconds + MARGIN_SECONDS
  setTimeout(() => {
    end.abort(new Error(`not over after ${String(limit)} s`))
  }, limit * 1000).unref()
  return end.signal
}

function parseOptions(args: readonly string[]): { seconds: number; plain: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string' }, plain: { type: 'boolean', default: false } },
  })
  const seconds = Number(values.seconds ?? DEFAULT_SECONDS)
  if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    const range = `${String(MIN_SECONDS)} to ${String(MAX_SECONDS)}`
    throw new Error(`--seconds takes a whole number from ${range}, not ${values.seconds ?? ''}`)
  }
  return { seconds, plain: values.plain }
}
