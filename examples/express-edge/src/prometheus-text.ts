// Reads the text format of Prometheus, as far as the demo needs it.

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/
const LABEL = /(?<key>[a-zA-Z_]\w*)="(?<value>(?:[^"\\]|\\.)*)",?/gy

/** The samples of a page. Throws an `Error` that shows the line that is none. */
export function parseSamples(page: string): Sample[] {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => {
    const { name = '', labels = '', value = '' } = SAMPLE.exec(line)?.groups ?? {}
    const number = numberOf(value)
    if (name === '' || number === undefined) throw new Error(`no sample: ${line}`)
    return { name, labels: labelsOf(labels, line), value: number }
  })
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let read = 0
  for (const match of text.matchAll(LABEL)) {
    const { key = '', value = '' } = match.groups ?? {}
    labels[key] = value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
    read += match[0].length
  }
  if (read !== text.length) throw new Error(`no labels: ${line}`)
  return labels
}

function numberOf(text: string): number | undefined {
  if (text === '+Inf') return Infinity
  const number = Number(text)
  return text === '' || Number.isNaN(number) ? undefined : number
}
