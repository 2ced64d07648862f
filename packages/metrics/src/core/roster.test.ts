import { LatencyHistogram } from '@breakwater/kernel'
import type { Instrument } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { BULKHEAD_ROWS } from './rows/bulkhead-rows.js'
import { Roster } from './roster.js'

const ACTIVE = BULKHEAD_ROWS.findIndex(({ name }) => name === 'bulkhead_active')
const REJECTIONS = BULKHEAD_ROWS.findIndex(({ name }) => name === 'bulkhead_rejections_total')

function bulkhead(name: string, rejected = 0): Instrument {
  return {
    kind: 'bulkhead',
    name,
    read: () => ({
      active: 1,
      limit: 10,
      queueSize: 0,
      queueLimit: 0,
      rejections: { concurrency: rejected, queue_full: 0, queue_timeout: 0 },
      queueWait: new LatencyHistogram(),
    }),
  }
}

function unreadable(name: string): Instrument {
  const read = (): never => {
    throw new Error('gone')
  }
  return { kind: 'bulkhead', name, read }
}

const shown = (roster: Roster): unknown[] =>
  roster.series('bulkhead').map(({ labels, cells }) => {
    const [active, rejections] = [cells[ACTIVE], cells[REJECTIONS]]
    return [
      labels['bulkhead'],
      active !== undefined && 'tree' in active ? active.tree : undefined,
      rejections !== undefined && 'tree' in rejections ? rejections.tree : undefined,
    ]
  })
const rejected = (concurrency: number): object => ({ concurrency, queue_full: 0, queue_timeout: 0 })

test('shows instances of balancers only', () => {
  const roster = new Roster(10, 5)
  roster.observe(bulkhead('a', 1))

  expect(shown(roster)).toEqual([['a', 1, rejected(1)]])
})

test('adds up what all have counted who left a series that goes on', () => {
  const roster = new Roster(10)
  const leaving = [bulkhead('a', 1), bulkhead('a', 20)]
  for (const one of [...leaving, bulkhead('a', 300)]) roster.observe(one)

  for (const one of leaving) roster.retire(one)

  expect(shown(roster)).toEqual([['a', 1, rejected(321)]])
})

test('does not know who was never seen, or has left', () => {
  const roster = new Roster(10)
  const left = bulkhead('a')
  roster.observe(left)
  roster.retire(left)

  roster.retire(left)
  roster.retire(bulkhead('b'))

  expect(shown(roster)).toEqual([])
})

test('shows a series without those of its instruments that cannot be read, and keeps nothing of them', () => {
  const roster = new Roster(10)
  const mute = unreadable('a')
  for (const one of [bulkhead('a', 1), mute, bulkhead('a', 2)])
    try {
      roster.observe(one)
    } catch {
      // It says that it is gone.
    }
  expect(shown(roster)).toEqual([['a', 2, rejected(3)]])

  roster.retire(mute)

  expect(shown(roster)).toEqual([['a', 2, rejected(3)]])
})

test('gives the place of a name away when the last one of that name has left', () => {
  const roster = new Roster(1)
  const [first, second] = [bulkhead('a'), bulkhead('a')]
  roster.observe(first)
  roster.observe(second)

  roster.retire(first)
  roster.observe(bulkhead('b'))
  expect(shown(roster).map((series) => (series as unknown[])[0])).toEqual(['a', '__other__'])

  roster.retire(second)
  roster.observe(bulkhead('c'))
  expect(shown(roster).map((series) => (series as unknown[])[0])).toEqual(['__other__', 'c'])
})

test('has no more places when one leaves who had none', () => {
  const roster = new Roster(1)
  const late = bulkhead('b')
  for (const one of [bulkhead('a'), late]) roster.observe(one)

  roster.retire(late)
  roster.observe(bulkhead('c'))

  expect(shown(roster).map((series) => (series as unknown[])[0])).toEqual(['a', '__other__'])
})

test('names a client of a registry by its own label', () => {
  const roster = new Roster(10)
  roster.observe({
    kind: 'registry',
    name: 'edge',
    group: 'ignored',
    read: () => ({
      fetches: [],
      fetchLatency: new LatencyHistogram(),
      lastFetchAt: undefined,
      lastHeartbeatAt: undefined,
      heartbeats: { success: 0, unknown: 0, failure: 0 },
      reregistrations: 0,
      mismatches: 0,
      droppedEntries: 0,
      heldRegistries: 0,
      instances: {},
      ownStatus: undefined,
      quarantinedServers: 0,
      servers: 0,
      serverListAgeMs: undefined,
      requests: [],
    }),
  })

  expect(roster.series('registry').map(({ labels }) => labels)).toEqual([{ client: 'edge' }])
})
