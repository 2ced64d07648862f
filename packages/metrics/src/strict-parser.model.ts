/**
 * A strict reader of both text formats, written from their grammars and sharing nothing with what writes them: any
 * deviation throws.
 */
interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: ParsedSample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?Inf|NaN)$/i
const CANONICAL_BOUND = /^(?:\+Inf|\d+\.\d+|\d+(?:\.\d+)?e[+-]\d+)$/
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
}

/** The families of a page in the text format 0.0.4. */
export function parseText(page: string): ParsedFamily[] {
  return parse(page, false)
}

/** The families of an OpenMetrics page. */
export function parseOpenMetrics(page: string): ParsedFamily[] {
  return parse(page, true)
}

/** The value of the one sample with this name and these labels, or `undefined`. */
export function valueOf(
  families: readonly ParsedFamily[],
  name: string,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  const wanted = seriesKey({ name, labels, value: 0 })
  const found = families.flatMap(({ samples }) => samples).filter((sample) => seriesKey(sample) === wanted)
  if (found.length > 1) throw new Error(`${wanted} is there ${String(found.length)} times`)
  return found[0]?.value
}

function parse(page: string, openMetrics: boolean): ParsedFamily[] {
  if (Buffer.from(page, 'utf8').toString('utf8') !== page) throw new Error('not well-formed Unicode')
  const lines = page.split('\n')
  if (lines.pop() !== '') throw new Error('the last line does not end')
  if (openMetrics && lines.pop() !== '# EOF') throw new Error('no # EOF at the end')
  const families: ParsedFamily[] = []
  for (let at = 0; at < lines.length;) {
    const family = head(lines[at++], lines[at++], openMetrics)
    for (; at < lines.length && !lines[at]!.startsWith('#'); at++) family.samples.push(sampleOf(lines[at]!))
    families.push(family)
  }
  check(families, openMetrics)
  return families
}

function head(help = '', type = '', openMetrics = false): ParsedFamily {
  const [, helpName = '', text = ''] = /^# HELP (\S+) (.*)$/su.exec(help) ?? fail(help)
  const [, typeName = '', kind = ''] = /^# TYPE (\S+) (counter|gauge|histogram)$/u.exec(type) ?? fail(type)
  if (helpName !== typeName || !NAME.test(helpName)) fail(type)
  if (openMetrics && !/^(?:[^"\\]|\\.)*$/su.test(text)) fail(help)
  return { name: helpName, type: kind, help: unescape(text, openMetrics ? '\\n"' : '\\n'), samples: [] }
}

function sampleOf(line: string): ParsedSample {
  const name = /^[^{ ]*/.exec(line)?.[0] ?? ''
  if (!NAME.test(name)) fail(line)
  const [labels, rest] =
    line[name.length] === '{' ? labelsOf(line, name.length + 1) : [{}, line.slice(name.length)]
  const value = rest.startsWith(' ') ? rest.slice(1) : fail(line)
  if (!NUMBER.test(value)) fail(line)
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function labelsOf(line: string, from: number): [Record<string, string>, string] {
  const labels = new Map<string, string>()
  for (let at = from; ;) {
    const equals = line.indexOf('="', at)
    const name = line.slice(at, equals)
    if (equals < 0 || !LABEL_NAME.test(name) || labels.has(name)) fail(line)
    let end = equals + 2
    while (line[end] !== '"') end += line[end] === '\\' ? 2 : end < line.length ? 1 : fail(line)
    labels.set(name, unescape(line.slice(equals + 2, end), '\\n"'))
    if (line[end + 1] === '}') return [Object.fromEntries(labels), line.slice(end + 2)]
    if (line[end + 1] !== ',') fail(line)
    at = end + 2
  }
}

function unescape(text: string, known: string): string {
  return text.replace(/\\(.?)/gsu, (escape, letter: string) => {
    if (letter === '' || !known.includes(letter)) fail(escape)
    return letter === 'n' ? '\n' : letter
  })
}

function check(families: readonly ParsedFamily[], openMetrics: boolean): void {
  const seen = new Set<string>()
  for (const { name, type, samples } of families) {
    if (seen.has(name)) fail(`two families ${name}`)
    seen.add(name)
    if (openMetrics && type === 'counter' && name.endsWith('_total')) fail(name)
    const total = openMetrics && type === 'counter' ? '_total' : ''
    const names = (SUFFIXES[type] ?? []).map((suffix) => name + total + suffix)
    for (const sample of samples) {
      const key = seriesKey(sample)
      if (!names.includes(sample.name) || seen.has(key)) fail(key)
      seen.add(key)
      if (type === 'counter' && !(sample.value >= 0)) fail(key)
      if (openMetrics && sample.labels['le'] !== undefined && !CANONICAL_BOUND.test(sample.labels['le']))
        fail(key)
    }
    if (type === 'histogram') checkHistogram(name, samples)
  }
}

/** Of each series: bounds ascend, counts do not fall, and the last bucket is everything. */
function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const series = new Map<string, ParsedSample[]>()
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels
    const key = seriesKey({ name, labels, value: 0 })
    series.set(key, [...(series.get(key) ?? []), sample])
  }
  for (const [key, group] of series) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number(labels['le']?.replace('Inf', 'Infinity')))
    if (!bounds.every((bound, index) => index === 0 || bound > bounds[index - 1]!)) fail(`${key}: bounds`)
    if (!buckets.every(({ value }, index) => index === 0 || value >= buckets[index - 1]!.value))
      fail(`${key}: counts`)
    const counts = group.filter((sample) => sample.name === `${name}_count`)
    const sums = group.filter((sample) => sample.name === `${name}_sum`)
    if (bounds.at(-1) !== Infinity || counts.length !== 1 || sums.length !== 1) fail(`${key}: parts`)
    if (counts[0]!.value !== buckets.at(-1)!.value) fail(`${key}: the last bucket is not the count`)
  }
}

function seriesKey({ name, labels }: ParsedSample): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
}

function fail(what: string): never {
  throw new Error(`not in the format: ${what}`)
}
