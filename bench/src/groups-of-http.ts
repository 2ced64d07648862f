// Scenarios with real sockets: what a request through the HTTP client costs beside one without it, and what callers notice of bad instances.

import type { Group } from './group.ts'

const REQUESTS = { measure: 'http', policies: 'five', mode: 'closed', shape: 'success' } as const
// What an interceptor costs that does nothing is undici's; what undici costs beside itself is the error of the measurement.
const UNDICI = ['undici itself', 'undici, empty interceptor', 'undici fetch']
const AROUND_UNDICI = ['opossum+p-retry', 'opossum-min+p-retry', 'cockatiel', 'cockatiel-noabort']

/** Groups that send requests. */
export const HTTP_GROUPS: readonly Group[] = [
  {
    ...REQUESTS,
    id: 'S12-50',
    scenario: 'S12',
    title: 'undici.request over 50 connections, all policies (beside it as it is)',
    http: { bare: 'request', connections: 50, servers: 1 },
    subjects: ['breakwater request', 'breakwater interceptor', ...UNDICI, ...AROUND_UNDICI],
  },
  {
    ...REQUESTS,
    id: 'S12-10',
    scenario: 'S12',
    title: 'undici.request over 10 connections, all policies (beside it as it is)',
    http: { bare: 'request', connections: 10, servers: 1 },
    subjects: ['breakwater request', 'breakwater interceptor', ...UNDICI, ...AROUND_UNDICI],
  },
  {
    ...REQUESTS,
    id: 'S12-fetch',
    scenario: 'S12',
    title: 'fetch of undici over 50 connections, all policies (beside it as it is)',
    http: { bare: 'fetch', connections: 50, servers: 1 },
    subjects: ['breakwater fetch', 'breakwater interceptor, fetch'],
  },
  {
    ...REQUESTS,
    id: 'S12-service',
    scenario: 'S12',
    title: 'a service of three instances, 50 requests at once (beside undici.request in turn to each)',
    http: { bare: 'request', connections: 50, servers: 3 },
    subjects: ['breakwater service', 'breakwater interceptor, service', 'undici BalancedPool'],
  },
  {
    measure: 'fleet',
    policies: 'five',
    mode: 'closed',
    shape: 'success',
    id: 'fleet',
    scenario: 'fleet',
    title:
      '20 instances in processes of their own, of which one gets slow, one fails at once, and one freezes; 300 requests a second',
    once: true,
    subjects: [
      'breakwater client',
      'breakwater client, hedged',
      'hand-written round robin',
      'undici BalancedPool',
      'opossum for the service',
      'opossum for each instance',
    ],
  },
]
