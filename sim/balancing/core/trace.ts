// What happened in one run: one line per call that arrived, and how many attempts each server got in each stretch of time.

import type { Call, Verdict } from './call.ts'

/** The grain of shares and times to detect, in milliseconds. */
export const STRETCH_MS = 250

const VERDICTS: readonly Verdict[] = ['ok', 'failed', 'timeout', 'open']

export class Trace {
  /** Arrival and duration of each call that has ended or was left open, in the order of their ends. */
  readonly at: number[] = []
  readonly ms: number[] = []
  readonly attempts: number[] = []
  private readonly verdicts: number[] = []
  private readonly stretches: number[][]

  constructor(servers: number) {
    this.stretches = Array.from({ length: servers }, () => [])
  }

  get calls(): number {
    return this.at.length
  }

  get servers(): number {
    return this.stretches.length
  }

  note(call: Call, verdict: Verdict, now: number): void {
    this.at.push(call.at)
    this.ms.push(now - call.at)
    this.attempts.push(call.attempts)
    this.verdicts.push(VERDICTS.indexOf(verdict))
  }

  verdict(index: number): Verdict {
    return VERDICTS[this.verdicts[index] as number] as Verdict
  }

  /** An attempt goes to a server. */
  sent(server: number, now: number): void {
    const stretches = this.stretches[server] as number[]
    const stretch = Math.floor(now / STRETCH_MS)
    stretches[stretch] = (stretches[stretch] ?? 0) + 1
  }

  /** Attempts that a server got from a time up to another. */
  sentTo(server: number, fromMs: number, untilMs: number): number {
    const stretches = this.stretches[server] as number[]
    let sum = 0
    for (let index = Math.ceil(fromMs / STRETCH_MS); index < Math.floor(untilMs / STRETCH_MS); index++) {
      sum += stretches[index] ?? 0
    }
    return sum
  }
}
