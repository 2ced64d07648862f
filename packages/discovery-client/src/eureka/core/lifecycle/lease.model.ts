/** A client's lease and its server in simulated time, for tests. */
import { seededRandom } from '@breakwater/kernel'
import type { Random } from '@breakwater/kernel'
import { isDirty, NO_LEASE, stepLease } from './lease.js'
import type { LeaseEffect, LeaseEvent, LeaseState } from './lease.js'
import { onDemandLimit } from './token-bucket.js'

export const INTERVAL_MS = 30_000
const OPTIONS = { renewalIntervalMs: INTERVAL_MS, backOffBound: 10, onDemand: onDemandLimit(INTERVAL_MS) }

interface Flight {
  readonly kind: 'register' | 'heartbeat' | 'cancel'
  readonly stamp: number
  /** When the server acts, and when its answer is there. */
  readonly arrivesAt: number
  readonly endsAt: number
  answer: LeaseEvent | undefined
}

export interface Sent {
  readonly kind: Flight['kind']
  readonly at: number
  readonly stamp: number
}

export class LeaseWorld {
  state: LeaseState = NO_LEASE
  now = 0
  /** What the wall clock says more than `now`; it may be set back. */
  wallOffset = 1_000_000
  /** How long requests take. */
  latencyMs = 10
  server: 'up' | 'down' | 'refusing' = 'up'
  /** The state that the server has, by its stamp. */
  registered: number | undefined
  readonly sent: Sent[] = []
  private readonly random: Random
  private flights: Flight[] = []
  private wakeAt: number | undefined

  constructor(seed = 0) {
    this.random = seededRandom(seed)
  }

  get isSettled(): boolean {
    return !isDirty(this.state) && this.registered === this.state.dirtyStamp
  }

  inFlight(kind: Flight['kind']): number {
    return this.flights.filter((flight) => flight.kind === kind).length
  }

  times(kind: Flight['kind']): number[] {
    return this.sent.filter((sent) => sent.kind === kind).map(({ at }) => at)
  }

  tell(event: LeaseEvent): void {
    const moment = { now: this.now, epochNow: this.now + this.wallOffset, random: this.random }
    const { state, effects } = stepLease(this.state, event, moment, OPTIONS)
    this.state = state
    for (const effect of effects) this.perform(effect)
  }

  advance(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const times = [
        this.wakeAt,
        ...this.flights.map((flight) => (flight.answer === undefined ? flight.arrivesAt : flight.endsAt)),
      ]
      const next = Math.min(...times.map((at) => at ?? Infinity))
      if (next > end) break
      this.now = Math.max(this.now, next)
      this.happen()
    }
    this.now = end
  }

  private happen(): void {
    const flight = this.flights.find(({ answer, arrivesAt, endsAt }) =>
      answer === undefined ? arrivesAt <= this.now : endsAt <= this.now,
    )
    if (flight === undefined) {
      this.wakeAt = undefined
      this.tell({ kind: 'due' })
    } else if (flight.answer === undefined) flight.answer = this.answer(flight)
    else {
      this.flights = this.flights.filter((other) => other !== flight)
      if (flight.kind !== 'cancel') this.tell(flight.answer)
    }
  }

  private answer({ kind, stamp }: Flight): LeaseEvent {
    if (kind === 'cancel') {
      this.registered = undefined
      return { kind: 'renewed' }
    }
    if (kind === 'heartbeat') {
      if (this.server !== 'up') return { kind: 'heartbeat-failed' }
      return this.registered === undefined || stamp > this.registered
        ? { kind: 'unknown-instance' }
        : { kind: 'renewed' }
    }
    if (this.server !== 'up') return { kind: 'register-failed', isRefused: this.server === 'refusing' }
    // A server answers a lower stamp with success too, and keeps what it has.
    this.registered = Math.max(this.registered ?? 0, stamp)
    return { kind: 'registered' }
  }

  private perform(effect: LeaseEffect): void {
    if (effect.kind === 'wake') this.wakeAt = effect.at
    else if (effect.kind === 'sleep') this.wakeAt = undefined
    else {
      const stamp = effect.kind === 'cancel' ? 0 : effect.stamp
      this.sent.push({ kind: effect.kind, at: this.now, stamp })
      const arrivesAt = this.now + this.latencyMs / 2
      const endsAt = this.now + this.latencyMs
      this.flights.push({ kind: effect.kind, stamp, arrivesAt, endsAt, answer: undefined })
    }
  }
}

export function started(): LeaseWorld {
  const world = new LeaseWorld()
  world.tell({ kind: 'start' })
  return world
}
