/**
 * A deadline line on a simulated clock, and those who wait in it.
 */
import { SimClock } from '@breakwater/testing'
import type { Waiting } from './core/arrivals.js'
import { DeadlineLine } from './deadline.js'
import type { LineOwner } from './deadline.js'

export class Waiter implements Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  ended = false

  constructor(private readonly onExpire: (waiter: Waiter) => void = () => undefined) {}

  expire(): void {
    this.ended = true
    this.onExpire(this)
  }
}

export interface Stand {
  readonly clock: SimClock
  readonly line: DeadlineLine
  readonly armed: boolean[]
  /** Ends the turn: stamps the lines that asked for it. */
  readonly endTurn: () => void
  readonly asked: () => number
  /** Someone who notes when his time was over. */
  readonly waiter: (name?: string) => Waiter
  readonly expired: [string, number][]
}

export function stand(durationMs = 100): Stand {
  const clock = new SimClock()
  const toStamp: DeadlineLine[] = []
  const armed: boolean[] = []
  const expired: [string, number][] = []
  const owner: LineOwner = {
    clock,
    stampAtTurnEnd: (line) => void toStamp.push(line),
    isArmed: (_line, isArmed) => void armed.push(isArmed),
  }
  return {
    clock,
    line: new DeadlineLine(owner, durationMs),
    armed,
    endTurn: () => toStamp.splice(0).forEach((line) => line.stamp(clock.now())),
    asked: () => toStamp.length,
    waiter: (name = 'x') => new Waiter(() => expired.push([name, clock.now()])),
    expired,
  }
}
