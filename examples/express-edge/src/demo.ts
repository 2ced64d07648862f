// `npm run demo`: plays a minute of faults against the edge service and says whether what was promised was seen.
// Exits 0 when every promise that was tried held, 1 when one did not or the run could not end, 2 when the command line is wrong.

import { parseArgs } from 'node:util'
import { run } from './run.ts'
import { Screen } from './screen.ts'
import { judge } from './summary.ts'

const DEFAULT_SECONDS = 60
const MIN_SECONDS = 28
const MAX_SECONDS = 3_600
/** Starting and ending take no longer than this. */
const MARGIN_SECONDS = 120

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions
  try {
    options = parseOptions(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const { seconds, plain, eurekaUrl } = options
  const screen = new Screen(process.stdout, plain)
  const signal = endOf(seconds)
  const registry = eurekaUrl === undefined ? 'a registry of its own' : withoutCredentials(eurekaUrl)
  screen.say(
    `Two instances each of three upstreams, an edge service, load: ${String(seconds)} s on ${registry}.`,
  )
  try {
    const checks = judge(await run({ seconds, screen, eurekaUrl, signal }))
    screen.summarise(checks)
    return checks.every(({ held }) => held !== false) ? 0 : 1
  } catch (error) {
    const reasons: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
    // Once it was aborted, everything else only follows from that.
    const problems = signal.aborted ? [signal.reason] : reasons
    process.stderr.write(`No verdict: ${problems.map(String).join('\n  ')}\n`)
    return 1
  }
}

function withoutCredentials(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
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

interface DemoOptions {
  readonly seconds: number
  readonly plain: boolean
  readonly eurekaUrl: string | undefined
}

function parseOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      plain: { type: 'boolean', default: false },
      eureka: { type: 'string' },
    },
  })
  const { plain, eureka: eurekaUrl } = values
  const seconds = Number(values.seconds ?? DEFAULT_SECONDS)
  if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    const range = `${String(MIN_SECONDS)} to ${String(MAX_SECONDS)}`
    throw new Error(`--seconds takes a whole number from ${range}, not ${values.seconds ?? ''}`)
  }
  if (eurekaUrl !== undefined && !/^https?:$/.test(URL.parse(eurekaUrl)?.protocol ?? '')) {
    throw new Error('--eureka takes the base URL of a server, such as http://127.0.0.1:8761/eureka/')
  }
  return { seconds, plain, eurekaUrl }
}
