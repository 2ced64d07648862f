// Calls at a fixed rate, whether or not the earlier ones have ended: what a service under steady load looks like. A tick of 4 ms
// starts the calls that are due, and ends those of the tick before, so every call really is in flight and promises get old.

import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Rate } from '../group.ts'
import type { Work } from '../subjects/subject.ts'
import { FAILURE } from './work.ts'

/** What one stretch of load cost. */
export interface Stretch {
  /** CPU time of the process per call that ended, in µs. */
  readonly us: number
  /** The longest that the loop kept a tick waiting. */
  readonly stallMs: number
  /** The share of the calls that were due and could not be made, because the process was too busy. */
  readonly missed: number
  readonly rssMb: number
}

const TICK_MS = 4
/** What is due is made up for over this many ticks, no more: a loop that cannot keep up must not drown in its backlog. */
const MOST_TICKS_BEHIND = 8
const DRAIN_MS = 50

/** An open loop around one piece of work. */
export class OpenLoop {
  private started = 0
  private ended = 0
  private release: () => void = () => {}
  private tick: Promise<void> = this.nextTick()
  private readonly rate: Rate

  constructor(rate: Rate) {
    this.rate = rate
  }

  /** The work of every call: pending until the next tick, then a success or the one failure in so many. */
  readonly work: Work = async () => {
    const fails = this.rate.failEvery > 0 && ++this.started % this.rate.failEvery === 0
    await this.tick
    if (fails) throw FAILURE
    return 1
  }

  /** Makes calls for so long. Rejects when a call ended otherwise than its work. */
  async run(call: () => unknown, durationMs: number): Promise<Stretch> {
    this.ended = 0
    const cpu = process.cpuUsage()
    const { due, stallMs } = await this.load(call, durationMs)
    const { user, system } = process.cpuUsage(cpu)
    const { ended } = this
    const rssMb = process.memoryUsage.rss() / 1024 / 1024
    this.open()
    await sleep(DRAIN_MS)
    return { us: (user + system) / ended, stallMs, missed: Math.max(0, 1 - this.ended / due), rssMb }
  }

  private load(call: () => unknown, durationMs: number): Promise<{ due: number; stallMs: number }> {
    const perMs = this.rate.perSecond / 1_000
    const most = perMs * TICK_MS * MOST_TICKS_BEHIND
    const begin = performance.now()
    let [due, last, stallMs] = [0, begin, 0]
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const now = performance.now()
        stallMs = Math.max(stallMs, now - last - TICK_MS)
        this.open()
        const total = Math.floor(Math.min(now - begin, durationMs) * perMs)
        const fresh = total - due
        due = total
        for (let i = 0; i < Math.min(fresh, most); i++) this.start(call)
        last = now
        if (now - begin < durationMs) return
        clearInterval(timer)
        resolve({ due, stallMs })
      }, TICK_MS)
    })
  }

  private start(call: () => unknown): void {
    void (call() as Promise<unknown>).then(this.settled, this.settled)
  }

  private readonly settled = (): void => {
    this.ended++
  }

  private open(): void {
    this.release()
    this.tick = this.nextTick()
  }

  private nextTick(): Promise<void> {
    return new Promise((resolve) => {
      this.release = resolve
    })
  }
}
