/**
 * What all commands of one name share, as in Hystrix: properties, circuit breaker, semaphores, numbers.
 */
import { Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import type { Clock, CommandReading, LimitPart, Random, Runtime } from '@breakwater/kernel'
import { CommandHub } from '../command-events.js'
import { HedgeLedger } from '../command-hedge.js'
import { CommandMeter } from '../command-meter.js'
import { RetryLedger } from '../command-retry.js'
import { hasCleanWindow } from '../idle.js'
import { breakerOptionsOf, timeoutOf } from './breaker-options.js'
import { HealthStream } from './core/health-stream.js'
import type { Line } from './core/line.js'
import { countShapeOf, healthShapeOf, permitsOf } from './core/numbers-taken.js'
import type { CommandPropertyValues } from './core/property-table.js'
import { resolveProperties, withStatic } from './core/properties.js'
import { CommandStreams } from './core/streams.js'
import { limitOf } from './thread-pool.js'

/** What a name is made from. */
export interface KeyDefinition {
  readonly key: string
  readonly group: string | undefined
  /** The thread pool that the code names. */
  readonly pool: string
  readonly line: Line
  readonly given: Readonly<Record<string, unknown>>
  /** A breaker to share, or none of its own making. */
  readonly breaker: CircuitBreaker | undefined
  readonly runtime: Runtime
  readonly clock: Clock
  readonly random: Random | undefined
  readonly ignore: ((error: unknown) => boolean) | undefined
}

/** The shared part of the commands of one name. */
export class CommandKey {
  readonly breaker: CircuitBreaker
  readonly streams: CommandStreams
  /** What is shown as health where the breaker is shared; one of its own has it. */
  readonly health: HealthStream | undefined = undefined
  readonly meter: CommandMeter
  readonly hub: CommandHub
  /** Runs under way, with those whose fallback runs. */
  concurrent = 0
  /** Fallbacks under way. */
  fallbacks = 0
  /** Whether there is a fallback, as far as the first execution that needed one could tell. */
  hasFallback: boolean | undefined = undefined
  /** Commands that use it. */
  users = 0
  private values: CommandPropertyValues
  /** What was given in code. */
  given: Readonly<Record<string, unknown>>
  private version: number
  private semaphore: Bulkhead | undefined = undefined
  private isThere = true
  private readonly unregister: () => void
  private readonly unhear: (() => void) | undefined = undefined

  constructor(readonly definition: KeyDefinition) {
    const { key, group, runtime, clock, random, line, ignore, breaker } = definition
    this.given = definition.given
    this.version = runtime.configuration.version
    this.values = this.read()
    this.breaker =
      breaker ??
      new CircuitBreaker({
        name: key,
        group,
        runtime,
        clock,
        random,
        compat: line.compat ?? 'hystrix',
        ...breakerOptionsOf(this.values, line),
      })
    this.force(undefined)
    const startedAt = line.beginsStreamsLate ? undefined : clock.now()
    this.streams = new CommandStreams(shapesOf(this.values), startedAt, line.cutsPercentiles)
    if (breaker !== undefined) {
      const health = (this.health = this.ownHealth())
      this.unhear = breaker.on('transition', ({ from, to, at }) => {
        if (to === 'closed' && (from === 'half-open' || from === 'open')) health.restart(at)
      })
    }
    this.meter = new CommandMeter(ignore, () => clock.now())
    this.hub = new CommandHub(this.breaker, {
      meter: this.meter,
      ledger: new RetryLedger(),
      hedges: new HedgeLedger(),
    })
    this.unregister = runtime.register({ kind: 'command', name: key, group, read: () => this.reading() })
  }

  get line(): Line {
    return this.definition.line
  }

  /** The properties in force. */
  get properties(): CommandPropertyValues {
    const { version } = this.definition.runtime.configuration
    if (version !== this.version) {
      this.version = version
      this.take(this.given)()
    }
    return this.values
  }

  /** The permits of the semaphore. */
  get limit(): LimitPart {
    return limitOf(this.semaphoreOf())
  }

  /** Whether its semaphore has any permits: none at all shuts a command off. */
  get hasPermits(): boolean {
    return this.properties['execution.isolation.semaphore.maxConcurrentRequests'] > 0
  }

  /** The bulkhead of the semaphore, as far as it is there. */
  get bulkhead(): Bulkhead | undefined {
    return this.properties['execution.isolation.strategy'] === 'SEMAPHORE'
      ? this.semaphoreOf()
      : this.semaphore
  }

  /** Whether nothing runs, no late work holds a permit, and the breaker is closed or switched off and holds no failure. */
  get isIdle(): boolean {
    const { concurrent, fallbacks, meter, semaphore, breaker } = this
    const permits = semaphore?.snapshot().running ?? 0
    const isBusy = concurrent + fallbacks + meter.inFlight + permits > 0
    const isOff = !this.properties['circuitBreaker.enabled'] && SWITCHED_OFF.includes(breaker.state)
    return !isBusy && (isOff || breaker.state === 'closed') && hasCleanWindow(breaker)
  }

  reading(): CommandReading {
    const { meter } = this
    return {
      executions: { ...meter.executions },
      fallbacks: { ...meter.fallbacks },
      exceptionsThrown: meter.exceptionsThrown,
      retries: new RetryLedger().counts,
      inFlight: meter.inFlight,
      latency: meter.totalLatency,
      timeoutMs: timeoutOf(this.properties),
    }
  }

  dispose(): void {
    this.isThere = false
    this.unregister()
    this.unhear?.()
    if (this.definition.breaker === undefined) this.breaker.dispose()
    this.semaphore?.dispose()
    this.hub.clear()
  }

  private ownHealth(): HealthStream {
    const { windowMs, buckets } = healthShapeOf(this.values)
    return new HealthStream({ bucketMs: windowMs / buckets, buckets }, this.definition.clock.now())
  }

  private read(): CommandPropertyValues {
    const { key, runtime, line } = this.definition
    const lookup = (name: string): unknown => runtime.configuration.get(name)
    return resolveProperties('command', key, this.given, { lookup, takesAnyNumber: line.takesAnyNumber })
  }

  /** Other values given in code; what is returned puts them into force, those that were taken since among them. */
  take(given: Readonly<Record<string, unknown>>): () => void {
    const before = this.values
    this.given = given
    this.values = withStatic('command', before, this.read())
    return () => this.apply(before)
  }

  private apply(before: CommandPropertyValues): void {
    if (
      this.definition.breaker === undefined &&
      BREAKER_PROPERTIES.some((name) => before[name] !== this.values[name])
    )
      this.breaker.update(breakerOptionsOf(this.values, this.line))
    this.force(before)
    this.semaphore?.update({ limit: permitsOf(this.values) })
  }

  /** Puts the breaker into the state that the properties force, when they have changed. */
  private force(before: CommandPropertyValues | undefined): void {
    const { breaker, values } = this
    if (FORCING_PROPERTIES.every((name) => (before ?? UNFORCED)[name] === values[name])) return
    if (!values['circuitBreaker.enabled']) {
      // A shared one may be of another kind, which counts nothing while it is disabled.
      if (this.line.compat === undefined) breaker.observeOnly('circuitBreaker.enabled is false')
      else breaker.disable('circuitBreaker.enabled is false')
    } else if (values['circuitBreaker.forceOpen']) breaker.forceOpen('circuitBreaker.forceOpen')
    else {
      breaker.release()
      if (values['circuitBreaker.forceClosed']) breaker.forceClosed('circuitBreaker.forceClosed')
    }
  }

  private semaphoreOf(): Bulkhead {
    const { key, group, runtime, clock } = this.definition
    const limit = permitsOf(this.properties)
    if (this.semaphore !== undefined) return this.semaphore
    this.semaphore = new Bulkhead({ name: key, group, runtime, clock, limit })
    // Nobody would ever take its instrument away.
    if (!this.isThere) this.semaphore.dispose()
    return this.semaphore
  }
}

const FORCING_PROPERTIES = [
  'circuitBreaker.enabled',
  'circuitBreaker.forceOpen',
  'circuitBreaker.forceClosed',
] as const
const UNFORCED = {
  'circuitBreaker.enabled': true,
  'circuitBreaker.forceOpen': false,
  'circuitBreaker.forceClosed': false,
} as const
/** The states that a breaker may have without `circuitBreaker.enabled`. */
const SWITCHED_OFF: readonly string[] = ['metrics-only', 'disabled']
const BREAKER_PROPERTIES = [
  'circuitBreaker.requestVolumeThreshold',
  'circuitBreaker.sleepWindowInMilliseconds',
  'circuitBreaker.errorThresholdPercentage',
  'execution.isolation.thread.timeoutInMilliseconds',
  'execution.timeout.enabled',
] as const

function shapesOf(values: CommandPropertyValues): ConstructorParameters<typeof CommandStreams>[0] {
  return {
    counters: countShapeOf(
      values['metrics.rollingStats.timeInMilliseconds'],
      values['metrics.rollingStats.numBuckets'],
    ),
    latencies: countShapeOf(
      values['metrics.rollingPercentile.timeInMilliseconds'],
      values['metrics.rollingPercentile.numBuckets'],
    ),
  }
}
