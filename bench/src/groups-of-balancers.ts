// Scenarios of choosing among instances: a pick of each strategy among few, some and many, its choice alone, and a list that changes.

import type { Group } from './group.ts'

const CLOSED = { policies: 'breaker', mode: 'closed', shape: 'success' } as const
/** The default is the one that is judged. */
const STRATEGIES = [
  'breakwater',
  'breakwater, roundRobin',
  'breakwater, random',
  'breakwater, weighted',
  'breakwater, leastRequest',
  'breakwater, peakEwma',
  'breakwater, ringHash',
  'breakwater, maglev',
  'breakwater, rendezvous',
  'breakwater, zoneAvoidance',
  'breakwater, bestAvailable',
  'breakwater, weightedResponseTime',
  'breakwater, primaryBackup',
]

/** Groups of the balancers. */
export const BALANCER_GROUPS: readonly Group[] = [
  ...[3, 30, 1_000].map((instances): Group => ({
    ...CLOSED,
    id: `picks-${String(instances)}`,
    scenario: 'picks',
    title: `a pick and its end among ${instances.toLocaleString('en')} instances`,
    measure: 'picks',
    instances,
    subjects: [...STRATEGIES, 'undici BalancedPool'],
  })),
  {
    ...CLOSED,
    id: 'choices-1000',
    scenario: 'picks',
    title: 'the choice alone among 1,000 instances',
    measure: 'choices',
    instances: 1_000,
    subjects: STRATEGIES,
  },
  {
    ...CLOSED,
    id: 'rebuild',
    scenario: 'picks',
    title: 'a list of 1,000 instances of which 10 have changed, and the pick after it',
    measure: 'rebuild',
    instances: 1_000,
    subjects: STRATEGIES,
  },
]
