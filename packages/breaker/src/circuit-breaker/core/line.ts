/**
 * The breakers of Hystrix as data: what they do otherwise than ours, and otherwise than each other. Those of its versions
 * have their known faults; `hystrix` is what is left without them. The machine that goes by this table is
 * `hystrix-machine.ts`.
 */
import type { HealthShape } from './health.js'
import type { LeaseRules } from './leased-slots.js'

/** The breakers of Hystrix that there are: of two of its versions, and the one of the preset `hystrix`. */
export type Compat = 'hystrix-1.5.18' | 'hystrix-1.5.13' | 'hystrix'

/** What can be set about them. */
export interface HystrixRules extends HealthShape {
  readonly compat: Compat
  readonly percent: number
  readonly volume: number
  readonly sleepMs: number
  /** For how long a trial has its say; only where trials are leased. */
  readonly lease?: LeaseRules
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
  /** Whether the very end of a sleep window is part of it: Hystrix asks whether the time is later than that. */
  readonly sleepsThroughItsEnd: boolean
  /** Whether nobody but the trial closes or opens it again, and that only while its lease lasts. */
  readonly leasesTrial: boolean
  /** In which state any success closes, of whatever call. */
  readonly successClosesIn: 'open' | 'half-open' | undefined
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
    sleepsThroughItsEnd: true,
    leasesTrial: false,
    successClosesIn: 'open',
    otherEndsOpenIn: undefined,
    tellsForced: false,
  },
  // Three states (HystrixCircuitBreaker.java at v1.5.13), with the fault for which it was withdrawn: every end of any
  // call, even of a refused one, takes the trial its say (Netflix/Hystrix#1853, #1861, #1781).
  'hystrix-1.5.13': {
    opensBy: 'ticking',
    hasHalfOpen: true,
    sleepsThroughItsEnd: true,
    leasesTrial: false,
    successClosesIn: 'half-open',
    otherEndsOpenIn: 'half-open',
    tellsForced: true,
  },
  // Three states, and a trial that alone decides: what users asked Hystrix for (Netflix/Hystrix#674, #1853, #2005).
  hystrix: {
    opensBy: 'ticking',
    hasHalfOpen: true,
    sleepsThroughItsEnd: false,
    leasesTrial: true,
    successClosesIn: undefined,
    otherEndsOpenIn: undefined,
    tellsForced: true,
  },
})
