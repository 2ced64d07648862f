/** What collecting tells about itself. */
import type { Row } from '../row.js'

export const COLLECTOR_ROWS: readonly Row<'collector'>[] = [
  {
    name: 'metrics_collect_duration_seconds',
    type: 'gauge',
    help: 'How long it took to read all instruments for this scrape.',
    labels: [],
    aggregator: 'max',
    read: ({ collectMs }) => collectMs / 1000,
  },
  {
    name: 'metrics_collect_errors_total',
    type: 'counter',
    help: 'Instruments that could not be read; their last good numbers were shown.',
    labels: [],
    aggregator: 'sum',
    read: ({ collectErrors }) => collectErrors,
  },
  {
    name: 'metrics_dropped_series_total',
    type: 'counter',
    help: 'Named policies without series of their own, because there are too many names.',
    labels: [],
    aggregator: 'sum',
    read: ({ dropped }) => dropped,
  },
  {
    name: 'build_info',
    type: 'gauge',
    help: 'The version of the metrics package; always 1.',
    labels: ['version'],
    aggregator: 'max',
    read: ({ version }) => ({ [version]: 1 }),
  },
]
