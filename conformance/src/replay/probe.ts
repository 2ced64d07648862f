// What the metrics of a command say at one moment.

import type { HystrixCommand } from '@breakwater/command'
import type { NumbersTrace } from '../trace/trace.ts'

/** The numbers of a key that nobody has used. */
export const NOTHING: Omit<NumbersTrace, 'at'> = {
  open: null,
  total: 0,
  errors: 0,
  pct: 0,
  concurrent: 0,
  maxConcurrent: 0,
  rolling: {},
  cumulative: {},
  p50: 0,
  p100: 0,
  mean: 0,
  totalP50: 0,
  pool: { active: 0, queue: 0, executed: 0, rejected: 0 },
}

export function probe(command: HystrixCommand<[], unknown>, at: number): NumbersTrace {
  const { health, concurrent, maxConcurrent, rolling, cumulative, latency, totalLatency, pool, properties } =
    command.metrics()
  return {
    // Hystrix makes no breaker for a key whose first command has none.
    open: properties['circuitBreaker.enabled'] ? health.isOpen : null,
    total: health.total,
    errors: health.errors,
    pct: health.errorPercentage,
    concurrent,
    maxConcurrent,
    rolling,
    cumulative,
    p50: latency.percentile(50),
    p100: latency.percentile(100),
    mean: latency.mean,
    totalP50: totalLatency.percentile(50),
    pool: { active: pool.active, queue: pool.queue, executed: pool.executed, rejected: pool.rejected },
    at,
  }
}
