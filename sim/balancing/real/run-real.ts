// The most telling rows once more, on real sockets and processes: what a simulation leaves out is in here, and little else can be
// told apart on one small machine. Bounded in number and time.

import { Agent, request } from 'node:http'
import { createBalancer, StaticSource } from '@breakwater/discovery-client'
import type { Balancer } from '@breakwater/discovery-client'
import { systemClock } from '@breakwater/kernel'
import { quantile } from '../metrics.ts'
import { startFleet } from './fleet.ts'
import type { RealServer } from './fleet.ts'

export interface RealRow {
  readonly id: string
  readonly title: string
  /** Makes the first server bad, or well again. */
  readonly change: (server: RealServer, isBad: boolean) => Promise<void> | void
}

/** What came of a row with one strategy. */
export interface RealResult {
  readonly row: string
  readonly title: string
  readonly strategy: string
  readonly calls: number
  readonly errorPercent: number
  readonly p50: number
  readonly p99: number
  /** Of a fair share, while it was bad, and in the last part after it was well again. */
  readonly badSharePercent: number
  readonly recoveredSharePercent: number
}

/** How long, how much, and where something is wrong. */
export interface RealPlan {
  readonly rows: readonly RealRow[]
  readonly strategies: readonly ('roundRobin' | 'adaptive')[]
  readonly servers: number
  readonly perSecond: number
  readonly goodMs: number
  readonly badMs: number
  readonly recoveryMs: number
}

const ATTEMPT_MS = 500
const MOST_AT_ONCE = 2

export const REAL_ROWS: readonly RealRow[] = [
  {
    id: 'slow',
    title: 'ten times as slow',
    change: (server, isBad) => server.become({ slowness: isBad ? 10 : 1 }),
  },
  {
    id: 'fast-fail',
    title: 'answers 503 at once',
    change: (server, isBad) => server.become({ failing: isBad }),
  },
  {
    id: 'frozen',
    title: 'stopped (SIGSTOP), attempts of 500 ms',
    change: (server, isBad) => {
      server.freeze(isBad)
    },
  },
  {
    id: 'killed',
    title: 'killed (SIGKILL), and started again',
    change: (server, isBad) => (isBad ? server.stop() : server.restart()),
  },
  {
    id: 'pause',
    title: 'stopped for 300 ms',
    change: (server, isBad) => {
      if (!isBad) return
      server.freeze(true)
      systemClock.schedule(systemClock.now() + 300, () => {
        server.freeze(false)
      })
    },
  },
]

const PLAN: RealPlan = {
  rows: REAL_ROWS,
  strategies: ['roundRobin', 'adaptive'],
  servers: 5,
  perSecond: 200,
  goodMs: 500,
  badMs: 1_500,
  recoveryMs: 1_500,
}

export async function runReal(plan: RealPlan = PLAN): Promise<readonly RealResult[]> {
  const servers = await startFleet(plan.servers)
  try {
    const results: RealResult[] = []
    for (const row of plan.rows) {
      for (const strategy of plan.strategies) results.push(await runRow(plan, servers, row, strategy))
    }
    return results
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

interface Ended {
  readonly atMs: number
  readonly port: number
  readonly ms: number
  readonly isOk: boolean
}

async function runRow(
  plan: RealPlan,
  servers: readonly RealServer[],
  row: RealRow,
  strategy: 'roundRobin' | 'adaptive',
): Promise<RealResult> {
  const agent = new Agent({ keepAlive: true })
  try {
    const source = new StaticSource({ fleet: servers.map(({ port }) => `http://127.0.0.1:${String(port)}`) })
    const ejection = strategy === 'adaptive' ? undefined : false
    using balancer = createBalancer({ source, service: 'fleet', strategy, ejection })
    const bad = servers[0] as RealServer
    const startedAt = systemClock.now()
    const calls: Promise<Ended>[] = []
    const load = async (ms: number): Promise<void> => {
      const startedLoadAt = systemClock.now()
      const count = Math.round((ms * plan.perSecond) / 1_000)
      // An open loop: late ticks catch up on what was due, by a few at a time, of which the balancer hears before the next.
      for (let sent = 0; sent < count; await tick()) {
        const due = Math.min(
          ((systemClock.now() - startedLoadAt) * plan.perSecond) / 1_000,
          sent + MOST_AT_ONCE,
          count,
        )
        for (; sent < due; sent++) calls.push(callOnce(balancer, agent, startedAt))
      }
    }
    await load(plan.goodMs)
    await row.change(bad, true)
    const badFromMs = systemClock.now() - startedAt
    await load(plan.badMs)
    await row.change(bad, false)
    const wellFromMs = systemClock.now() - startedAt
    await load(plan.recoveryMs)
    const ended = await Promise.all(calls)
    return {
      row: row.id,
      title: row.title,
      strategy,
      ...measure(plan, ended, { badFromMs, wellFromMs, badPort: bad.port }),
    }
  } finally {
    agent.destroy()
  }
}

const tick = (): Promise<void> =>
  new Promise((resolve) => systemClock.schedule(systemClock.now() + 5, resolve))

function callOnce(balancer: Balancer, agent: Agent, startedAt: number): Promise<Ended> {
  const pick = balancer.pick()
  const { port } = pick.instance
  const begin = systemClock.now()
  return new Promise((resolve) => {
    const end = (isOk: boolean, isTimeout = false): void => {
      pick.done(isOk ? 'success' : isTimeout ? 'timeout' : 'failure')
      resolve({ atMs: begin - startedAt, port, ms: systemClock.now() - begin, isOk })
    }
    const signal = AbortSignal.timeout(ATTEMPT_MS)
    const sent = request({ host: '127.0.0.1', port, agent, signal }, (response) => {
      response.resume()
      end(response.statusCode === 200)
    })
    sent.on('error', () => {
      end(false, signal.aborted)
    })
    sent.end()
  })
}

function measure(
  { servers, recoveryMs }: RealPlan,
  ended: readonly Ended[],
  times: { readonly badFromMs: number; readonly wellFromMs: number; readonly badPort: number },
): Omit<RealResult, 'row' | 'title' | 'strategy'> {
  const { badFromMs, wellFromMs, badPort } = times
  const inBad = ended.filter(({ atMs }) => atMs >= badFromMs && atMs < wellFromMs)
  const late = ended.filter(({ atMs }) => atMs >= wellFromMs + recoveryMs / 2)
  const share = (calls: readonly Ended[]): number =>
    calls.length === 0
      ? 0
      : (calls.filter(({ port }) => port === badPort).length * servers * 100) / calls.length
  const sorted = Float64Array.from(inBad, ({ ms }) => ms).sort()
  return {
    calls: ended.length,
    errorPercent: (inBad.filter(({ isOk }) => !isOk).length * 100) / Math.max(1, inBad.length),
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    badSharePercent: share(inBad),
    recoveredSharePercent: share(late),
  }
}
