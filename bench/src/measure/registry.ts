// What following a large registry costs the program that follows it: how long its loop is held, and what stays in memory.

import { EurekaClient } from '@breakwater/discovery-client'
import { performance } from 'node:perf_hooks'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { median } from '../statistics.ts'
import { collectGarbage } from './paired.ts'
import type { Metrics } from './paired.ts'
import { INSTANCES, startRegistry } from './registry-server.ts'

const POLLS = 50
const WARM_POLLS = 10
/** The heap is weighed after each so many polls; a straight line through the weights is its growth. */
const POLLS_A_WEIGHT = 5
const LOOKUPS = 100_000

/** How long each turn of the loop computed, by the time of its own thread: waiting for a core is nobody's computing. */
class TurnWatch {
  longestMs = 0
  private lastMs = 0
  private next: NodeJS.Immediate | undefined

  start(): void {
    this.lastMs = cpuMs()
    this.next = setImmediate(() => {
      this.look()
      this.start()
    })
  }

  stop(): void {
    clearImmediate(this.next)
    this.look()
  }

  private look(): void {
    this.longestMs = Math.max(this.longestMs, cpuMs() - this.lastMs)
  }
}

/** Metrics `firstHoldMs`, `holdMs`, `pollMs`, `heapBytesAPoll` and `lookupNs`. */
export async function measureRegistry(): Promise<Metrics> {
  const url = await startRegistry()
  // A service compiles its code once, and polls for months.
  for (let round = 0; round < 2; round++) {
    const warm = new EurekaClient({ serviceUrls: [url] })
    await warm.start()
    await warm.stop()
  }
  const client = new EurekaClient({ serviceUrls: [url] })
  const firstHoldMs = await held(() => client.start())
  if (client.registryOf()?.size !== INSTANCES) throw new Error('the first fetch brought something else')
  for (let poll = 0; poll < WARM_POLLS; poll++) await client.refresh()
  const { holdMs, polls, weights } = await follow(client)
  const lookupNs = lookupOf(client)
  await client.stop()
  return {
    firstHoldMs,
    holdMs,
    pollMs: median(polls),
    heapBytesAPoll: slopeOf(weights) / POLLS_A_WEIGHT,
    lookupNs,
  }
}

async function follow(client: EurekaClient): Promise<{ holdMs: number; polls: number[]; weights: number[] }> {
  const polls: number[] = []
  const weights: number[] = []
  let holdMs = 0
  for (let poll = 0; poll < POLLS; poll++) {
    if (poll % POLLS_A_WEIGHT === 0) weights.push(await weigh())
    const startedAt = performance.now()
    holdMs = Math.max(holdMs, await held(() => client.refresh()))
    polls.push(performance.now() - startedAt)
  }
  weights.push(await weigh())
  return { holdMs, polls, weights }
}

async function held(work: () => Promise<void>): Promise<number> {
  const watch = new TurnWatch()
  watch.start()
  await work()
  watch.stop()
  return watch.longestMs
}

async function weigh(): Promise<number> {
  await loopTurn()
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** The slope of the line with the least squares. */
function slopeOf(weights: readonly number[]): number {
  const middle = (weights.length - 1) / 2
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  const along = weights.reduce((sum, weight, at) => sum + (at - middle) * (weight - mean), 0)
  return along / weights.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
}

function lookupOf(client: EurekaClient): number {
  let found = 0
  const startedAt = performance.now()
  for (let lookup = 0; lookup < LOOKUPS; lookup++) found += client.instances('app-7').length
  const tookMs = performance.now() - startedAt
  if (found === 0) throw new Error('nobody was found')
  return (tookMs * 1e6) / LOOKUPS
}

function cpuMs(): number {
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage).call(process)
  return (user + system) / 1_000
}
