/**
 * The shape of one line of the metric catalogue: what a metric is called, what it means, and how its numbers are read
 * from the reading of an instrument.
 */
import type {
  BalancerReading,
  BreakerReading,
  BulkheadReading,
  CommandReading,
  LatencyHistogram,
  RegistryReading,
} from '@breakwater/kernel'
import type { SeatedInstance } from './instance-seats.js'

/** What a collection says about itself. */
interface CollectorReading {
  readonly version: string
  readonly collectMs: number
  readonly collectErrors: number
  readonly dropped: number
}

/** What a balancer shows, and which of its instances have series of their own. */
interface SeatedBalancer extends BalancerReading {
  readonly seated: readonly SeatedInstance[]
}

/** What the catalogue can be about. */
export interface Readings {
  readonly command: CommandReading
  readonly breaker: BreakerReading
  readonly bulkhead: BulkheadReading
  readonly registry: RegistryReading
  readonly balancer: SeatedBalancer
  readonly collector: CollectorReading
}

export type Subject = keyof Readings

/** A number, or numbers by the values of one label after another. */
export type Tree = number | { readonly [labelValue: string]: Tree }

/** How the values of several instruments, workers or processes make one. */
export type Aggregator = 'sum' | 'max' | 'min' | 'average'

interface RowHead {
  /** Without the prefix. */
  readonly name: string
  readonly help: string
  /** Besides those that name the subject; the tree of `read` is as deep as these are many. */
  readonly labels: readonly string[]
}

/** A counter or a gauge. */
interface NumberRow<S extends Subject = Subject> extends RowHead {
  readonly type: 'counter' | 'gauge'
  readonly aggregator: Aggregator
  /** `undefined`: there is no such number now. */
  read(reading: Readings[S]): Tree | undefined
  /** The first label names members of a fleet, which come and go without end. */
  readonly ofMembers?: true
  /** How much a value counts in an average of several. */
  weight?(reading: Readings[S]): number
}

/** A histogram in seconds. */
interface HistogramRow<S extends Subject = Subject> extends RowHead {
  readonly type: 'histogram'
  readonly aggregator: 'sum'
  read(reading: Readings[S]): LatencyHistogram
  /** A bucket bound that this subject gets besides the common ones, in milliseconds. */
  bound?(reading: Readings[S]): number | undefined
}

export type Row<S extends Subject = Subject> = NumberRow<S> | HistogramRow<S>
