// What a scenario is, as data.

import type { Shape } from './measure/loops.ts'
import type { Mode, Policies } from './subjects/subject.ts'

/** Calls in a loop, or one of the things that a loop does not show. */
export type Measure =
  | 'paired'
  | 'growth'
  | 'idle'
  | 'reads'
  | 'rate'
  | 'stall'
  | 'probe'
  | 'registry'
  | 'picks'
  | 'choices'
  | 'rebuild'
  | 'http'
  | 'fleet'

/** One table: a set of libraries doing the same thing against the same baseline. */
export interface Group {
  readonly id: string
  readonly scenario: string
  readonly title: string
  readonly measure: Measure
  readonly policies: Policies
  readonly mode: Mode
  readonly shape: Shape
  /** The work returns a value instead of a promise. */
  readonly syncWork?: boolean
  /** The work looks at the signal that the library hands to it. */
  readonly readsSignal?: boolean
  /** The loops run inside of an `AsyncLocalStorage` store. */
  readonly storage?: boolean
  /** Sets the documented switch that reads the clock at both ends of every call. */
  readonly exactClock?: boolean
  /** Of the `rate` measure. */
  readonly rate?: Rate
  /** Of the `picks`, `choices` and `rebuild` measures: among how many is chosen. */
  readonly instances?: number
  /** Of the `http` measure. */
  readonly http?: HttpSetting
  /** How it ends does not vary from round to round, so one is enough. */
  readonly once?: boolean
  readonly subjects: readonly string[]
}

/** An open loop: so many calls a second, whether or not the earlier ones have ended. */
export interface Rate {
  readonly perSecond: number
  /** Every so many calls fail; 0 for none. */
  readonly failEvery: number
}

/** Requests in a closed loop. */
export interface HttpSetting {
  /** What the library is compared with. */
  readonly bare: 'request' | 'fetch'
  /** To each server, and callers at once. */
  readonly connections: number
  readonly servers: number
}
