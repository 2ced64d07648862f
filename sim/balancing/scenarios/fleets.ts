// The rows of our own: twenty servers with four slots each and lognormal work of 10 ms on average, called at random.

import { lognormal } from '../core/distributions.ts'
import { SlotServer } from '../core/server.ts'
import type { Mode } from '../core/server.ts'
import type { BadTime, Member, Scenario, Stage } from './scenario.ts'
import { coldStart, flapping, NEW_SERVERS, rollingDeploy, rollingPauses } from './scripts.ts'

const SERVERS = 20
const SLOTS = 4
const WORK_MS = 10
/** Calls a second that keep every slot of the fleet busy. */
const CAPACITY = (SERVERS * SLOTS * 1_000) / WORK_MS
/** Where something is wrong for a while, it is so from here to there. */
const BAD_FROM_MS = 10_000
const BAD_UNTIL_MS = 25_000
const RECOVERED_MS = 50_000
/** A call takes a slot for six times the mean once in a hundred times. */
const work = lognormal(WORK_MS, 1)

interface Fleet {
  readonly id: string
  readonly title: string
  /** Of the capacity of servers that are well. */
  readonly load: number
  readonly more?: Partial<Scenario>
  readonly members?: readonly Member[]
  readonly script?: (servers: readonly SlotServer[], stage: Stage) => void
}

const everyone: readonly Member[] = Array.from({ length: SERVERS }, (_, server) => ({ server }))

function fleet({ id, title, load, more, members = everyone, script }: Fleet): (clients: number) => Scenario {
  return (clients) => ({
    id: `${id} ${String(clients)}`,
    title,
    clients,
    durationMs: 40_000,
    drainMs: 20_000,
    fromMs: 10_000,
    demand: work,
    perSecond: () => CAPACITY * load,
    cast: (queue) => {
      const servers = Array.from({ length: SERVERS }, () => new SlotServer(queue, SLOTS))
      return { servers, members, play: (stage) => script?.(servers, stage) }
    },
    ...more,
  })
}

/** One server changes for a while, and then is well again for as long as it takes to see its share return. */
function badTime(
  change: (server: SlotServer) => void,
  servers: readonly number[] = [0],
): Pick<Fleet, 'script' | 'more'> {
  return {
    more: {
      durationMs: RECOVERED_MS,
      bad: { servers, fromMs: BAD_FROM_MS, untilMs: BAD_UNTIL_MS },
    },
    script: (all, { queue }) => {
      const those = servers.map((index) => all[index] as SlotServer)
      queue.at(BAD_FROM_MS, () => {
        those.forEach(change)
      })
      queue.at(BAD_UNTIL_MS, () => {
        for (const server of those) {
          server.slowness = 1
          server.become('serve')
        }
      })
    },
  }
}

const breaks = (mode: Mode, servers?: readonly number[]): Pick<Fleet, 'script' | 'more'> =>
  badTime((server) => {
    server.become(mode)
  }, servers)

const flaps: BadTime = { servers: [0], fromMs: BAD_FROM_MS, untilMs: BAD_UNTIL_MS }
const GONE = [0, 1, 2]
const EMPTY_MS = 2_000
/** Zones a, b, c in turn; the first is lost. */
const zoned: readonly Member[] = everyone.map(({ server }) => ({ server, zone: 'abc'.charAt(server % 3) }))
const firstZone = zoned.filter(({ zone }) => zone === 'a').map(({ server }) => server)

const retryElsewhere = { attempts: 2, isRetried: () => true, backoffMs: () => 0 }

