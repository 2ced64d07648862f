/**
 * Numbers out as text, without any client.
 */
import { readOptions } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'
import { Collection } from './collection.js'
import { exposition } from './core/exposition.js'
import { METRICS_OPTION_NAMES, readMetricsOptions } from './metrics-options.js'
import type { MetricsOptions, ResolvedMetrics } from './metrics-options.js'

export interface RenderOptions extends MetricsOptions {
  /** `true`: OpenMetrics 1.0.0 instead of Prometheus text 0.0.4. Default `false`. */
  readonly openMetrics?: boolean | undefined
}

/** By runtime and limit: which names got series of their own must not change from one page to the next. */
const collections = new WeakMap<Runtime, Map<string, Collection>>()

/**
 * All metrics of a runtime as a page for Prometheus, read at this moment. O(series).
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { CircuitBreaker } from '@breakwater/breaker'
 * import { renderPrometheus } from '@breakwater/metrics'
 *
 * using breaker = new CircuitBreaker({ name: 'users' })
 * console.log(renderPrometheus().includes(`breakwater_circuit_breaker_rejections_total{command="${breaker.name}"} 0`)) // true
 * ```
 */
export function renderPrometheus(options?: RenderOptions): string {
  const read = readOptions('renderPrometheus', options, [...METRICS_OPTION_NAMES, 'openMetrics'])
  const resolved = readMetricsOptions(read)
  const openMetrics = read.boolean('openMetrics', false)
  read.finish()
  return renderPage(resolved, openMetrics)
}

/** The same with options that have been checked. */
export function renderPage(
  { runtime, prefix, buckets, maxCommands, maxInstances, clock }: ResolvedMetrics,
  openMetrics: boolean,
): string {
  const byLimit = collections.get(runtime) ?? new Map<string, Collection>()
  collections.set(runtime, byLimit)
  const limits = `${String(maxCommands)} ${String(maxInstances)}`
  const collection = byLimit.get(limits) ?? new Collection(maxCommands, maxInstances)
  byLimit.set(limits, collection)
  collection.attach(runtime)
  return exposition(collection.families(prefix, clock, buckets), openMetrics)
}
