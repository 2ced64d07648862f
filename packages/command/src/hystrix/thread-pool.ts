/**
 * A thread pool of Hystrix, without threads: a bulkhead that commands share by the pool's key, with the pool's own
 * numbers. Work of JavaScript runs on one thread anyway; what the pool limits is how many runs are under way.
 */
import { Bulkhead } from '@breakwater/breaker'
import type { BulkheadOptions } from '@breakwater/breaker'
import type { BulkheadFullError, Clock, LimitPart, Runtime } from '@breakwater/kernel'
import type { ExecutionRecord } from './core/events.js'
import type { Line } from './core/line.js'
import { atLeastOne, countShapeOf, placesOf } from './core/numbers-taken.js'
import type { ThreadPoolPropertyValues } from './core/property-table.js'
import { resolveProperties, withStatic } from './core/properties.js'
import { PoolStreams } from './core/streams.js'
import { PoolSize } from './pool-size.js'
import { noPlaces } from './shut-off.js'

/** What a pool is made from. */
export interface PoolDefinition {
  readonly key: string
  readonly given: Readonly<Record<string, unknown>>
  readonly runtime: Runtime
  readonly clock: Clock
  readonly line: Line
}

/** A pool at one moment; counts are those of its rolling window unless they say otherwise. */
export interface ThreadPoolSnapshot {
  readonly key: string
  /** Runs that have a thread now. */
  readonly active: number
  /** Runs that wait for one. */
  readonly queue: number
  readonly executed: number
  readonly rejected: number
  readonly maxActive: number
  /** Threads at most. */
  readonly limit: number
  readonly queueLimit: number
  /** Runs that ever had a thread, and have ended. */
  readonly completed: number
  /** The most threads that were ever in use. */
  readonly largest: number
  readonly properties: ThreadPoolPropertyValues
}

/** A pool of one key. */
export class ThreadPool {
  properties: ThreadPoolPropertyValues
  readonly bulkhead: Bulkhead
  readonly streams: PoolStreams
  /** Commands that use it. */
  users = 0
  /** What was given in code. */
  given: Readonly<Record<string, unknown>>
  private version: number
  private completed = 0
  private largest = 0
  private readonly size: PoolSize

  constructor(private readonly definition: PoolDefinition) {
    const { key, runtime, clock, line } = definition
    this.given = definition.given
    this.version = runtime.configuration.version
    this.properties = this.read()
    this.bulkhead = new Bulkhead({ name: key, runtime, clock, ...bulkheadOptions(this.properties) })
    this.size = new PoolSize(this.properties)
    const windowMs = this.properties['metrics.rollingStats.timeInMilliseconds']
    const buckets = this.properties['metrics.rollingStats.numBuckets']
    const startedAt = line.beginsStreamsLate ? undefined : clock.now()
    this.streams = new PoolStreams(countShapeOf(windowMs, buckets), startedAt)
  }

  get key(): string {
    return this.definition.key
  }

  /** Where its slots are taken; up to date with the configuration. */
  get limit(): LimitPart {
    this.refresh()
    return limitOf(this.bulkhead)
  }

  /**
   * Takes over what the properties say about its size, where that may fail.
   *
   * @throws InvalidOptionsError in the lines of Hystrix, when it is to grow.
   */
  resize(): void {
    if (!this.definition.line.cannotGrowPools) return
    this.refresh()
    this.size.follow(this.key, this.properties)
  }

  /** Why nobody gets a thread, whatever is free; usually `undefined`. */
  refuses(): BulkheadFullError | undefined {
    return takesNobody(this.properties) ? noPlaces(this.key) : undefined
  }

  /** A run got a thread. */
  started(now: number): void {
    const { running } = this.bulkhead.snapshot()
    this.largest = Math.max(this.largest, running)
    this.streams.started(running, now)
  }

  /** An execution that concerns it has ended. */
  ended(record: ExecutionRecord, now: number): void {
    if (record.isInThread) this.completed++
    this.streams.ended(record, now)
  }

  snapshot(now: number): ThreadPoolSnapshot {
    this.refresh()
    const { running, queued, limit, queueLimit } = this.bulkhead.snapshot()
    return {
      key: this.key,
      active: running,
      queue: queued,
      ...this.streams.counts(now),
      maxActive: this.streams.maxActive(now),
      limit,
      queueLimit,
      completed: this.completed,
      largest: this.largest,
      properties: this.properties,
    }
  }

  private refresh(): void {
    const { version } = this.definition.runtime.configuration
    if (version === this.version) return
    this.version = version
    this.take(this.given)()
  }

  private read(): ThreadPoolPropertyValues {
    const { key, runtime, line } = this.definition
    const lookup = (name: string): unknown => runtime.configuration.get(name)
    return resolveProperties('threadpool', key, this.given, { lookup, takesAnyNumber: line.takesAnyNumber })
  }

  /** Other values given in code; what is returned puts them into force, those that were taken since among them. */
  take(given: Readonly<Record<string, unknown>>): () => void {
    const before = bulkheadOptions(this.properties)
    this.given = given
    this.properties = withStatic('threadpool', this.properties, this.read())
    return () => {
      const after = bulkheadOptions(this.properties)
      if (before.limit !== after.limit || before.queue?.limit !== after.queue?.limit)
        this.bulkhead.update(after)
    }
  }
}

/** The part of a bulkhead that hands out its slots. */
export function limitOf(bulkhead: Bulkhead): LimitPart {
  // A bulkhead fills the slot of the limit, and no other.
  return bulkhead.stage.part as LimitPart
}

/**
 * As a ThreadPoolExecutor behind Hystrix's own check, which lets nobody in whose queue is as long as the threshold: the
 * smaller of the two is the queue that there is. Threads above the core are made only when the queue itself is full, so
 * beside a queue there are some only when the threshold does not come first.
 */
function bulkheadOptions(
  properties: ThreadPoolPropertyValues,
): BulkheadOptions & Required<Pick<BulkheadOptions, 'queue'>> {
  const { coreSize, maximumSize, maxQueueSize, queueSizeRejectionThreshold } = properties
  const hasQueue = maxQueueSize > 0
  const diverges = properties.allowMaximumSizeToDivergeFromCoreSize
  const growsPastCore = diverges && (!hasQueue || queueSizeRejectionThreshold > maxQueueSize)
  return {
    limit: atLeastOne(growsPastCore ? Math.max(coreSize, maximumSize) : coreSize),
    queue: { limit: hasQueue ? placesOf(Math.min(maxQueueSize, queueSizeRejectionThreshold)) : 0 },
  }
}

/** A threshold of 0 lets nobody in, for no queue is shorter. */
function takesNobody({ maxQueueSize, queueSizeRejectionThreshold }: ThreadPoolPropertyValues): boolean {
  return maxQueueSize > 0 && queueSizeRejectionThreshold <= 0
}
