// What a trace says in numbers. Calls without an answer at the end of time count with the age they have then: to leave them
// out is how round robin wins where a host hangs.

import { STRETCH_MS } from './core/trace.ts'
import type { Trace } from './core/trace.ts'
import type { Scenario } from './scenarios/scenario.ts'

/** The numbers of one run, or the median of several. Absent where a scenario has nothing of the kind. */
export interface Metrics {
  readonly calls: number
  /** Latency of calls that did not fail, in milliseconds; those that are open or timed out count with their age. */
  readonly meanMs: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  /** Calls that failed, timed out or never ended, in percent; while something is bad, if it is so for a while. */
  readonly errorPercent: number
  /** Calls that ended well within a second, in percent. */
  readonly underSecondPercent: number
  /** What the bad servers got while they were bad, in percent of a fair share. */
  readonly badSharePercent?: number
  /** From the beginning of the bad time until they get less than half a fair share. */
  readonly detectMs?: number
  /** From the end of the bad time until they get 90 % of a fair share over three seconds. */
  readonly restoreMs?: number
  /** Most attempts a server got, over the mean. */
  readonly maxOverMean: number
  readonly attemptsPerCall: number
}

const FAIR_OVER_MS = 3_000
const SECOND = 1_000

export function metricsOf(scenario: Scenario, trace: Trace): Metrics {
  const { fromMs, durationMs, bad } = scenario
  const errorsUntil = bad !== undefined && bad.untilMs < durationMs ? bad.untilMs : durationMs
  const latencies: number[] = []
  let [attempts, calls, inBadTime, wrong, fast] = [0, 0, 0, 0, 0]
  for (let index = 0; index < trace.calls; index++) {
    const at = trace.at[index] as number
    if (at < fromMs) continue
    const verdict = trace.verdict(index)
    const ms = trace.ms[index] as number
    calls++
    attempts += trace.attempts[index] as number
    if (verdict !== 'failed') latencies.push(ms)
    if (verdict === 'ok' && ms <= SECOND) fast++
    if (at >= errorsUntil) continue
    inBadTime++
    if (verdict !== 'ok') wrong++
  }
  const sorted = Float64Array.from(latencies).sort()
  return {
    calls,
    meanMs: latencies.reduce((sum, ms) => sum + ms / latencies.length, 0),
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    errorPercent: (wrong / inBadTime) * 100,
    underSecondPercent: (fast / calls) * 100,
    maxOverMean: maxOverMean(scenario, trace),
    attemptsPerCall: attempts / calls,
    ...badMetrics(scenario, trace),
  }
}

function badMetrics({ bad, durationMs }: Scenario, trace: Trace): Partial<Metrics> {
  if (bad === undefined) return {}
  const { fromMs, untilMs } = bad
  const shareIn = (from: number, until: number): number => fairShare(trace, bad.servers, from, until)
  const whole = { badSharePercent: shareIn(fromMs, untilMs) * 100 }
  const detected = first(fromMs + STRETCH_MS, untilMs, (end) => shareIn(end - STRETCH_MS, end) < 0.5)
  const detectMs = detected === undefined ? Infinity : detected - STRETCH_MS - fromMs
  if (untilMs >= durationMs) return { ...whole, detectMs }
  const restored = first(untilMs + FAIR_OVER_MS, durationMs, (end) => shareIn(end - FAIR_OVER_MS, end) >= 0.9)
  return { ...whole, detectMs, restoreMs: restored === undefined ? Infinity : restored - untilMs }
}

function first(from: number, until: number, holds: (at: number) => boolean): number | undefined {
  for (let at = from; at <= until; at += STRETCH_MS) if (holds(at)) return at
  return undefined
}

/** What servers got, over what they would have got had all got the same. */
function fairShare(trace: Trace, servers: readonly number[], from: number, until: number): number {
  let all = 0
  for (let server = 0; server < trace.servers; server++) all += trace.sentTo(server, from, until)
  const those = servers.reduce((sum, server) => sum + trace.sentTo(server, from, until), 0)
  return (those * trace.servers) / (all * servers.length)
}

function maxOverMean({ fromMs, durationMs }: Scenario, trace: Trace): number {
  const loads = Array.from({ length: trace.servers }, (_, server) => trace.sentTo(server, fromMs, durationMs))
  return (Math.max(...loads) * loads.length) / loads.reduce((sum, load) => sum + load, 0)
}

/** Of ascending numbers the one that so many are not above (nearest rank). */
export function quantile(sorted: Float64Array, part: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] as number
}

/** The middle of each number over several runs; where one has none, none. */
export function medianOf(runs: readonly Metrics[]): Metrics {
  const keys = Object.keys(runs[0] ?? {}) as (keyof Metrics)[]
  const middle = (key: keyof Metrics): number => {
    const values = Float64Array.from(runs.map((run) => run[key] ?? Infinity)).sort()
    return values[(values.length - 1) >> 1] as number
  }
  // Every key of the first is a metric.
  return Object.fromEntries(keys.map((key) => [key, middle(key)])) as unknown as Metrics
}
