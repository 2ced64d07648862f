/**
 * What commands of the preset `hystrix` show of themselves, whether they answer once or with a stream.
 */
import type { Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import type { PolicyDescription } from '@breakwater/kernel'
import type { CommandEvents } from '../command-events.js'
import type { CommandSnapshot, CommandTotals } from '../command-shape.js'
import { HystrixHome } from './hystrix-home.js'
import type { HystrixMetrics } from './hystrix-home.js'
import type { HystrixTuning } from './hystrix-options.js'
import type { ResolvedHystrix } from './read-options.js'

export abstract class HystrixFront implements Disposable {
  protected readonly home: HystrixHome

  constructor(resolved: ResolvedHystrix) {
    this.home = new HystrixHome(resolved)
  }

  get name(): string {
    return this.home.resolved.name
  }

  get group(): string | undefined {
    return this.home.resolved.group
  }

  get breaker(): CircuitBreaker {
    return this.home.breaker
  }

  get bulkhead(): Bulkhead {
    return this.home.bulkhead
  }

  get isIdle(): boolean {
    return this.home.isIdle
  }

  get totals(): CommandTotals {
    return this.home.key.meter
  }

  percentile(p: number): number | undefined {
    return this.home.percentile(p)
  }

  metrics(): HystrixMetrics {
    return this.home.metrics()
  }

  snapshot(): CommandSnapshot {
    return this.home.snapshot()
  }

  describe(): PolicyDescription[] {
    return this.home.describe()
  }

  update(options: HystrixTuning): void {
    this.home.update(options)
  }

  on<E extends keyof CommandEvents>(event: E, listener: (payload: CommandEvents[E]) => void): () => void {
    return this.home.key.hub.on(event, listener)
  }

  dispose(): void {
    this.home.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