/** All rows, each for any number of clients. */
export const FLEETS: readonly ((clients: number) => Scenario)[] = [
  fleet({ id: 'homogeneous-0.7', title: 'all alike, load 0.7', load: 0.7 }),
  fleet({ id: 'homogeneous-0.9', title: 'all alike, load 0.9', load: 0.9 }),
  fleet({
    id: 'quarter-slow',
    title: '5 of 20 twice as slow, load 0.7',
    load: 0.7,
    script: (servers) => {
      for (const server of servers.slice(0, 5)) server.slowness = 2
    },
    more: { bad: { servers: [0, 1, 2, 3, 4], fromMs: 10_000, untilMs: 40_000 } },
  }),
  fleet({
    id: 'one-slow',
    title: '1 of 20 ten times as slow, load 0.6',
    load: 0.6,
    script: (servers) => {
      ;(servers[0] as SlotServer).slowness = 10
    },
    more: { bad: { servers: [0], fromMs: 10_000, untilMs: 40_000 } },
  }),
  fleet({
    id: 'slow-then-well',
    title: 'ten times as slow for 15 s, load 0.6',
    load: 0.6,
    ...badTime((server) => {
      server.slowness = 10
    }),
  }),
  fleet({ id: 'pauses', title: 'pauses of 300 ms, in turn, load 0.7', load: 0.7, script: rollingPauses }),
  fleet({ id: 'fast-fail', title: 'one fails at once for 15 s, load 0.7', load: 0.7, ...breaks('fail') }),
  fleet({
    id: 'fast-fail-retried',
    title: 'the same, tried once elsewhere',
    load: 0.7,
    script: breaks('fail').script,
    more: { ...breaks('fail').more, retries: retryElsewhere },
  } as Fleet),
  fleet({
    id: 'black-hole',
    title: 'one never answers for 15 s, timeout 1 s, load 0.7',
    load: 0.7,
    script: breaks('hole').script,
    more: { ...breaks('hole').more, timeoutMs: 1_000 },
  } as Fleet),
  fleet({
    id: 'cold-start',
    title: '5 of 20 join cold, load 0.7',
    load: 0.7,
    members: everyone.slice(NEW_SERVERS),
    script: (servers, stage) => {
      coldStart(servers, stage, everyone)
    },
  }),
  fleet({
    id: 'zone-loss',
    title: '7 of 20 refuse for 15 s, load 0.5',
    load: 0.5,
    members: zoned,
    ...breaks('fail', firstZone),
  }),
  fleet({
    id: 'rolling-deploy',
    title: 'one after the other replaced, each second, load 0.7',
    load: 0.7,
    script: (servers, stage) => {
      rollingDeploy(servers, stage, everyone)
    },
  }),
  fleet({
    id: 'flapping',
    title: 'one fails for 3 s and serves for 3 s, load 0.7',
    load: 0.7,
    script: (servers, stage) => {
      flapping(servers, stage, flaps)
    },
    more: { durationMs: RECOVERED_MS, bad: flaps },
  }),
  fleet({
    id: 'stale-list',
    title: '3 of 20 gone and still listed, load 0.7',
    load: 0.7,
    script: (servers, { queue }) => {
      queue.at(BAD_FROM_MS, () => {
        for (const index of GONE) servers[index]?.become('fail')
      })
    },
    more: { bad: { servers: GONE, fromMs: BAD_FROM_MS, untilMs: 40_000 } },
  }),
  fleet({
    id: 'flaky',
    title: 'each fails one call in a hundred, load 0.7',
    load: 0.7,
    script: (servers) => {
      for (const server of servers) server.failsOnceIn = 100
    },
  }),
  fleet({
    id: 'empty-list',
    title: 'an empty list for 2 s, load 0.7',
    load: 0.7,
    script: (_servers, { queue, publish }) => {
      queue.at(15_000, () => {
        publish([])
      })
      queue.at(15_000 + EMPTY_MS, () => {
        publish(everyone)
      })
    },
  }),
  fleet({
    id: 'bursts',
    title: 'load 0.5, and 1.5 for 200 ms every 2 s',
    load: 0.5,
    more: { perSecond: (now) => CAPACITY * (now % 2_000 < 200 ? 1.5 : 0.5) },
  }),
]

/** Losses of above that the list tells of at once: what those who are left can do under all of the load, whoever chooses. */
export const TOLD: readonly ((clients: number) => Scenario)[] = [
  fleet({
    id: 'zone-loss-told',
    title: '7 of 20 are not listed for 15 s, load 0.5',
    load: 0.5,
    script: (_servers, { queue, publish }) => {
      queue.at(BAD_FROM_MS, () => {
        publish(everyone.filter(({ server }) => !firstZone.includes(server)))
      })
      queue.at(BAD_UNTIL_MS, () => {
        publish(everyone)
      })
    },
    more: { durationMs: RECOVERED_MS },
  }),
  fleet({
    id: 'stale-list-told',
    title: '3 of 20 gone and not listed, load 0.7',
    load: 0.7,
    members: everyone.slice(GONE.length),
  }),
]
