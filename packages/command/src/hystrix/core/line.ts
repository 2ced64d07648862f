/**
 * What tells the lines of the command apart: our own, and the two of Hystrix that were recorded. Data, read where the
 * difference lies.
 */

/** Which Hystrix is to be matched exactly; absent: our own semantics. */
export type HystrixCompat = 'hystrix-1.5.18' | 'hystrix-1.5.13'

export interface Line {
  readonly compat: HystrixCompat | undefined
  /** A second definition of a name is passed over in favour of the first, whatever it says; otherwise it is an error. */
  readonly keepsFirstDefinition: boolean
  /** Streams begin when they are first read, and know nothing of what was before. */
  readonly beginsStreamsLate: boolean
  /**
   * Isolated by semaphore, a caller gets the answer of a timed-out call only when its work has ended, while the permit
   * is free with the answer; otherwise the caller has it at once and the permit is held until the work has ended.
   */
  readonly blocksCallers: boolean
  /** Errors of the work count as what they say they are: rejections, timeouts, a fallback that is not there. */
  readonly believesErrors: boolean
  /** An error that is not to be wrapped is not for the fallback either. */
  readonly keepsUnwrappedFromFallback: boolean
  /** The notifier hears of the execution before the event SUCCESS. */
  readonly tellsExecutionFirst: boolean
  /** Whether there is a fallback is decided once for all executions of a name, by the first that needs one. */
  readonly remembersFirstFallback: boolean
  /** The error of a refused fallback says why the call failed. */
  readonly explainsRefusedFallback: boolean
  /** Fractions of a percentile are cut off. */
  readonly cutsPercentiles: boolean
  /** No number is checked: each means what comes of it, a timeout of 0 that every run fails. */
  readonly takesAnyNumber: boolean
  /** As on Java 9 and later, a thread pool that is to grow beyond its maximum throws, for each run until it need not. */
  readonly cannotGrowPools: boolean
}

const PORT: Line = Object.freeze({
  compat: undefined,
  keepsFirstDefinition: false,
  beginsStreamsLate: false,
  blocksCallers: false,
  believesErrors: false,
  keepsUnwrappedFromFallback: false,
  tellsExecutionFirst: false,
  remembersFirstFallback: false,
  explainsRefusedFallback: true,
  cutsPercentiles: false,
  takesAnyNumber: false,
  cannotGrowPools: false,
})

const TRI_STATE: Line = Object.freeze({
  ...PORT,
  compat: 'hystrix-1.5.13',
  keepsFirstDefinition: true,
  beginsStreamsLate: true,
  blocksCallers: true,
  believesErrors: true,
  remembersFirstFallback: true,
  explainsRefusedFallback: false,
  takesAnyNumber: true,
  cannotGrowPools: true,
})

const CLASSIC: Line = Object.freeze({
  ...TRI_STATE,
  compat: 'hystrix-1.5.18',
  keepsUnwrappedFromFallback: true,
  tellsExecutionFirst: true,
  cutsPercentiles: true,
})

/** The lines by their option. */
export const COMPAT_NAMES: readonly HystrixCompat[] = Object.freeze(['hystrix-1.5.18', 'hystrix-1.5.13'])

/** The line of an option. */
export function lineOf(compat: HystrixCompat | undefined): Line {
  if (compat === undefined) return PORT
  return compat === 'hystrix-1.5.18' ? CLASSIC : TRI_STATE
}
