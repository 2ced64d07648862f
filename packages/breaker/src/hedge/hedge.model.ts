/**
 * Runs a hedge over attempts that end as they are told.
 */
import type { Call, Outcome } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import type { HedgeOptions } from './hedge-options.js'
import { Hedge } from './hedge.js'

/** How one attempt ends: after so long, with an error or with its number as the answer. */
export interface Script {
  readonly afterMs: number
  readonly error?: unknown
}

/** One attempt, as the work saw it. */
export interface Seen {
  readonly attempt: number
  readonly startedAt: number
  readonly call: Call
  abortedAt: number | undefined
}

export const NEVER: Script = { afterMs: Infinity }
const SLOW: Script = { afterMs: 5_000 }
export const down = (text = 'down'): Error => new Error(text)

/** A dependency on a clock that keeps account of what was asked of it. */
export class Dependency {
  readonly seen: Seen[] = []

  constructor(
    readonly clock: SimClock,
    private readonly scripts: readonly Script[],
  ) {}

  readonly run = (call: Call): Promise<string> => {
    const script = this.scripts[this.seen.length] ?? SLOW
    const seen: Seen = { attempt: call.attempt, startedAt: this.clock.now(), call, abortedAt: undefined }
    this.seen.push(seen)
    return new Promise((resolve, reject) => {
      call.signal.addEventListener('abort', () => {
        seen.abortedAt = this.clock.now()
        reject(call.signal.reason as Error)
      })
      if (script.afterMs === Infinity) return
      this.clock.io(this.clock.now() + script.afterMs, () => {
        if (script.error === undefined) resolve(`attempt ${String(seen.attempt)}`)
        else reject(script.error)
      })
    })
  }

  get starts(): number[] {
    return this.seen.map(({ startedAt }) => startedAt)
  }
}

export interface Raced {
  readonly outcome: Outcome<string>
  readonly endedAt: number
  readonly dependency: Dependency
  readonly hedge: Hedge
}

/** One call of a hedge, to its end. */
export async function race(options: HedgeOptions, ...scripts: readonly Script[]): Promise<Raced> {
  const clock = new SimClock()
  const dependency = new Dependency(clock, scripts)
  const hedge = new Hedge({ delayMs: 10, ...options, clock })
  let endedAt = -1
  const pending = hedge.outcome(dependency.run)
  void pending.then(() => (endedAt = clock.now()))
  await clock.advance(10_000)
  return { outcome: await pending, endedAt, dependency, hedge }
}

/** Makes so many calls, one after the other, that answer after these times. */
export async function warmUp(hedge: Hedge, clock: SimClock, latencies: readonly number[]): Promise<void> {
  for (const ms of latencies) {
    const call = hedge.execute(() => new Promise<void>((resolve) => clock.io(clock.now() + ms, resolve)))
    await clock.advance(ms)
    await call
  }
}
