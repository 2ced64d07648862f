/**
 * The metrics as data: for documentation, boards and rules.
 */
import { ENTRIES } from './collection.js'
import { SUBJECT_LABELS } from './core/catalogue.js'
import type { Aggregator } from './core/row.js'
import { resolveMetricsOptions } from './metrics-options.js'
import type { MetricsOptions } from './metrics-options.js'

/** What is to be known about a metric. */
export interface MetricDescription {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** How the values of several workers or processes make one. */
  readonly aggregator: Aggregator
}

/**
 * All metrics, in the order in which they are shown.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { metricCatalogue } from '@breakwater/metrics'
 *
 * console.log(metricCatalogue()[0]?.name) // breakwater_command_executions_total
 * ```
 */
export function metricCatalogue(options?: Pick<MetricsOptions, 'prefix'>): readonly MetricDescription[] {
  const { prefix } = resolveMetricsOptions('metricCatalogue', options)
  return ENTRIES.map(({ subject, row: { name, type, help, labels, aggregator } }) => ({
    name: prefix + name,
    type,
    help,
    labels: [...SUBJECT_LABELS[subject], ...labels],
    aggregator,
  }))
}
