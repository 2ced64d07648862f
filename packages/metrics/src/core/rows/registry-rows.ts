/** What is told about clients of a registry of services, under the names that Eureka's users know. */
import type { RegistryReading } from '@breakwater/kernel'
import { dictionary } from '../dictionary.js'
import type { Row, Tree } from '../row.js'
import { seconds } from './seconds.js'

/** Shown as zero before they first happen, because `increase()` does not see the first step of a new series. */
const USUAL_FETCHES: RegistryReading['fetches'] = ['full', 'delta'].flatMap((kind) => [
  { kind, outcome: 'success', count: 0 },
  { kind, outcome: 'failure', count: 0 },
])

export const REGISTRY_ROWS: readonly Row<'registry'>[] = [
  {
    name: 'eureka_client_registry_fetches_total',
    type: 'counter',
    help: 'Fetches of the registry, whole or what changed, by outcome.',
    labels: ['kind', 'outcome'],
    aggregator: 'sum',
    read: ({ fetches }) =>
      byPair([...USUAL_FETCHES, ...fetches].map(({ kind, outcome, count }) => [kind, outcome, count])),
  },
  {
    name: 'eureka_client_registry_fetch_duration_seconds',
    type: 'histogram',
    help: 'How long fetches of the registry took.',
    labels: [],
    aggregator: 'sum',
    read: ({ fetchLatency }) => fetchLatency,
  },
  {
    name: 'eureka_client_last_successful_registry_fetch_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a server last confirmed or changed the registry; absent before the first time.',
    labels: [],
    aggregator: 'max',
    read: ({ lastFetchAt }) => seconds(lastFetchAt),
  },
  {
    name: 'eureka_client_last_successful_heartbeat_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a server last took a registration or heartbeat; absent before the first time.',
    labels: [],
    aggregator: 'max',
    read: ({ lastHeartbeatAt }) => seconds(lastHeartbeatAt),
  },
  {
    name: 'eureka_client_heartbeats_total',
    type: 'counter',
    help: 'Heartbeats by outcome; unknown means that the server had forgotten the instance.',
    labels: ['outcome'],
    aggregator: 'sum',
    read: ({ heartbeats }) => heartbeats,
  },
  {
    name: 'eureka_client_reregistrations_total',
    type: 'counter',
    help: 'Registrations after the first.',
    labels: [],
    aggregator: 'sum',
    read: ({ reregistrations }) => reregistrations,
  },
  {
    name: 'eureka_client_reconcile_mismatches_total',
    type: 'counter',
    help: 'Changes after which the picture of the registry was not that of the server.',
    labels: [],
    aggregator: 'sum',
    read: ({ mismatches }) => mismatches,
  },
  {
    name: 'eureka_client_dropped_entries_total',
    type: 'counter',
    help: 'Entries of the registry that could not be used.',
    labels: [],
    aggregator: 'sum',
    read: ({ droppedEntries }) => droppedEntries,
  },
  {
    name: 'eureka_client_held_registries_total',
    type: 'counter',
    help: 'Registries put off because they were suspiciously small.',
    labels: [],
    aggregator: 'sum',
    read: ({ heldRegistries }) => heldRegistries,
  },
  {
    name: 'eureka_client_registry_instances',
    type: 'gauge',
    help: 'Instances known now by status.',
    labels: ['status'],
    aggregator: 'max',
    read: ({ instances }) => instances,
  },
  {
    name: 'eureka_client_instance_status',
    type: 'gauge',
    help: 'What the registry says of the own instance: 1 for its status and 0 for the others.',
    labels: ['status'],
    aggregator: 'max',
    read: ({ ownStatus, instances }) =>
      ownStatus === undefined
        ? undefined
        : Object.fromEntries(Object.keys(instances).map((status) => [status, status === ownStatus ? 1 : 0])),
  },
  {
    name: 'eureka_client_quarantined_servers',
    type: 'gauge',
    help: 'Servers that are left alone because they failed.',
    labels: [],
    aggregator: 'max',
    read: ({ quarantinedServers }) => quarantinedServers,
  },
  {
    name: 'eureka_client_resolver_endpoints',
    type: 'gauge',
    help: 'Servers of the registry that are known.',
    labels: [],
    aggregator: 'max',
    read: ({ servers }) => servers,
  },
  {
    name: 'eureka_client_transport_requests_total',
    type: 'counter',
    help: 'Requests to servers by operation and outcome, each attempt counted.',
    labels: ['operation', 'outcome'],
    aggregator: 'sum',
    read: ({ requests }) =>
      byPair(
        requests.map(({ operation, outcome, count }) => [
          underscored(operation),
          underscored(outcome),
          count,
        ]),
      ),
  },
]

function byPair(entries: readonly (readonly [string, string, number])[]): Tree {
  const tree = dictionary<Record<string, number>>()
  for (const [first, second, count] of entries) {
    const counts = (tree[first] ??= dictionary())
    counts[second] = count
  }
  return tree
}

/** As in every other label value, words are joined by underscores. */
function underscored(word: string): string {
  return word.replaceAll('-', '_')
}
