/**
 * The sizes of a `ThreadPoolExecutor`, as Hystrix sets them before each run (`HystrixThreadPoolDefault.touchConfig`): the
 * core first, and then the maximum. Since Java 9 the core may not be above the maximum at any moment, so a pool cannot grow.
 */
import { invalidArgument } from '@breakwater/kernel'
import type { ThreadPoolPropertyValues } from './core/property-table.js'

export class PoolSize {
  private core: number
  private maximum: number

  constructor(properties: ThreadPoolPropertyValues) {
    this.core = properties.coreSize
    this.maximum = maximumOf(properties)
  }

  /** Sets what the properties say; throws `InvalidOptionsError` where Java throws. */
  follow(pool: string, properties: ThreadPoolPropertyValues): void {
    const { coreSize, allowMaximumSizeToDivergeFromCoreSize: diverges } = properties
    const maximum = maximumOf(properties)
    if (coreSize === this.core && (!diverges || maximum === this.maximum)) return
    if (coreSize > this.maximum) throw tooLarge(pool, coreSize, this.maximum)
    this.core = coreSize
    this.maximum = maximum
  }
}

function maximumOf({
  coreSize,
  maximumSize,
  allowMaximumSizeToDivergeFromCoreSize,
}: ThreadPoolPropertyValues): number {
  return allowMaximumSizeToDivergeFromCoreSize ? Math.max(coreSize, maximumSize) : coreSize
}

function tooLarge(pool: string, received: number, maximum: number): Error {
  const expected = `at most ${String(maximum)}, which is the maximum now: Hystrix sets the core first`
  return invalidArgument(`the thread pool ${pool}`, { path: 'coreSize', received, expected })
}
