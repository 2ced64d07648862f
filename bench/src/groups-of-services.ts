// Scenarios that a loop of calls does not show: a fixed rate with calls really in flight, reading statistics, two faults, and a large
// registry.

import type { Group } from './group.ts'

const CLOSED = { policies: 'breaker', mode: 'closed', shape: 'success' } as const
const AT_A_RATE = ['hand-written', 'breakwater', 'opossum', 'opossum-min', 'cockatiel', 'cockatiel-noabort']
const FAULT_SUBJECTS = ['breakwater', 'opossum', 'cockatiel']

/** Groups that are not calls in a loop. */
export const SERVICE_GROUPS: readonly Group[] = [
  {
    ...CLOSED,
    id: 'S9',
    scenario: 'S9',
    title: '50,000 calls a second, each 4 ms in flight, breaker + timeout',
    measure: 'rate',
    policies: 'timeout',
    rate: { perSecond: 50_000, failEvery: 0 },
    subjects: AT_A_RATE,
  },
  {
    ...CLOSED,
    id: 'S10',
    scenario: 'S10',
    title: '10,000 calls a second, each 4 ms in flight, 1 % fail, breaker + timeout',
    measure: 'rate',
    policies: 'timeout',
    rate: { perSecond: 10_000, failEvery: 100 },
    subjects: AT_A_RATE,
  },
  {
    ...CLOSED,
    id: 'S16',
    scenario: 'S16',
    title: 'reading the statistics of a command (peers: of a breaker) with 1,000 samples',
    measure: 'reads',
    subjects: ['breakwater', 'opossum', 'opossum-min'],
  },
  {
    ...CLOSED,
    id: 'faults-stall',
    scenario: 'faults',
    title: '50 calls answered in time, seen after the loop was blocked for 2 s; timeout 1 s',
    measure: 'stall',
    once: true,
    subjects: FAULT_SUBJECTS,
  },
  {
    ...CLOSED,
    id: 'faults-probe',
    scenario: 'faults',
    title: 'a trial of the half-open state that never settles, no timeout',
    measure: 'probe',
    once: true,
    subjects: FAULT_SUBJECTS,
  },
  {
    ...CLOSED,
    id: 'registry',
    scenario: 'registry',
    title: 'a registry of 10,000 instances, 1 % changed at each of 50 polls',
    measure: 'registry',
    subjects: ['breakwater'],
  },
]
