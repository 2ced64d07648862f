/** Which of the two text formats the other side wants. */

interface Wish {
  readonly type: string
  readonly version: string | undefined
  readonly quality: number
}

const MAX_HEADER_LENGTH = 4_096
/** Of the text format, the most specific wish counts. */
const TEXT_TYPES = ['text/plain', 'text/*', '*/*']

/** Whether an Accept header prefers OpenMetrics 1.0.0 to the plain text format; a tie goes to OpenMetrics. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  if (accept === undefined || accept.length > MAX_HEADER_LENGTH) return false
  const wishes = accept.split(',').map(wishOf)
  const forOpenMetrics = qualityOf(wishes, 'application/openmetrics-text', '1.0.0') ?? 0
  const forText = TEXT_TYPES.map((type) => qualityOf(wishes, type, '0.0.4')).find((q) => q !== undefined)
  return forOpenMetrics > 0 && forOpenMetrics >= (forText ?? 0)
}

function qualityOf(wishes: readonly Wish[], type: string, version: string): number | undefined {
  const fitting = wishes.filter((wish) => wish.type === type && (wish.version ?? version) === version)
  return fitting.length === 0 ? undefined : Math.max(...fitting.map(({ quality }) => quality))
}

function wishOf(item: string): Wish {
  const [type = '', ...pairs] = item.split(';').map((part) => part.trim().toLowerCase())
  const parameters = new Map(pairs.map((pair) => splitPair(pair)))
  const quality = Number(parameters.get('q') ?? 1)
  // The comparison is false for what is no number, too.
  return { type, version: parameters.get('version'), quality: quality <= 1 ? quality : 0 }
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=')
  const value = pair.slice(at + 1).trim()
  return [at < 0 ? pair : pair.slice(0, at).trim(), value.replaceAll('"', '')]
}
