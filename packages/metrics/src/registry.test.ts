import { createRuntime } from '@breakwater/kernel'
import type { RegistryReading } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { latencies } from './fake-instruments.model.js'
import { renderPrometheus } from './render-prometheus.js'
import { parseText } from './strict-parser.model.js'

const QUIET: RegistryReading = {
  fetches: [],
  fetchLatency: latencies(),
  lastFetchAt: undefined,
  lastHeartbeatAt: undefined,
  heartbeats: { success: 0, unknown: 0, failure: 0 },
  reregistrations: 0,
  mismatches: 0,
  droppedEntries: 0,
  heldRegistries: 0,
  instances: { UP: 0, DOWN: 0 },
  ownStatus: undefined,
  quarantinedServers: 0,
  servers: 0,
  serverListAgeMs: undefined,
  requests: [],
}

/** The page of one client. */
function pageOf(reading: Partial<RegistryReading>): string {
  const runtime = createRuntime()
  runtime.register({ kind: 'registry', name: 'orders', read: () => ({ ...QUIET, ...reading }) })
  return renderPrometheus({ runtime, clock: new SimClock(), buckets: [0.005, 1] })
}

/** The samples of one metric, by the values of its labels but for the client's. */
function samplesOf(reading: Partial<RegistryReading>, metric: string): Record<string, number> {
  const family = parseText(pageOf(reading)).find(({ name }) => name === `breakwater_eureka_client_${metric}`)
  const samples = family?.samples.map(({ labels: { client, ...others }, value }) => {
    expect(client).toBe('orders')
    return [Object.values(others).join(' '), value] as const
  })
  return Object.fromEntries(samples ?? [])
}

test('writes exactly this page for a client of a registry', async () => {
  const page = pageOf({
    fetches: [
      { kind: 'full', outcome: 'success', count: 1 },
      { kind: 'delta', outcome: 'success', count: 7 },
      { kind: 'delta', outcome: 'failure', count: 2 },
    ],
    fetchLatency: latencies(2, 30),
    lastFetchAt: 1_767_225_600_500,
    lastHeartbeatAt: 1_767_225_590_250,
    heartbeats: { success: 9, unknown: 1, failure: 3 },
    reregistrations: 1,
    mismatches: 4,
    droppedEntries: 5,
    heldRegistries: 6,
    instances: { UP: 11, DOWN: 12 },
    ownStatus: 'UP',
    quarantinedServers: 2,
    servers: 3,
    requests: [{ operation: 'full-fetch', outcome: 'not-modified', count: 8 }],
  })

  const own = page
    .split('\n')
    .filter((line) => line.includes('eureka_client'))
    .join('\n')
  await expect(`${own}\n`).toMatchFileSnapshot('__golden__/registry-client.txt')
  parseText(page)
})

test('shows zero for each usual fetch before the first, and others once they happened', () => {
  const usual = { 'full success': 0, 'full failure': 0, 'delta success': 0, 'delta failure': 0 }
  const fetches: RegistryReading['fetches'] = [
    { kind: 'delta', outcome: 'success', count: 3 },
    { kind: 'one app', outcome: 'failure', count: 1 },
  ]

  expect(samplesOf({}, 'registry_fetches_total')).toEqual(usual)
  expect(samplesOf({ fetches }, 'registry_fetches_total')).toEqual({
    ...usual,
    'delta success': 3,
    'one app failure': 1,
  })
})

test.each([
  'last_successful_registry_fetch_timestamp_seconds',
  'last_successful_heartbeat_timestamp_seconds',
])('has no %s before the first', (metric) => {
  expect(samplesOf({}, metric)).toEqual({})
})

test('tells the own status among those that there are, and nothing where nothing is registered', () => {
  const instances = { UP: 2, DOWN: 0, STARTING: 1 }

  expect(samplesOf({ instances, ownStatus: 'STARTING' }, 'instance_status')).toEqual({
    UP: 0,
    DOWN: 0,
    STARTING: 1,
  })
  expect(samplesOf({ instances }, 'instance_status')).toEqual({})
})

test('counts requests by operation and outcome, with underscores between words', () => {
  const requests: RegistryReading['requests'] = [
    { operation: 'full-fetch', outcome: 'success', count: 1 },
    { operation: 'full-fetch', outcome: 'connect-time-out', count: 2 },
    { operation: 'heartbeat', outcome: 'success', count: 3 },
  ]

  expect(samplesOf({ requests }, 'transport_requests_total')).toEqual({
    'full_fetch success': 1,
    'full_fetch connect_time_out': 2,
    'heartbeat success': 3,
  })
})
