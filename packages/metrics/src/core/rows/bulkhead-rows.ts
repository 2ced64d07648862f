/** What is told about bulkheads. Limits add up, so that `active / limit` holds for any number of them. */
import type { Row } from '../row.js'
import { seconds } from './seconds.js'

export const BULKHEAD_ROWS: readonly Row<'bulkhead'>[] = [
  {
    name: 'bulkhead_active',
    type: 'gauge',
    help: 'Slots taken now.',
    labels: [],
    aggregator: 'sum',
    read: ({ active }) => active,
  },
  {
    name: 'bulkhead_limit',
    type: 'gauge',
    help: 'Slots that there are.',
    labels: [],
    aggregator: 'sum',
    read: ({ limit }) => limit,
  },
  {
    name: 'bulkhead_queue_size',
    type: 'gauge',
    help: 'Calls that wait for a slot now.',
    labels: [],
    aggregator: 'sum',
    read: ({ queueSize }) => queueSize,
  },
  {
    name: 'bulkhead_queue_limit',
    type: 'gauge',
    help: 'Calls that may wait.',
    labels: [],
    aggregator: 'sum',
    read: ({ queueLimit }) => queueLimit,
  },
  {
    name: 'bulkhead_rejections_total',
    type: 'counter',
    help: 'Calls refused: no slot and no queue, no place in the queue, or waited too long.',
    labels: ['reason'],
    aggregator: 'sum',
    read: ({ rejections }) => rejections,
  },
  {
    name: 'bulkhead_queue_wait_seconds',
    type: 'histogram',
    help: 'How long those who were queued waited.',
    labels: [],
    aggregator: 'sum',
    read: ({ queueWait }) => queueWait,
  },
  {
    name: 'concurrency_limit',
    type: 'gauge',
    help: 'Slots that an adaptive limiter has found to be right.',
    labels: [],
    aggregator: 'sum',
    read: ({ adaptive }) => adaptive?.limit,
  },
  {
    name: 'concurrency_min_rtt_seconds',
    type: 'gauge',
    help: 'Latency without a queue, as far as an adaptive limiter asks for it.',
    labels: [],
    aggregator: 'min',
    read: ({ adaptive }) => seconds(adaptive?.minRttMs),
  },
]
