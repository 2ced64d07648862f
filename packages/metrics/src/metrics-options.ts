/**
 * The options that all ways of getting numbers out share, their defaults and their check.
 */
import { defaultRuntime, readOptions, systemClock } from '@breakwater/kernel'
import type { Clock, OptionReader, Runtime } from '@breakwater/kernel'

export interface MetricsOptions {
  /** Whose instruments are shown. Default: the runtime of the process. */
  readonly runtime?: Runtime | undefined
  /** What all metric names begin with: letters, digits and underscores. Default `breakwater_`. */
  readonly prefix?: string | undefined
  /**
   * Upper bounds of the histogram buckets in seconds, ascending; each command gets its own timeout as a further one.
   * Default {@link DEFAULT_BUCKETS}.
   */
  readonly buckets?: readonly number[] | undefined
  /**
   * Names (with their groups) that get series of their own, 1 to 10 000. All further ones are summed up under the name
   * `__other__`. Default 500.
   */
  readonly maxCommands?: number | undefined
  /**
   * Instances of each balancer that get series of their own, 0 to 1 000. The further ones are summed up as `__other__`, in
   * a series that never goes back. Default 0: instances are only counted, by state and zone.
   */
  readonly maxInstances?: number | undefined
  /** Measures how long collecting takes. */
  readonly clock?: Clock | undefined
}

export interface ResolvedMetrics {
  readonly runtime: Runtime
  readonly prefix: string
  readonly buckets: readonly number[]
  readonly maxCommands: number
  readonly maxInstances: number
  readonly clock: Clock
}

/** The bucket bounds in seconds that OpenTelemetry advises for HTTP, and two low ones for work in memory. */
export const DEFAULT_BUCKETS: readonly number[] = Object.freeze([
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
])
const DEFAULT_PREFIX = 'breakwater_'
const DEFAULT_MAX_COMMANDS = 500

export const METRICS_OPTION_NAMES = [
  'runtime',
  'prefix',
  'buckets',
  'maxCommands',
  'maxInstances',
  'clock',
] as const

type CommonNames = (typeof METRICS_OPTION_NAMES)[number]

/** @throws InvalidOptionsError with every fault. */
export function resolveMetricsOptions(
  component: string,
  options: MetricsOptions | undefined,
): ResolvedMetrics {
  const read = readOptions(component, options, METRICS_OPTION_NAMES)
  const resolved = readMetricsOptions(read)
  read.finish()
  return resolved
}

/** Reads the shared options among others; the caller finishes the reader. */
export function readMetricsOptions(read: OptionReader<CommonNames>): ResolvedMetrics {
  const buckets = read.list<number, readonly number[]>('buckets', DEFAULT_BUCKETS, isBound, {
    minLength: 1,
    maxLength: 100,
  })
  if (!buckets.every((bound, index) => index === 0 || bound > (buckets[index - 1] ?? 0)))
    read.issue('buckets', buckets, 'bounds in ascending order')
  return Object.freeze({
    runtime: read.runtime('runtime', undefined) ?? defaultRuntime(),
    prefix: read.string('prefix', DEFAULT_PREFIX, {
      pattern: /^(?:[a-zA-Z_][a-zA-Z0-9_]*)?$/,
      maxLength: 100,
      expected: 'letters, digits and underscores, not beginning with a digit',
    }),
    buckets,
    maxCommands: read.integer('maxCommands', DEFAULT_MAX_COMMANDS, { min: 1, max: 10_000 }),
    maxInstances: read.integer('maxInstances', 0, { min: 0, max: 1_000 }),
    clock: read.clock('clock', systemClock),
  })
}

function isBound(value: unknown): string | undefined {
  const fits = typeof value === 'number' && value > 0 && value < Infinity
  return fits ? undefined : 'a number of seconds above 0'
}
