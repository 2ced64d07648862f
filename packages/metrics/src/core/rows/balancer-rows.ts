/** What is told about balancers. Zones and instances are named by others: both have a maximum. */
import type { BalancedInstanceReading, BalancerReading } from '@breakwater/kernel'
import { dictionary } from '../dictionary.js'
import { labelValue, OVERFLOW_LABEL } from '../label-value.js'
import type { Row, Tree } from '../row.js'
import { seconds } from './seconds.js'

type State = BalancedInstanceReading['state']

const STATES: readonly State[] = ['available', 'ejected', 'trial', 'down']
/** Zones beyond these are shown as one. */
const MAX_ZONES = 20

export const BALANCER_ROWS: readonly Row<'balancer'>[] = [
  {
    name: 'lb_requests_total',
    type: 'counter',
    help: 'Ended calls by outcome; no_instance: there was nobody to call; full: all had as many calls as they may have.',
    labels: ['outcome'],
    aggregator: 'sum',
    read: ({ calls }) => calls,
  },
  {
    name: 'lb_requests_active',
    type: 'gauge',
    help: 'Calls in flight now.',
    labels: [],
    aggregator: 'sum',
    read: ({ inFlight }) => inFlight,
  },
  {
    name: 'lb_servers',
    type: 'gauge',
    help: 'Instances by state: available, ejected as outliers, on trial, or not up by what the source says.',
    labels: ['state'],
    aggregator: 'max',
    read: ({ instances }) => byState(instances),
  },
  {
    name: 'lb_zone_servers',
    type: 'gauge',
    help: 'Instances of each zone by state; those without a zone are left out.',
    labels: ['zone', 'state'],
    aggregator: 'max',
    read: (reading) => byZone(reading, (members) => byState(members)),
  },
  {
    name: 'lb_zone_load',
    type: 'gauge',
    help: 'Calls in flight to each zone per available instance of it; absent for a zone that has none.',
    labels: ['zone'],
    aggregator: 'max',
    read: (reading) => byZone(reading, loadOf),
  },
  {
    name: 'lb_ejections_enforced_total',
    type: 'counter',
    help: 'Instances taken out of service as outliers, by what found them.',
    labels: ['detector'],
    aggregator: 'sum',
    read: ({ ejections }) => byDetector(ejections, ({ enforced }) => enforced),
  },
  {
    name: 'lb_ejections_unenforced_total',
    type: 'counter',
    help: 'Outliers that were left in service, by what found them and why they were left.',
    labels: ['detector', 'reason'],
    aggregator: 'sum',
    read: ({ ejections }) => byDetector(ejections, ({ unenforced }) => unenforced),
  },
  {
    name: 'lb_panic',
    type: 'gauge',
    help: 'Balancers that heed no ejection, because too few instances are in service: of one balancer 1 or 0.',
    labels: [],
    aggregator: 'sum',
    read: ({ panic }) => (panic ? 1 : 0),
  },
  {
    name: 'lb_panic_picks_total',
    type: 'counter',
    help: 'Choices made while no ejection was heeded.',
    labels: [],
    aggregator: 'sum',
    read: ({ panicPicks }) => panicPicks,
  },
  {
    name: 'lb_rebuilds_total',
    type: 'counter',
    help: 'How often the list of those to choose from was made anew.',
    labels: [],
    aggregator: 'sum',
    read: ({ rebuilds }) => rebuilds,
  },
  {
    name: 'lb_list_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the source last heard of the list of instances; absent before the first time.',
    labels: [],
    aggregator: 'max',
    read: ({ listUpdatedAt }) => seconds(listUpdatedAt),
  },
  {
    name: 'lb_server_requests_total',
    type: 'counter',
    help: 'Ended calls of each instance by outcome; neutral: says nothing about the instance. Only with maxInstances.',
    labels: ['server', 'outcome'],
    ofMembers: true,
    aggregator: 'sum',
    read: ({ seated }) => byServer(seated, ({ calls }) => calls),
  },
  {
    name: 'lb_server_active',
    type: 'gauge',
    help: 'Calls in flight to each instance now. Only with maxInstances.',
    labels: ['server'],
    aggregator: 'sum',
    read: ({ seated }) => byServer(seated, ({ inFlight }) => inFlight),
  },
  {
    name: 'lb_server_limit',
    type: 'gauge',
    help: 'How many calls may be in flight to each instance now; absent where one has no limit. Only with maxInstances.',
    labels: ['server'],
    aggregator: 'sum',
    read: ({ seated }) => byServer(seated, ({ limit }) => limit),
  },
  {
    name: 'lb_server_ejected',
    type: 'gauge',
    help: 'Whether each instance is out of service as an outlier, 1 or 0. Only with maxInstances.',
    labels: ['server'],
    aggregator: 'max',
    read: ({ seated }) => byServer(seated, ({ ejected }) => ejected),
  },
  {
    name: 'lb_server_expected_latency_seconds',
    type: 'gauge',
    help: 'The latency that the balancer expects of each instance; absent before its first answer. Only with maxInstances.',
    labels: ['server'],
    aggregator: 'max',
    read: ({ seated }) => byServer(seated, ({ latencyMs }) => seconds(latencyMs)),
  },
  {
    name: 'lb_server_score',
    type: 'gauge',
    help: 'What the strategy decides by, lower is better; absent with strategies that have no such number. Only with maxInstances.',
    labels: ['server'],
    aggregator: 'max',
    read: ({ seated }) => byServer(seated, ({ score }) => score),
  },
]

