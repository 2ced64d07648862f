// Every scenario that this bench runs, as data: what is built, how it is called, and who takes part. A scenario with more than
// one shape is several groups. Limits are in `gates.json`; calls in a loop are here, the others in `groups-of-services.ts`.

import type { Group } from './group.ts'
import { BALANCER_GROUPS } from './groups-of-balancers.ts'
import { HTTP_GROUPS } from './groups-of-http.ts'
import { SERVICE_GROUPS } from './groups-of-services.ts'

const CLOSED = { measure: 'paired', mode: 'closed', shape: 'success' } as const
const FAILS = { measure: 'paired', shape: 'rejection' } as const
const COCKATIELS_WITH_TIMEOUT = [
  'cockatiel',
  'cockatiel-noabort',
  'cockatiel-min',
  'cockatiel-min-noabort',
] as const
const OPOSSUM_FIVE = ['opossum+p-retry', 'opossum-min+p-retry'] as const

const CALL_GROUPS: readonly Group[] = [
  {
    ...CLOSED,
    id: 'S1',
    scenario: 'S1',
    title: 'breaker only, closed, async work',
    policies: 'breaker',
    subjects: [
      'hand-written',
      'breakwater',
      'opossum',
      'opossum-min',
      'cockatiel',
      'cockatiel-min',
      'hystrixjs',
      'alfred',
    ],
  },
  {
    ...CLOSED,
    id: 'S2',
    scenario: 'S2',
    title: 'breaker + timeout',
    policies: 'timeout',
    subjects: [
      'hand-written',
      'breakwater',
      'opossum',
      'opossum-min',
      ...COCKATIELS_WITH_TIMEOUT,
      'hystrixjs',
      'levee',
      'brakes',
    ],
  },
  {
    ...CLOSED,
    id: 'S3',
    scenario: 'S3',
    title: 'all five policies: fallback, retry, breaker, bulkhead, timeout',
    policies: 'five',
    subjects: ['hand-written', 'breakwater', ...OPOSSUM_FIVE, ...COCKATIELS_WITH_TIMEOUT],
  },
  {
    ...CLOSED,
    id: 'S4',
    scenario: 'S4',
    title: 'all five policies, exact latency on each call',
    policies: 'five',
    exactClock: true,
    subjects: ['hand-written, exact clock', 'breakwater', 'opossum+p-retry'],
  },
  {
    ...CLOSED,
    id: 'S5-S2',
    scenario: 'S5',
    title: '100 in flight, breaker + timeout',
    policies: 'timeout',
    shape: 'in-flight',
    subjects: [
      'hand-written',
      'breakwater',
      'opossum',
      'opossum-min',
      ...COCKATIELS_WITH_TIMEOUT,
      'hystrixjs',
      'levee',
    ],
  },
  {
    ...CLOSED,
    id: 'S5-S3',
    scenario: 'S5',
    title: '100 in flight, all five policies',
    policies: 'five',
    shape: 'in-flight',
    subjects: ['hand-written', 'breakwater', ...OPOSSUM_FIVE, 'cockatiel', 'cockatiel-noabort'],
  },
  {
    ...FAILS,
    id: 'S6',
    scenario: 'S6',
    title: 'open circuit, reject (x of a bare rejection)',
    policies: 'breaker',
    mode: 'open',
    subjects: [
      ...['hand-written', 'breakwater', 'opossum', 'opossum-min', 'cockatiel', 'cockatiel-min'],
      ...['hystrixjs', 'brakes', 'alfred', 'levee'],
    ],
  },
  {
    ...CLOSED,
    id: 'S7',
    scenario: 'S7',
    title: 'open circuit, fallback answers (x of a bare success)',
    policies: 'breaker',
    mode: 'open-fallback',
    subjects: [
      'hand-written',
      'breakwater',
      'opossum',
      'opossum-min',
      'cockatiel',
      'cockatiel-min',
      'hystrixjs',
      'brakes',
    ],
  },
  {
    ...FAILS,
    id: 'S8-S1',
    scenario: 'S8',
    title: 'work rejects, breaker only (x of a bare rejection)',
    policies: 'breaker',
    mode: 'fails',
    subjects: [
      ...['hand-written', 'breakwater', 'opossum', 'opossum-min', 'cockatiel', 'cockatiel-min'],
      ...['hystrixjs', 'brakes', 'alfred'],
    ],
  },
  {
    ...FAILS,
    id: 'S8-S3',
    scenario: 'S8',
    title: 'work rejects, five policies, nothing retried, fallback declines (x of a bare rejection)',
    policies: 'five',
    mode: 'fails',
    subjects: [
      'hand-written',
      'breakwater',
      'opossum-min+p-retry',
      'cockatiel',
      'cockatiel-noabort',
      'cockatiel-min-noabort',
    ],
  },
  {
    ...FAILS,
    id: 'S8-S3-fallback',
    scenario: 'S8',
    title: 'work rejects, five policies, nothing retried, fallback answers (x of a bare rejection)',
    policies: 'five',
    mode: 'fails-fallback',
    subjects: [
      'hand-written',
      'breakwater',
      'opossum-min+p-retry',
      'cockatiel',
      'cockatiel-noabort',
      'cockatiel-min-noabort',
    ],
  },
  {
    id: 'S8-growth',
    scenario: 'S8',
    title: 'time per failure with 10² to 10⁵ samples in the window (x of a bare rejection)',
    measure: 'growth',
    policies: 'breaker',
    mode: 'fails',
    shape: 'rejection',
    subjects: ['breakwater', 'opossum', 'opossum-min', 'cockatiel', 'hystrixjs'],
  },
  {
    id: 'S11',
    scenario: 'S11',
    title: '10,000 breakers, each used once, then idle',
    measure: 'idle',
    policies: 'breaker',
    mode: 'closed',
    shape: 'success',
    subjects: ['breakwater', 'opossum', 'opossum-min', 'cockatiel', 'hystrixjs', 'brakes', 'alfred', 'levee'],
  },
  {
    ...CLOSED,
    id: 'S14-execute',
    scenario: 'S14',
    title: 'sync work through execute (x of an awaited sync call)',
    policies: 'breaker',
    syncWork: true,
    subjects: ['hand-written', 'breakwater', 'opossum', 'cockatiel', 'cockatiel-min'],
  },
  {
    ...CLOSED,
    id: 'S14-sync',
    scenario: 'S14',
    title: 'sync work through executeSync (x of an awaited sync call)',
    policies: 'breaker',
    syncWork: true,
    subjects: ['breakwater executeSync'],
  },
  {
    ...CLOSED,
    id: 'S13-S1',
    scenario: 'S13',
    title: 'breaker only, inside of an AsyncLocalStorage store',
    policies: 'breaker',
    storage: true,
    subjects: ['hand-written', 'breakwater', 'opossum', 'cockatiel-min'],
  },
  {
    ...CLOSED,
    id: 'S13-S3',
    scenario: 'S13',
    title: 'all five policies, inside of an AsyncLocalStorage store',
    policies: 'five',
    storage: true,
    subjects: ['hand-written', 'breakwater', 'opossum+p-retry', 'cockatiel', 'cockatiel-noabort'],
  },
  {
    ...CLOSED,
    id: 'S15',
    scenario: 'S15',
    title: 'all five policies, the work reads its signal',
    policies: 'five',
    readsSignal: true,
    subjects: ['breakwater', ...COCKATIELS_WITH_TIMEOUT],
  },
  {
    ...CLOSED,
    id: 'commands',
    scenario: 'commands',
    title: 'a whole command, with what its preset has',
    policies: 'five',
    subjects: [
      'breakwater, standard',
      'breakwater, hystrix',
      'breakwater, hystrix 1.5.18',
      'breakwater, hystrix by semaphore',
    ],
  },
]

/** Every group, in the order of the tables. */
export const GROUPS: readonly Group[] = [
  ...CALL_GROUPS,
  ...SERVICE_GROUPS,
  ...BALANCER_GROUPS,
  ...HTTP_GROUPS,
].sort((a, b) => position(a) - position(b))

function position({ scenario }: Group): number {
  return scenario.startsWith('S') ? Number(scenario.slice(1)) : Number.MAX_SAFE_INTEGER
}

/** The group with that id. Throws when there is none. */
export function groupById(id: string): Group {
  const group = GROUPS.find((candidate) => candidate.id === id)
  if (group === undefined) throw new Error(`no group called ${id}`)
  return group
}
