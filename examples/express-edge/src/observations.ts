// The numbers of the commands, as a page of metrics shows them, and what changed between two pages.

import { parseSamples } from './prometheus-text.ts'
import type { Sample } from './prometheus-text.ts'

/** A command on one page. Counts are since the start of the process. */
export interface CommandNumbers {
  readonly state: string
  readonly executions: Counts
  readonly fallbacks: Counts
  /** Calls that took more than one attempt. */
  readonly retries: Counts
  /** By `from→to`. */
  readonly transitions: Counts
  readonly exceptionsThrown: number
  /** Cumulative, by upper bound in seconds. */
  readonly buckets: readonly Bucket[]
}

export type Counts = Readonly<Record<string, number>>

interface Bucket {
  readonly le: number
  readonly count: number
}

/** A command between two pages. Percentages and latencies are absent where nothing was measured. */
export interface CommandRow {
  readonly state: string
  readonly ratePerSecond: number
  /** Of the calls that reached the upstream. */
  readonly errorPercent: number | undefined
  /** Of the calls that reached it, with their retries. */
  readonly p50Ms: number | undefined
  readonly p99Ms: number | undefined
  readonly fallbackPercent: number | undefined
  /** Since the start. */
  readonly opened: number
}

/** The commands of a page of metrics by name. Throws when the page cannot be read. */
export function readCommands(page: string): Map<string, CommandNumbers> {
  const samples = parseSamples(page)
  const names = new Set(
    samplesOf(samples, 'command_executions_total').map(({ labels }) => labels['command'] ?? ''),
  )
  return new Map([...names].map((name) => [name, numbersOf(samples, name)]))
}

/** What a command did between two pages. */
export function rowBetween(
  before: CommandNumbers | undefined,
  after: CommandNumbers,
  seconds: number,
): CommandRow {
  const executions = minus(after.executions, before?.executions ?? {})
  const fallbacks = minus(after.fallbacks, before?.fallbacks ?? {})
  const calls = total(executions)
  const failed = (executions['failure'] ?? 0) + (executions['timeout'] ?? 0)
  const buckets = after.buckets.map(({ le, count }, index) => ({
    le,
    count: count - (before?.buckets[index]?.count ?? 0),
  }))
  return {
    state: after.state,
    ratePerSecond: calls / seconds,
    errorPercent: percent(failed, failed + (executions['success'] ?? 0)),
    p50Ms: quantileMs(buckets, 0.5),
    p99Ms: quantileMs(buckets, 0.99),
    fallbackPercent: percent(fallbacks['success'] ?? 0, calls),
    opened: openings(after),
  }
}

/** How often it opened so far, from whatever state. */
export function openings({ transitions }: CommandNumbers): number {
  return total(Object.fromEntries(Object.entries(transitions).filter(([edge]) => edge.endsWith('→open'))))
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function numbersOf(all: readonly Sample[], name: string): CommandNumbers {
  const samples = all.filter(({ labels }) => labels['command'] === name)
  const states = samplesOf(samples, 'circuit_breaker_state')
  return {
    state: (states.find(({ value }) => value === 1)?.labels['state'] ?? 'none').replace('_', '-'),
    executions: countsBy(samples, 'command_executions_total', ({ outcome }) => outcome),
    fallbacks: countsBy(samples, 'command_fallbacks_total', ({ outcome }) => outcome),
    retries: countsBy(samples, 'command_retries_total', ({ outcome }) => outcome),
    transitions: countsBy(
      samples,
      'circuit_breaker_transitions_total',
      ({ from, to }) => `${from ?? ''}→${to ?? ''}`,
    ),
    exceptionsThrown: samplesOf(samples, 'command_exceptions_thrown_total')[0]?.value ?? 0,
    buckets: samplesOf(samples, 'command_duration_seconds_bucket').map(({ labels, value }) => ({
      le: labels['le'] === '+Inf' ? Infinity : Number(labels['le']),
      count: value,
    })),
  }
}

function samplesOf(samples: readonly Sample[], name: string): Sample[] {
  return samples.filter((sample) => sample.name === `breakwater_${name}`)
}

function countsBy(
  samples: readonly Sample[],
  name: string,
  keyOf: (labels: Sample['labels']) => string | undefined,
): Counts {
  return Object.fromEntries(samplesOf(samples, name).map(({ labels, value }) => [keyOf(labels) ?? '', value]))
}

function minus(after: Counts, before: Counts): Counts {
  return Object.fromEntries(Object.entries(after).map(([key, count]) => [key, count - (before[key] ?? 0)]))
}

function percent(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : (part * 100) / whole
}

/** As `histogram_quantile` of Prometheus: evenly spread within a bucket. */
function quantileMs(buckets: readonly Bucket[], quantile: number): number | undefined {
  const count = buckets.at(-1)?.count ?? 0
  if (count === 0) return undefined
  const rank = quantile * count
  const index = buckets.findIndex((bucket) => bucket.count >= rank)
  const { le = Infinity, count: upTo = count } = buckets[index] ?? {}
  const { le: from = 0, count: below = 0 } = buckets[index - 1] ?? {}
  return (le === Infinity ? from : from + ((le - from) * (rank - below)) / (upTo - below)) * 1000
}
