/** Short words for what many tests of the breaker do. For tests only. */
import type { OutcomeKind } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import type { Transition } from './core/machine-data.js'
import type { Lease } from './core/lease.js'
import { Permit } from './permit.js'
import { consecutiveFailures } from './trip-rules.js'

export const DOWN: Error = new Error('down')
export const failing = (): Promise<never> => Promise.reject(DOWN)
export const answering = (): Promise<string> => Promise.resolve('up')
export const hanging = (): Promise<never> => new Promise<never>(() => undefined)

/** Options of a breaker that opens at the first failure, exactly for a second, and closes with one good trial. */
export const TOUCHY: CircuitBreakerOptions = {
  trip: consecutiveFailures(1),
  openMs: 1_000,
  probes: { limit: 1, leaseMs: 5_000 },
}

/** A breaker on a clock of its own. */
export function setUp(options: CircuitBreakerOptions = {}): { clock: SimClock; breaker: CircuitBreaker } {
  const clock = new SimClock()
  return { clock, breaker: new CircuitBreaker({ ...TOUCHY, clock, ...options }) }
}

/** The same, tripped, with its open time just over: the next call is a trial. */
export function setUpForTrial(options: CircuitBreakerOptions = {}): {
  clock: SimClock
  breaker: CircuitBreaker
} {
  const { clock, breaker } = setUp(options)
  end(breaker, 'failure')
  clock.stall(1_000)
  return { clock, breaker }
}

/** A permit; a refusal is thrown. */
export function acquire(breaker: CircuitBreaker): Permit {
  const permit = breaker.tryAcquire()
  if (!(permit instanceof Permit)) throw permit
  return permit
}

/** Whether a call would be admitted now; takes a permit if so. */
export function admits(breaker: CircuitBreaker): boolean {
  return breaker.tryAcquire() instanceof Permit
}

/** Calls that end one after the other, each at once. */
export function end(breaker: CircuitBreaker, ...kinds: readonly OutcomeKind[]): void {
  for (const kind of kinds) acquire(breaker).settle(kind)
}

/** The transitions from now on, as they happen. */
export function transitionsOf(breaker: CircuitBreaker): Transition[] {
  const transitions: Transition[] = []
  breaker.on('transition', (transition) => transitions.push(transition))
  return transitions
}

/** Those in short: `closed > open`. */
export function edges(transitions: readonly Pick<Transition, 'from' | 'to'>[]): string[] {
  return transitions.map(({ from, to }) => `${from} > ${to}`)
}

/** The same value so many times. */
export function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value)
}

/** A lease as the shell makes them. */
export function newLease(): Lease {
  return { role: 'ordinary', expiresAt: 0, isLive: true, isCountedSlow: false }
}
