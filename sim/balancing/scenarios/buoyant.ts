// The set-up that Buoyant published in 2016: eleven servers, one of them at two seconds for half of a minute.

import { normal } from '../core/distributions.ts'
import { SlotServer } from '../core/server.ts'
import type { Scenario } from './scenario.ts'

const SERVERS = 11
/** Enough that nobody waits for a slot: what is compared are balancers, not capacity. */
const SLOTS = 10_000
const LATENCY_MS = 167
const SLOW_MS = 2_000

export const BUOYANT: Scenario = {
  id: 'buoyant',
  title: '11 servers of 167 ms, one of 2 s from 15 s to 45 s, one client, 1 000/s',
  clients: 1,
  durationMs: 60_000,
  drainMs: 10_000,
  fromMs: 0,
  demand: normal(LATENCY_MS, 5),
  perSecond: () => 1_000,
  bad: { servers: [0], fromMs: 15_000, untilMs: 45_000 },
  cast: (queue) => {
    const servers = Array.from({ length: SERVERS }, () => new SlotServer(queue, SLOTS))
    const slow = servers[0] as SlotServer
    return {
      servers,
      members: servers.map((_, server) => ({ server })),
      play: ({ queue: time }) => {
        time.at(15_000, () => {
          slow.slowness = SLOW_MS / LATENCY_MS
        })
        time.at(45_000, () => {
          slow.slowness = 1
        })
      },
    }
  },
}
