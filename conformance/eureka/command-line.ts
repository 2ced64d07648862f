// The command line of the Eureka conformance suite.
import { parseArgs } from 'node:util'
import { SCENARIOS } from './catalogue.ts'
import type { Flavour } from './lab.ts'

export const USAGE = `usage: conformance:eureka -- --url URL [--flavour netflix|spring] [--peer URL] [--only 1,5,23] [--settle-ms 5000]
                                [--soak-ms 15000]

  --url        base URL of the server, as clients are given it: http://host:port/eureka/v2/, or …/eureka/ of Spring
  --flavour    how the server answers where the two differ; by default spring for a URL that ends in /eureka, else netflix
  --peer       base URL of a second server, with which the first replicates
  --only       numbers of scenarios, 1 to 30
  --settle-ms  how long changes may take to be seen: more than the server's cache and evictor intervals
  --soak-ms    how long our client and Netflix's follow random changes side by side
  --help       shows this`

export interface Arguments {
  readonly url: string
  readonly flavour: Flavour
  readonly peerUrl: string | undefined
  readonly only: readonly number[] | undefined
  readonly settleMs: number
  readonly soakMs: number
}

const DEFAULT_SETTLE_MS = 5_000
const DEFAULT_SOAK_MS = 15_000
/** Those of the scenarios. */
const NUMBERS: ReadonlySet<number> = new Set(SCENARIOS.map(({ number }) => number))
const SPRING_PATH = /\/eureka\/?$/

/** Reads the command line; a text says what is wrong with it. `help`: nothing is, and it asks for help. */
export function readArguments(args: readonly string[]): Arguments | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        flavour: { type: 'string' },
        peer: { type: 'string' },
        only: { type: 'string' },
        'settle-ms': { type: 'string' },
        'soak-ms': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help === true) return 'help'
    return checked({ ...values, settle: values['settle-ms'], soak: values['soak-ms'] })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

interface Given {
  readonly url?: string | undefined
  readonly flavour?: string | undefined
  readonly peer?: string | undefined
  readonly only?: string | undefined
  readonly settle?: string | undefined
  readonly soak?: string | undefined
}

function checked({ url, flavour, peer, only, settle, soak }: Given): Arguments | string {
  if (!isHttp(url)) return '--url has to be a URL of http'
  if (peer !== undefined && !isHttp(peer)) return '--peer has to be a URL of http'
  const chosen = flavour ?? (SPRING_PATH.test(new URL(url).pathname) ? 'spring' : 'netflix')
  if (chosen !== 'netflix' && chosen !== 'spring') return '--flavour is netflix or spring'
  const numbers = only?.split(',').map(Number)
  if (numbers?.every((number) => NUMBERS.has(number)) === false)
    return '--only is a list of numbers of scenarios, 1 to 30'
  const settleMs = Number(settle ?? DEFAULT_SETTLE_MS)
  if (!(settleMs >= 0)) return '--settle-ms is a number of milliseconds'
  const soakMs = Number(soak ?? DEFAULT_SOAK_MS)
  if (!(soakMs >= 0)) return '--soak-ms is a number of milliseconds'
  return { url, flavour: chosen, peerUrl: peer, only: numbers, settleMs, soakMs }
}

function isHttp(url: string | undefined): url is string {
  return url !== undefined && URL.canParse(url) && new URL(url).protocol === 'http:'
}
