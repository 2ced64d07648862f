/**
 * The rolling streams of a command key and of a thread pool: what Hystrix shows beside the health that its breaker
 * judges by. Records come in when an execution has ended, starts when it begins.
 */
import { ClosedBuckets } from './closed-buckets.js'
import type { BucketShape } from './closed-buckets.js'
import { EVENT_NAMES, eventSet, exceptionsThrown } from './events.js'
import type { EventCounts, ExecutionRecord } from './events.js'
import { LatencyCounts } from './latency-counts.js'

/** Latencies of a window, in whole milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly mean: number
  /** The latency at `percent`, 0 to 100; 0 without latencies. */
  percentile(percent: number): number
}

/** How the streams of a command are cut. */
export interface CommandStreamShapes {
  readonly counters: BucketShape
  readonly latencies: BucketShape
}

const EXECUTED = eventSet(({ pool }) => pool === 'executed')
const REJECTED = eventSet(({ pool }) => pool === 'rejected')

interface Peak {
  value: number
}

/** A stream that begins at once or at its first read. */
class Begun<S> {
  private stream: S | undefined = undefined

  constructor(
    private readonly make: (now: number) => S,
    startedAt: number | undefined,
  ) {
    if (startedAt !== undefined) this.stream = make(startedAt)
  }

  /** For recording: undefined before the beginning. */
  get open(): S | undefined {
    return this.stream
  }

  /** For reading. */
  read(now: number): S {
    return (this.stream ??= this.make(now))
  }
}

class Counters {
  readonly total: EventCounts = {}
  private readonly buckets: ClosedBuckets<EventCounts>

  constructor(shape: BucketShape, startedAt: number) {
    this.buckets = new ClosedBuckets<EventCounts>(
      shape,
      startedAt,
      () => ({}),
      (closed) => add(this.total, closed),
    )
  }

  record(record: ExecutionRecord, now: number): void {
    record.addTo(this.buckets.at(now))
  }

  rolling(now: number): EventCounts {
    const sum: EventCounts = {}
    for (const bucket of this.buckets.window(now)) add(sum, bucket)
    return withExceptions(sum)
  }

  /** Advances once per bucket, as the rolling sum does. */
  cumulative(now: number): EventCounts {
    this.buckets.window(now)
    return withExceptions({ ...this.total })
  }
}

class Latencies {
  private readonly buckets: ClosedBuckets<LatencyCounts>

  constructor(shape: BucketShape, startedAt: number) {
    this.buckets = new ClosedBuckets(shape, startedAt, () => new LatencyCounts())
  }

  record(ms: number, now: number): void {
    this.buckets.at(now).record(ms)
  }

  summary(now: number, cuts: boolean): LatencySummary {
    const sum = new LatencyCounts()
    for (const bucket of this.buckets.window(now)) sum.add(bucket)
    return {
      count: sum.count,
      mean: sum.mean,
      percentile: (percent) => sum.percentile(cuts ? Math.trunc(percent) : percent),
    }
  }
}

class Peaks {
  private readonly buckets: ClosedBuckets<Peak>

  constructor(shape: BucketShape, startedAt: number) {
    this.buckets = new ClosedBuckets<Peak>(shape, startedAt, () => ({ value: 0 }))
  }

  record(value: number, now: number): void {
    const bucket = this.buckets.at(now)
    bucket.value = Math.max(bucket.value, value)
  }

  highest(now: number): number {
    return this.buckets.window(now).reduce((highest, { value }) => Math.max(highest, value), 0)
  }
}

/** The streams of a command key. With `startedAt` all begin then, without each at its first read. */
export class CommandStreams {
  private readonly counters: Begun<Counters>
  private readonly execution: Begun<Latencies>
  private readonly whole: Begun<Latencies>
  private readonly peaks: Begun<Peaks>

  constructor(
    { counters, latencies }: CommandStreamShapes,
    startedAt: number | undefined,
    private readonly cutsPercentiles: boolean,
  ) {
    this.counters = new Begun((now) => new Counters(counters, now), startedAt)
    this.execution = new Begun((now) => new Latencies(latencies, now), startedAt)
    this.whole = new Begun((now) => new Latencies(latencies, now), startedAt)
    this.peaks = new Begun((now) => new Peaks(counters, now), startedAt)
  }

  /** A run began, as one of `concurrent`. */
  started(concurrent: number, now: number): void {
    this.peaks.open?.record(concurrent, now)
  }

  /** An execution ended. */
  ended(record: ExecutionRecord, now: number): void {
    this.counters.open?.record(record, now)
    const { hasRun, latencyMs, totalLatencyMs } = record
    if (!hasRun) return
    if (latencyMs >= 0) this.execution.open?.record(latencyMs, now)
    if (totalLatencyMs >= 0) this.whole.open?.record(totalLatencyMs, now)
  }

  rolling(now: number): EventCounts {
    return this.counters.read(now).rolling(now)
  }

  cumulative(now: number): EventCounts {
    return this.counters.read(now).cumulative(now)
  }

  maxConcurrent(now: number): number {
    return this.peaks.read(now).highest(now)
  }

  /** Of the runs, with what they waited in a queue; those that never ran do not count. */
  latency(now: number): LatencySummary {
    return this.execution.read(now).summary(now, this.cutsPercentiles)
  }

  /** Of whole executions. */
  totalLatency(now: number): LatencySummary {
    return this.whole.read(now).summary(now, this.cutsPercentiles)
  }
}

/** What a pool counts. */
export interface PoolCounts {
  readonly executed: number
  readonly rejected: number
}

/** The streams of a thread pool. */
export class PoolStreams {
  private readonly counters: Begun<ClosedBuckets<{ executed: number; rejected: number }>>
  private readonly peaks: Begun<Peaks>

  constructor(shape: BucketShape, startedAt: number | undefined) {
    this.counters = new Begun(
      (now) => new ClosedBuckets(shape, now, () => ({ executed: 0, rejected: 0 })),
      startedAt,
    )
    this.peaks = new Begun((now) => new Peaks(shape, now), startedAt)
  }

  /** A thread began to work, as one of `active`. */
  started(active: number, now: number): void {
    this.peaks.open?.record(active, now)
  }

  /** An execution ended that ran in a thread or was refused one. */
  ended(record: ExecutionRecord, now: number): void {
    const rejected = record.countOf(REJECTED)
    if (!record.isInThread && rejected === 0) return
    const bucket = this.counters.open?.at(now)
    if (bucket === undefined) return
    bucket.executed += record.countOf(EXECUTED)
    bucket.rejected += rejected
  }

  counts(now: number): PoolCounts {
    const sum = { executed: 0, rejected: 0 }
    for (const { executed, rejected } of this.counters.read(now).window(now)) {
      sum.executed += executed
      sum.rejected += rejected
    }
    return sum
  }

  maxActive(now: number): number {
    return this.peaks.read(now).highest(now)
  }
}

function add(to: EventCounts, counts: EventCounts): void {
  for (const event of EVENT_NAMES) {
    const count = counts[event]
    if (count !== undefined) to[event] = (to[event] ?? 0) + count
  }
}

function withExceptions(counts: EventCounts): EventCounts {
  const thrown = exceptionsThrown(counts)
  return thrown === 0 ? counts : { ...counts, EXCEPTION_THROWN: thrown }
}
