/**
 * The breakers of Hystrix as data: what they do otherwise than ours, and otherwise than each other, each with its known
 * faults. The machine that goes by this table is `hystrix-machine.ts`.
 */
import type { HealthShape } from './health.js'

/** The versions of Hystrix whose breakers there are. */
export type Compat = 'hystrix-1.5.18' | 'hystrix-1.5.13'

/** What can be set about them. */
export interface HystrixRules extends HealthShape {
  readonly compat: Compat
  readonly percent: number
  readonly volume: number
  readonly sleepMs: number
}

/** One breaker of Hystrix. */
export interface Line {
  /** When the trip rule is asked: by each call and each look at the breaker, or at the end of each health bucket. */
  readonly opensBy: 'asking' | 'ticking'
  /**
   * Whether a trial is a state of its own, in which nobody else is admitted. Without it there is one trial in each sleep
   * window, counted from the start of the last.
   */
  readonly hasHalfOpen: boolean
  /** In which state any success closes, of whatever call. */
  readonly successClosesIn: 'open' | 'half-open'
  /** In which state any other end, of whatever call, begins a new sleep window. */
  readonly otherEndsOpenIn: 'half-open' | undefined
  /** Whether `isOpen` says what is forced, or what stands underneath. */
  readonly tellsForced: boolean
}

export const LINES: Readonly<Record<Compat, Line>> = Object.freeze({
  // A flag and the time of its setting: up to 1.5.11, and 1.5.14 to 1.5.18 (HystrixCircuitBreaker.java at v1.5.18).
  'hystrix-1.5.18': {
    opensBy: 'asking',
    hasHalfOpen: false,
    successClosesIn: 'open',
    otherEndsOpenIn: undefined,
    tellsForced: false,
  },
  // Three states (HystrixCircuitBreaker.java at v1.5.13), with the fault for which it was withdrawn: every end of any
  // call, even of a refused one, takes the trial its say (Netflix/Hystrix#1853, #1861, #1781).
  'hystrix-1.5.13': {
    opensBy: 'ticking',
    hasHalfOpen: true,
    successClosesIn: 'half-open',
    otherEndsOpenIn: 'half-open',
    tellsForced: true,
  },
})
