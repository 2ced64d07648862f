/**
 * Where time comes from. Everything that measures, waits or stamps takes a `Clock` as input. Two kinds of time are kept
 * apart by type: monotonic time for all decisions, wall-clock time (which people and NTP set back and forth) only for
 * logs and wire formats.
 */
import { performance as realPerformance } from 'node:perf_hooks'
import { setTimeout as realSetTimeout } from 'node:timers'
declare const timeline: unique symbol

/** Milliseconds on a clock that never goes back; its zero means nothing. Plain numbers are assignable, `EpochMs` is not. */
export type MonotonicMs = number & { readonly [timeline]?: 'monotonic' }

/** Milliseconds since 1970-01-01 UTC by the wall clock. Plain numbers are assignable, `MonotonicMs` is not. */
export type EpochMs = number & { readonly [timeline]?: 'epoch' }

/** Undoes what returned it. Calling it again, or too late, does nothing. */
export type Cancel = () => void

/** How a timer behaves towards the process. */
export interface ScheduleOptions {
  /** `true`: the timer does not keep the process alive. Default `false`: somebody waits for it. */
  readonly background?: boolean
}

/** Time, as everything in the library sees it. */
export interface Clock {
  /** The monotonic time. */
  now(): MonotonicMs
  /** The wall-clock time. */
  epochNow(): EpochMs
  /** Runs `run` once, when `now()` is at or after `at`, never earlier and never synchronously; a cancelled timer never fires. */
  schedule(at: MonotonicMs, run: () => void, options?: ScheduleOptions): Cancel
  /**
   * Runs `run` once the event loop has polled for I/O, so that answers which already wait in a socket are delivered
   * before. A clock without it is treated as one whose timers need no such grace.
   */
  afterPoll?(run: () => void): Cancel
  /**
   * For how many milliseconds the event loop has had nothing to do, from some time on. It tells how much of a wait was a stall; without it no
   * deadline is put off because of one.
   */
  idleMs?(): number
}

/**
 * The global `performance` is behind a getter that costs a quarter of a read. It is asked only where a test has faked
 * the timers, which fakes it too.
 */
const steadyNow = (): MonotonicMs =>
  setTimeout === realSetTimeout ? realPerformance.now() : performance.now()

/** Node treats a longer delay as 1 ms. */
const MAX_TIMER_DELAY_MS = 2 ** 31 - 1

/**
 * The clock of the process: `performance.now`, `Date.now`, `setTimeout`, `setImmediate`. Waits of any length are
 * possible, and timers never fire early.
 *
 * @example
 * ```ts
 * import { systemClock } from '@breakwater/kernel'
 *
 * const start = systemClock.now()
 * systemClock.schedule(start + 20, () => console.log(systemClock.now() - start >= 20)) // true
 * ```
 */
export const systemClock: Clock = ofProcess('breakwater.system-clock@1', {
  now: steadyNow,
  epochNow: (): EpochMs => Date.now(),
  schedule: (at: MonotonicMs, run: () => void, options?: ScheduleOptions): Cancel => {
    const timer = new SystemTimer(at, run, options?.background === true)
    return () => {
      timer.cancel()
    }
  },
  afterPoll: (run: () => void): Cancel => {
    const handle = setImmediate(run)
    return () => {
      clearImmediate(handle)
    }
  },
  idleMs: () => realPerformance.nodeTiming.idleTime,
})

/** One wait, made of as many Node timers as it takes: they are limited in length and may fire up to 1 ms early. */
class SystemTimer {
  private readonly at: MonotonicMs
  private readonly run: () => void
  private readonly background: boolean
  private handle: ReturnType<typeof setTimeout>

  constructor(at: MonotonicMs, run: () => void, background: boolean) {
    this.at = at
    this.run = run
    this.background = background
    this.handle = this.arm(at - steadyNow())
  }

  cancel(): void {
    // Node keeps a list for each duration, and forgets it with its last timer only if that one held the process.
    this.handle.ref()
    clearTimeout(this.handle)
  }

  private arm(delayMs: number): ReturnType<typeof setTimeout> {
    const wait = delayMs > 0 ? Math.min(Math.ceil(delayMs), MAX_TIMER_DELAY_MS) : 0
    const handle = setTimeout(() => {
      this.fire()
    }, wait)
    if (this.background) handle.unref()
    return handle
  }

  private fire(): void {
    const left = this.at - steadyNow()
    if (left > 0) this.handle = this.arm(left)
    else this.run()
  }
}

/**
 * The system clock, read at every call. Pipelines on the plain {@link systemClock} spare most reads while they are called more than
 * about two hundred thousand times a second, so that latencies become a sample there; pass this one as `clock` where each counts.
 */
export const exactClock: Clock = ofProcess('breakwater.exact-clock@1', { ...systemClock })

// Policies go together that are on one clock, also when they are made by two copies of this package (ESM and CommonJS).
function ofProcess(name: string, clock: Clock): Clock {
  const key = Symbol.for(name)
  const known = Reflect.get(globalThis, key) as Clock | undefined
  if (known !== undefined) return known
  // No assignment, which throws where the global object is frozen (hardened realms): each copy has its own there.
  Reflect.set(globalThis, key, Object.freeze(clock))
  return clock
}
