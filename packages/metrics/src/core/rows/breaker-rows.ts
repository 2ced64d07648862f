/** What is told about circuit breakers. */
import type { BreakerReading, BreakerState } from '@breakwater/kernel'
import { dictionary } from '../dictionary.js'
import type { Row, Tree } from '../row.js'
import { seconds } from './seconds.js'

const STATES: readonly BreakerState[] = [
  'closed',
  'open',
  'half-open',
  'forced-open',
  'forced-closed',
  'disabled',
  'metrics-only',
]

/** Shown as zero before they first happen, because `increase()` does not see the first step of a new series. */
const USUAL_TRANSITIONS: BreakerReading['transitions'] = [
  { from: 'closed', to: 'open', count: 0 },
  { from: 'open', to: 'half-open', count: 0 },
  { from: 'half-open', to: 'open', count: 0 },
  { from: 'half-open', to: 'closed', count: 0 },
]

export const BREAKER_ROWS: readonly Row<'breaker'>[] = [
  {
    name: 'circuit_breaker_state',
    type: 'gauge',
    help: 'Breakers in each state: of one breaker, 1 for its state and 0 for the others.',
    labels: ['state'],
    aggregator: 'sum',
    read: ({ state }) => byState((each) => (each === state ? 1 : 0)),
  },
  {
    name: 'circuit_breaker_state_seconds_total',
    type: 'counter',
    help: 'Time spent in each state: its rate is the share of time, whatever the scrape interval.',
    labels: ['state'],
    aggregator: 'sum',
    read: ({ stateMs }) => byState((each) => stateMs[each] / 1000),
  },
  {
    name: 'circuit_breaker_transitions_total',
    type: 'counter',
    help: 'Changes of state.',
    labels: ['from', 'to'],
    aggregator: 'sum',
    read: ({ transitions }) => byEdge([...USUAL_TRANSITIONS, ...transitions]),
  },
  {
    name: 'circuit_breaker_last_transition_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last change of state; absent before the first.',
    labels: [],
    aggregator: 'max',
    read: ({ lastTransitionAt }) => seconds(lastTransitionAt),
  },
  {
    name: 'circuit_breaker_window_error_ratio',
    type: 'gauge',
    help: 'Share of failures among the calls that the breaker judges by, 0 to 1.',
    labels: [],
    aggregator: 'average',
    read: ({ window }) => window.errorRatio,
    weight: ({ window }) => window.requests,
  },
  {
    name: 'circuit_breaker_window_requests',
    type: 'gauge',
    help: 'Calls that the breaker judges by.',
    labels: [],
    aggregator: 'sum',
    read: ({ window }) => window.requests,
  },
  {
    name: 'circuit_breaker_error_threshold_ratio',
    type: 'gauge',
    help: 'Share of failures that opens the circuit, 0 to 1; absent without such a rule.',
    labels: [],
    aggregator: 'max',
    read: ({ errorThresholdRatio }) => errorThresholdRatio,
  },
  {
    name: 'circuit_breaker_request_volume_threshold',
    type: 'gauge',
    help: 'Calls in the window from which the circuit may open; absent without such a rule.',
    labels: [],
    aggregator: 'max',
    read: ({ requestVolumeThreshold }) => requestVolumeThreshold,
  },
  {
    name: 'circuit_breaker_sleep_window_seconds',
    type: 'gauge',
    help: 'How long a first opening lasts at most.',
    labels: [],
    aggregator: 'max',
    read: ({ openMs }) => seconds(openMs),
  },
  {
    name: 'circuit_breaker_probes_total',
    type: 'counter',
    help: 'Trial calls of the half-open state by outcome.',
    labels: ['outcome'],
    aggregator: 'sum',
    read: ({ probes }) => probes,
  },
  {
    name: 'circuit_breaker_rejections_total',
    type: 'counter',
    help: 'Calls that the breaker refused.',
    labels: [],
    aggregator: 'sum',
    read: ({ rejections }) => rejections,
  },
]

/** How a value for each state is labelled: as in every other label value, words are joined by underscores. */
function byState(valueOf: (state: BreakerState) => number): Tree {
  return Object.fromEntries(STATES.map((state) => [underscored(state), valueOf(state)]))
}

function byEdge(transitions: BreakerReading['transitions']): Tree {
  const tree = dictionary<Record<string, number>>()
  for (const { from, to, count } of transitions) {
    const edges = (tree[underscored(from)] ??= dictionary())
    edges[underscored(to)] = count
  }
  return tree
}

function underscored(state: BreakerState): string {
  return state.replaceAll('-', '_')
}
