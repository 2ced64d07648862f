/** Which form an answer takes, by the headers of the request. */
import type { Flavour, Route } from './router.js'

export type Format = 'json' | 'xml'

interface MediaRange {
  readonly type: string
  readonly weight: number
}

/** The lists that look for the word `json` only, once something acceptable was named. */
const BY_WORD: ReadonlySet<Route> = new Set(['apps', 'delta'])
/** What Netflix's filter for compressed answers covers, when read. */
const ENFORCED: ReadonlySet<Route> = new Set(['apps', 'delta', 'app', 'instance'])

/** JSON has to be asked for: without `Accept`, or with any type, there is XML. `undefined` = 406. */
export function formatOf(route: Route, accept: string | undefined): Format | undefined {
  if (accept === undefined || accept.trim() === '') return 'xml'
  const ranges = accept.split(',').map(mediaRange)
  const any = weightOf(ranges, ['*/*', 'application/*'])
  const json = weightOf(ranges, ['application/json'])
  const xml = weightOf(ranges, ['application/xml'])
  if (Math.max(any, json, xml) <= 0) return undefined
  if (BY_WORD.has(route)) return accept.includes('json') ? 'json' : 'xml'
  return json >= Math.max(xml, any) ? 'json' : 'xml'
}

/**
 * Whether the answer is compressed. Netflix compresses whatever it is asked to, and instances and lists also when nobody
 * asks, and refuses who asks for anything else there (`undefined` = 406); Spring compresses lists on request.
 */
export function isCompressed(
  route: Route,
  flavour: Flavour,
  encoding: string | undefined,
): boolean | undefined {
  const asks = encoding?.includes('gzip') === true
  if (flavour === 'spring') return BY_WORD.has(route) && asks
  if (asks) return true
  if (!ENFORCED.has(route)) return false
  return encoding === undefined ? true : undefined
}

function mediaRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return { type, weight: weight === undefined ? 1 : Number(weight) }
}

function weightOf(ranges: readonly MediaRange[], types: readonly string[]): number {
  return Math.max(0, ...ranges.filter(({ type }) => types.includes(type)).map(({ weight }) => weight))
}
