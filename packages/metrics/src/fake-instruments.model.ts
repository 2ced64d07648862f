/** Instruments whose numbers a test sets. */
import { LatencyHistogram } from '@breakwater/kernel'
import type {
  BalancedInstanceReading,
  BreakerReading,
  BulkheadReading,
  CommandReading,
  Instrument,
  Runtime,
} from '@breakwater/kernel'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A registered instrument: `reading` is what it shows next. */
export interface Fake<R> {
  reading: Mutable<R>
  dispose(): void
}

interface Naming {
  readonly name: string
  readonly group?: string
}

export function fakeCommand(
  runtime: Runtime,
  naming: Naming,
  changes: Partial<CommandReading> = {},
): Fake<CommandReading> {
  const fake = { reading: { ...quietCommand(), ...changes } }
  const instrument: Instrument = { kind: 'command', ...naming, read: () => fake.reading }
  return Object.assign(fake, { dispose: runtime.register(instrument) })
}

export function fakeBreaker(
  runtime: Runtime,
  naming: Naming,
  changes: Partial<BreakerReading> = {},
): Fake<BreakerReading> {
  const fake = { reading: { ...quietBreaker(), ...changes } }
  const instrument: Instrument = { kind: 'breaker', ...naming, read: () => fake.reading }
  return Object.assign(fake, { dispose: runtime.register(instrument) })
}

export function fakeBulkhead(
  runtime: Runtime,
  naming: Naming,
  changes: Partial<BulkheadReading> = {},
): Fake<BulkheadReading> {
  const fake = { reading: { ...quietBulkhead(), ...changes } }
  const instrument: Instrument = { kind: 'bulkhead', ...naming, read: () => fake.reading }
  return Object.assign(fake, { dispose: runtime.register(instrument) })
}

/** A histogram of these latencies. */
export function latencies(...ms: number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const each of ms) histogram.record(each)
  return histogram
}

/** Executions of which only some are not zero. */
export function executions(counts: Partial<CommandReading['executions']> = {}): CommandReading['executions'] {
  return {
    success: 0,
    failure: 0,
    timeout: 0,
    short_circuited: 0,
    semaphore_rejected: 0,
    bad_request: 0,
    cancelled: 0,
    ...counts,
  }
}

function quietCommand(): CommandReading {
  return {
    executions: executions(),
    fallbacks: { success: 0, failure: 0, rejected: 0, missing: 0 },
    exceptionsThrown: 0,
    retries: { attempts: 0, success: 0, failure: 0, exhausted: 0 },
    inFlight: 0,
    latency: latencies(),
    timeoutMs: undefined,
  }
}

/** A breaker that has seen nothing. */
export function quietBreaker(): BreakerReading {
  return {
    state: 'closed',
    stateMs: {
      closed: 0,
      open: 0,
      'half-open': 0,
      'forced-open': 0,
      'forced-closed': 0,
      disabled: 0,
      'metrics-only': 0,
    },
    transitions: [],
    lastTransitionAt: undefined,
    window: { requests: 0, errorRatio: 0 },
    errorThresholdRatio: undefined,
    requestVolumeThreshold: undefined,
    openMs: undefined,
    probes: { success: 0, failure: 0, timeout: 0, rejected: 0, cancelled: 0, ignored: 0 },
    rejections: 0,
  }
}

function quietBulkhead(): BulkheadReading {
  return {
    active: 0,
    limit: 0,
    queueSize: 0,
    queueLimit: 0,
    rejections: { concurrency: 0, queue_full: 0, queue_timeout: 0 },
    queueWait: latencies(),
  }
}

/** An instance of a balancer, in service and without calls. */
export function quietInstance(
  id: string,
  changes: Partial<BalancedInstanceReading> = {},
): BalancedInstanceReading {
  return {
    id,
    zone: undefined,
    state: 'available',
    inFlight: 0,
    latencyMs: undefined,
    score: undefined,
    calls: { success: 0, failure: 0, timeout: 0, neutral: 0 },
    ...changes,
  }
}
