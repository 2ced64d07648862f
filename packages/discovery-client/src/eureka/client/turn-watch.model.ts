/** How long the event loop is held. Also for programs, so without anything of a test runner. */
import { performance, PerformanceObserver } from 'node:perf_hooks'
import type { PerformanceEntry } from 'node:perf_hooks'

interface Turn {
  readonly from: number
  readonly to: number
  readonly cpuMs: number
}

/** Shorter turns are only counted: waiting for a slow server, a loop turns hundreds of thousands of times. */
const NOTED_MS = 1

/**
 * How long each turn of the event loop computed. By the thread's own time: on a machine with other work the wall clock
 * would tell how long we had to wait for a core. Without garbage collections, which come when they like.
 */
export class TurnWatch {
  count = 0
  private readonly turns: Turn[] = []
  private readonly collections: PerformanceEntry[] = []
  private readonly observer = new PerformanceObserver((list) => {
    this.collections.push(...list.getEntries())
  })
  private from = 0
  private cpuMs = 0
  private next: NodeJS.Immediate | undefined

  start(): this {
    this.observer.observe({ entryTypes: ['gc'] })
    this.begin()
    return this
  }

  /** The turns in milliseconds, that in which the watched work ended included, and 0 for all that hardly took any. */
  async stop(): Promise<readonly number[]> {
    clearImmediate(this.next)
    this.end()
    // Of the last collections the observer is told in a later turn.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    this.observer.disconnect()
    return [0, ...this.turns.map((turn) => turn.cpuMs - this.collectedMs(turn))]
  }

  private begin(): void {
    this.from = performance.now()
    this.cpuMs = cpuMs()
    this.next = setImmediate(() => {
      this.end()
      this.begin()
    })
  }

  private end(): void {
    this.count++
    const turn = { from: this.from, to: performance.now(), cpuMs: cpuMs() - this.cpuMs }
    if (turn.cpuMs > NOTED_MS) this.turns.push(turn)
  }

  private collectedMs({ from, to }: Turn): number {
    return this.collections
      .filter(({ startTime }) => startTime >= from && startTime <= to)
      .reduce((sum, { duration }) => sum + duration, 0)
  }
}

function cpuMs(): number {
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage).call(process)
  return (user + system) / 1_000
}
