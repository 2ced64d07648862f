/**
 * The text formats: Prometheus 0.0.4 and OpenMetrics 1.0.0.
 */
import type { Labels, Sample } from './samples.js'

/** The samples of one metric that share the labels of a series. */
export interface SampleGroup {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly Sample[]
}

/** One metric with all that is to be said about it. */
export interface MetricFamily {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly groups: readonly SampleGroup[]
}

export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** The page with all families; those without a sample are left out. */
export function exposition(families: Iterable<MetricFamily>, openMetrics: boolean): string {
  let page = ''
  for (const family of families) {
    if (family.groups.some(({ samples }) => samples.length > 0)) page += familyText(family, openMetrics)
  }
  return openMetrics ? `${page}# EOF\n` : page
}

function familyText({ name, type, help, groups }: MetricFamily, openMetrics: boolean): string {
  // In OpenMetrics a counter is called without the suffix that its samples have, and that nothing else has.
  const familyName = openMetrics ? name.replace(/_total$/, '') : name
  const lines = [
    `# HELP ${familyName} ${openMetrics ? quotable(help) : escaped(help)}\n# TYPE ${familyName} ${type}\n`,
  ]
  for (const { labels, samples } of groups) {
    const shared = labelText(Object.entries(labels))
    for (const sample of samples) {
      const own = labelText(openMetrics ? canonical(sample.labels) : sample.labels)
      const all = shared === '' || own === '' ? shared + own : `${shared},${own}`
      lines.push(`${name}${sample.suffix}${all === '' ? '' : `{${all}}`} ${numberText(sample.value)}\n`)
    }
  }
  return lines.join('')
}

function labelText(labels: Labels): string {
  let text = ''
  for (const [name, value] of labels) text += `${text === '' ? '' : ','}${name}="${quotable(value)}"`
  return text
}

/** OpenMetrics wants bounds to look like floats, so that each has one spelling only. */
function canonical(labels: Labels): Labels {
  const [first] = labels
  return first?.[0] === 'le' && /^\d+$/.test(first[1]) ? [['le', `${first[1]}.0`]] : labels
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function quotable(text: string): string {
  // Most have nothing to escape, and there are many.
  return /["\\\n]/.test(text) ? escaped(text).replaceAll('"', '\\"') : text
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