function byState(instances: readonly BalancedInstanceReading[]): Record<State, number> {
  const counts: Record<State, number> = { available: 0, ejected: 0, trial: 0, down: 0 }
  for (const { state } of instances) if (STATES.includes(state)) counts[state]++
  return counts
}

function byZone(
  { instances }: Pick<BalancerReading, 'instances'>,
  treeOf: (members: readonly BalancedInstanceReading[]) => Tree | undefined,
): Tree {
  const zones = new Map<string, BalancedInstanceReading[]>()
  // By name, so that the same zones are shown by themselves each time.
  const names = [...new Set(instances.flatMap(({ zone }) => (zone === undefined ? [] : [zone])))].sort()
  const own = new Set(names.slice(0, MAX_ZONES))
  for (const instance of instances) {
    if (instance.zone === undefined) continue
    const label = own.has(instance.zone) ? labelValue(instance.zone) : OVERFLOW_LABEL
    const members = zones.get(label)
    if (members === undefined) zones.set(label, [instance])
    else members.push(instance)
  }
  return treeFrom([...zones].map(([zone, members]) => [zone, treeOf(members)]))
}

function loadOf(members: readonly BalancedInstanceReading[]): number | undefined {
  const available = members.filter(({ state }) => state === 'available').length
  const active = members.reduce((sum, { inFlight }) => sum + inFlight, 0)
  return available === 0 ? undefined : active / available
}

function byDetector(
  ejections: BalancerReading['ejections'],
  treeOf: (ejection: BalancerReading['ejections'][number]) => Tree,
): Tree {
  return treeFrom(ejections.map((ejection) => [underscored(ejection.detector), treeOf(ejection)]))
}

function byServer<I extends { readonly server: string }>(
  seated: readonly I[],
  treeOf: (instance: I) => Tree | undefined,
): Tree {
  return treeFrom(seated.map((instance) => [instance.server, treeOf(instance)]))
}

function treeFrom(entries: readonly (readonly [label: string, tree: Tree | undefined])[]): Tree {
  const tree = dictionary<Tree>()
  for (const [label, branch] of entries) if (branch !== undefined) tree[label] = branch
  return tree
}

/** As in every other label value, words are joined by underscores. */
function underscored(words: string): string {
  return words.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
