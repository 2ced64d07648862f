// The command line of the Eureka conformance suite.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SCENARIOS } from './catalogue.ts'
import type { Flavour } from './lab.ts'

/** Those of the scenarios. */
const NUMBERS: ReadonlySet<number> = new Set(SCENARIOS.map(({ number }) => number))
const RANGE = `1 to ${String(NUMBERS.size)}`

export const USAGE: string = `usage: conformance:eureka -- --url URL [--flavour netflix|spring] [--peer URL] [--only 1,5,23] [--settle-ms 5000]
                                [--soak-ms 15000] [--ca FILE | --insecure]

  --url        base URL of the server, as clients are given it: http://host:port/eureka/v2/, or …/eureka/ of Spring; also of
               https, and with user:password@ before the host (percent-encoded), which is never shown
  --flavour    how the server answers where the two differ; by default spring for a URL that ends in /eureka, else netflix
  --peer       base URL of a second server, with which the first replicates
  --only       numbers of scenarios, ${RANGE}
  --settle-ms  how long changes may take to be seen: more than the server's cache and evictor intervals
  --soak-ms    how long our client and Netflix's follow random changes side by side
  --ca         file with the authorities, in PEM, that sign the servers' certificates
  --insecure   takes any certificate; our client, which cannot be told so, is led through a bridge that checks none
  --help       shows this`

export interface Arguments {
  readonly url: string
  readonly flavour: Flavour
  readonly peerUrl: string | undefined
  readonly only: readonly number[] | undefined
  readonly settleMs: number
  readonly soakMs: number
  /** Authorities in PEM. */
  readonly ca: string | undefined
  readonly insecure: boolean
}

/** What a command line asks for, or what is wrong with it. */
export type CommandLine =
  | { readonly kind: 'run'; readonly options: Arguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'fault'; readonly fault: string }

const DEFAULT_SETTLE_MS = 5_000
const DEFAULT_SOAK_MS = 15_000
const USER_INFO = /\/\/[^\s'/]*@/g
const SPRING_PATH = /\/eureka\/?$/

export function readArguments(args: readonly string[]): CommandLine {
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
        ca: { type: 'string' },
        insecure: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help === true) return { kind: 'help' }
    const read = checked({
      insecure: false,
      ...values,
      ca: readText(values.ca),
      settle: values['settle-ms'],
      soak: values['soak-ms'],
    })
    return typeof read === 'string' ? { kind: 'fault', fault: read } : { kind: 'run', options: read }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // It quotes what it does not understand, perhaps a URL without its option.
    return { kind: 'fault', fault: message.replaceAll(USER_INFO, '//') }
  }
}

interface Given {
  readonly url?: string | undefined
  readonly flavour?: string | undefined
  readonly peer?: string | undefined
  readonly only?: string | undefined
  readonly settle?: string | undefined
  readonly soak?: string | undefined
  /** `null`: the file cannot be read. */
  readonly ca?: string | null | undefined
  readonly insecure: boolean
}

/** A text says what is wrong. */
function checked(given: Given): Arguments | string {
  const { url, flavour, peer, only, settle, soak, ca, insecure } = given
  if (!isHttp(url)) return '--url has to be a URL of http or https, with what it holds percent-encoded'
  if (!isHttp(peer ?? url)) return '--peer has to be a URL of http or https'
  const chosen = flavourOf(flavour, url)
  if (chosen === undefined) return '--flavour is netflix or spring'
  const numbers = only?.split(',').map(Number)
  if (numbers?.every((number) => NUMBERS.has(number)) === false)
    return `--only is a list of numbers of scenarios, ${RANGE}`
  const settleMs = msOf(settle, DEFAULT_SETTLE_MS)
  if (settleMs === undefined) return '--settle-ms is a number of milliseconds'
  const soakMs = msOf(soak, DEFAULT_SOAK_MS)
  if (soakMs === undefined) return '--soak-ms is a number of milliseconds'
  if (ca === null) return '--ca is a file that can be read'
  const distrust = trustProblem([url, peer ?? url], ca, insecure)
  if (distrust !== undefined) return distrust
  return { url, flavour: chosen, peerUrl: peer, only: numbers, settleMs, soakMs, ca, insecure }
}

function flavourOf(flavour: string | undefined, url: string): Flavour | undefined {
  if (flavour === 'netflix' || flavour === 'spring') return flavour
  if (flavour !== undefined) return undefined
  return SPRING_PATH.test(new URL(url).pathname) ? 'spring' : 'netflix'
}

function readText(file: string | undefined): string | null | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function msOf(text: string | undefined, absent: number): number | undefined {
  const ms = text === undefined ? absent : Number(text)
  return ms >= 0 ? ms : undefined
}

function trustProblem(
  urls: readonly string[],
  ca: string | undefined,
  insecure: boolean,
): string | undefined {
  const isSecure = urls.some((url) => new URL(url).protocol === 'https:')
  if ((ca !== undefined || insecure) && !isSecure) return '--ca and --insecure are for URLs of https'
  if (ca === undefined || !insecure) return undefined
  return '--insecure checks no certificate, so there is nothing to do with --ca'
}

function isHttp(url: string | undefined): url is string {
  if (url === undefined || !URL.canParse(url)) return false
  const { protocol, username, password } = new URL(url)
  try {
    decodeURIComponent(username + password)
  } catch {
    return false
  }
  return protocol === 'http:' || protocol === 'https:'
}
