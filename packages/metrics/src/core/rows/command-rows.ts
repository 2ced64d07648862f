/** What is told about commands. */
import type { Row } from '../row.js'
import { seconds } from './seconds.js'

export const COMMAND_ROWS: readonly Row<'command'>[] = [
  {
    name: 'command_executions_total',
    type: 'counter',
    help: 'Ended calls by outcome, exactly one each.',
    labels: ['outcome'],
    aggregator: 'sum',
    read: ({ executions }) => executions,
  },
  {
    name: 'command_fallbacks_total',
    type: 'counter',
    help: 'Calls that needed a fallback, by what the fallback did.',
    labels: ['outcome'],
    aggregator: 'sum',
    read: ({ fallbacks }) => fallbacks,
  },
  {
    name: 'command_exceptions_thrown_total',
    type: 'counter',
    help: 'Calls whose caller saw an error, other than his own abort.',
    labels: [],
    aggregator: 'sum',
    read: ({ exceptionsThrown }) => exceptionsThrown,
  },
  {
    name: 'command_duration_seconds',
    type: 'histogram',
    help: 'Run time of the attempts that ended calls; calls that never ran are not in it.',
    labels: [],
    aggregator: 'sum',
    read: ({ latency }) => latency,
    bound: ({ timeoutMs }) => timeoutMs,
  },
  {
    name: 'command_concurrent_executions',
    type: 'gauge',
    help: 'Calls in flight now.',
    labels: [],
    aggregator: 'sum',
    read: ({ inFlight }) => inFlight,
  },
  {
    name: 'command_retries_total',
    type: 'counter',
    help: 'Retried calls by how they ended: saved, failed, or out of attempts or budget.',
    labels: ['outcome'],
    aggregator: 'sum',
    read: ({ retries: { success, failure, exhausted } }) => ({ success, failure, exhausted }),
  },
  {
    name: 'command_retry_attempts_total',
    type: 'counter',
    help: 'Attempts made after the first.',
    labels: [],
    aggregator: 'sum',
    read: ({ retries }) => retries.attempts,
  },
  {
    name: 'command_timeout_seconds',
    type: 'gauge',
    help: 'The time limit of a call in force; absent without one.',
    labels: [],
    aggregator: 'max',
    read: ({ timeoutMs }) => seconds(timeoutMs),
  },
]
