// Ten thousand breakers, each used once and then left alone: what a service pays for breakers that nobody is calling.

import { createHook } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IdleAdapter } from '../subjects/subject.ts'
import { allocated, collectGarbage } from './paired.ts'
import type { Metrics } from './paired.ts'

const BREAKERS = 10_000
const COUNTED = 100
const SETTLE_MS = 500

// Reachable until the process ends, whatever the optimiser makes of local variables.
const retained: unknown[] = []

/** Timers that were created and not yet cleared, unref'd ones included, which `process.getActiveResourcesInfo()` leaves out. */
export class TimerCensus {
  private readonly alive = new Set<number>()
  private readonly hook = createHook({
    init: (id, type) => void (type === 'Timeout' && this.alive.add(id)),
    destroy: (id) => void this.alive.delete(id),
  })

  start(): this {
    this.hook.enable()
    return this
  }

  /** Stops counting; the number alive. */
  async finish(): Promise<number> {
    // Destroy events are delivered in batches between turns.
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
    this.hook.disable()
    return this.alive.size
  }
}

/**
 * `bytes`, `timers` and `createUs` per breaker, `refdTimers` for the process, `cpuMsPerS` of the idle process. `census` must have been
 * started before the library was loaded, so that a timer shared by all breakers counts too.
 */
export async function measureIdle(
  adapter: IdleAdapter<unknown>,
  census: TimerCensus,
  idleMs: number,
): Promise<Metrics> {
  const counted = Array.from({ length: COUNTED }, (_, i) => adapter.create(i))
  for (const breaker of counted) await adapter.use(breaker)
  retained.push(...counted)
  const timers = await census.finish()

  const breakers = new Array<unknown>(BREAKERS).fill(undefined)
  retained.push(breakers)
  collectGarbage()
  const before = allocated()
  const start = performance.now()
  for (let i = 0; i < BREAKERS; i++) breakers[i] = adapter.create(COUNTED + i)
  const createUs = ((performance.now() - start) * 1e3) / BREAKERS
  for (const breaker of breakers) await adapter.use(breaker)
  collectGarbage()
  const bytes = (allocated() - before) / BREAKERS
  const refdTimers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const cpuMsPerS = await idleCpu(idleMs)
  return { bytes, timers: timers / COUNTED, createUs, refdTimers, cpuMsPerS }
}

async function idleCpu(idleMs: number): Promise<number> {
  await sleep(SETTLE_MS)
  const before = process.cpuUsage()
  const start = performance.now()
  await sleep(idleMs)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (performance.now() - start)
}
