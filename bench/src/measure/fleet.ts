// Twenty instances in processes of their own, three of which go wrong in different ways while requests come at a fixed rate, whether or not the earlier
// ones have ended. Times are from when a request was due, so a client that stalls cannot hide what it did not send.

import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { askerOf, TIMEOUT_MS } from '../subjects/fleet.ts'
import type { Ask } from '../subjects/fleet.ts'
import type { Effort } from './effort.ts'
import type { Metrics } from './paired.ts'
import { startServers } from './server-process.ts'
import type { ServerProcess } from './server-process.ts'

const INSTANCES = 20
const PER_SECOND = 300
const TICK_MS = 5
/** Of each instance, and of the slow one. */
const GOOD_MS = 5
const SLOW_MS = 600

/** `failedPercent` of requests that failed or took too long, with the faults there; `p50Ms`, `p99Ms` and `p999Ms`, failed ones at the time they took. */
export async function measureFleet(subject: string, { fleetWarmMs, fleetMs }: Effort): Promise<Metrics> {
  process.once('SIGTERM', () => process.exit(1))
  const fleet = await startFleet()
  const ask = askerOf(
    subject,
    fleet.flatMap(({ origins }) => origins),
  )
  await load(ask, fleetWarmMs)
  const [slow, failing, frozen] = fleet
  slow?.answer({ status: 200, afterMs: SLOW_MS })
  failing?.answer({ status: 503, afterMs: 0 })
  frozen?.freeze()
  const answers = await load(ask, fleetMs)
  for (const server of fleet) server.end()
  const times = answers.map(({ tookMs }) => tookMs).sort((one, other) => one - other)
  return {
    failedPercent: (100 * answers.filter(({ good }) => !good).length) / answers.length,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    p999Ms: quantile(times, 0.999),
  }
}

async function startFleet(): Promise<readonly ServerProcess[]> {
  const fleet: ServerProcess[] = []
  // A few at a time: starting a process is work.
  while (fleet.length < INSTANCES)
    fleet.push(...(await Promise.all(Array.from({ length: 4 }, () => startServers(1, GOOD_MS)))))
  return fleet
}

interface Answered {
  readonly good: boolean
  readonly tookMs: number
}

async function load(ask: Ask, durationMs: number): Promise<readonly Answered[]> {
  const answers: Promise<Answered>[] = []
  const begin = performance.now()
  const due = (durationMs * PER_SECOND) / 1_000
  while (answers.length < due) {
    const passed = ((performance.now() - begin) * PER_SECOND) / 1_000
    while (answers.length < Math.min(passed, due))
      answers.push(timed(ask, begin + (answers.length * 1_000) / PER_SECOND))
    await sleep(TICK_MS)
  }
  return Promise.all(answers)
}

async function timed(ask: Ask, dueAt: number): Promise<Answered> {
  const good = await ask()
  const tookMs = performance.now() - dueAt
  return { good: good && tookMs <= TIMEOUT_MS, tookMs }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
