/**
 * Numbers out through a Prometheus client that the application has anyway. The registry gets one object for each
 * metric, which reads the instruments when it is asked; nothing is added to a call. Neither client is imported: with
 * both installed there are two global registries, so the application says which one it serves.
 */
import { InvalidOptionsError } from '@breakwater/kernel'
import type { Clock, Runtime } from '@breakwater/kernel'
import { Collection, ENTRIES } from './collection.js'
import type { CatalogueEntry, Snapshot } from './collection.js'
import type { Sample } from './core/samples.js'
import { resolveMetricsOptions } from './metrics-options.js'
import type { MetricsOptions, ResolvedMetrics } from './metrics-options.js'

/** What is needed of a registry; those of prom-client 15 and @prometheus-io/client 0.16 have it. */
export interface RegistryLike {
  registerMetric(metric: never): void
  removeSingleMetric(name: string): void
  getSingleMetric?(name: string): unknown
}

/** What collects into a registry. */
export interface MetricsCollector extends Disposable {
  /**
   * Ends it: the runtime is no longer read and, when it was the last, the registry forgets the metrics. Until then its counts stay
   * in series that it shares with others, so a runtime that is collected again beside them is counted a second time there.
   */
  stop(): void
}

/** Shared by the ESM and the CommonJS copy of this package, and by what a hot reload leaves behind. */
const ATTACHMENTS: symbol = Symbol.for('breakwater.metrics@1')

/**
 * Makes a registry show all instruments of a runtime, those of now and those to come. A second call for the same
 * registry, prefix and runtime changes nothing and returns the same collector. A call with another runtime adds it to
 * the metrics that are there; what the first call said about buckets and limits holds until all are stopped.
 *
 * @throws InvalidOptionsError when an option is wrong or the registry is none; what the registry throws when a metric
 * of the same name, but not ours, is registered: then none of ours is.
 *
 * @example
 * ```ts
 * import { CircuitBreaker } from '@breakwater/breaker'
 * import { collectInto } from '@breakwater/metrics'
 * import { Registry } from 'prom-client'
 *
 * const registry = new Registry()
 * collectInto(registry)
 * const breaker = new CircuitBreaker({ name: 'users' })
 * console.log((await registry.metrics()).includes('breakwater_circuit_breaker_state{command="users",state="closed"} 1')) // true
 * breaker.dispose()
 * ```
 */
export function collectInto(registry: RegistryLike, options?: MetricsOptions): MetricsCollector {
  requireRegistry(registry)
  const resolved = resolveMetricsOptions('collectInto', options)
  const byPrefix = attachments().get(registry) ?? new Map<string, Attachment>()
  attachments().set(registry, byPrefix)
  const { prefix, runtime } = resolved
  const attachment = byPrefix.get(prefix) ?? new Attachment(registry, resolved, () => byPrefix.delete(prefix))
  const collector = attachment.add(runtime)
  byPrefix.set(prefix, attachment)
  return collector
}

/** All our metrics of one prefix in one registry. */
class Attachment {
  private readonly collection: Collection
  private readonly metrics: readonly ClientMetric[]
  private readonly collectors = new Map<Runtime, MetricsCollector>()

  constructor(
    private readonly registry: RegistryLike,
    { prefix, buckets, maxCommands, maxInstances, clock }: ResolvedMetrics,
    private readonly ended: () => void,
  ) {
    this.collection = new Collection(maxCommands, maxInstances)
    const source = new Scrape(this.collection, clock, buckets)
    this.metrics = ENTRIES.map((entry) => new ClientMetric(entry, prefix, source))
  }

  add(runtime: Runtime): MetricsCollector {
    // Also when we know this runtime: an application may have cleared its registry.
    this.register()
    const known = this.collectors.get(runtime)
    if (known !== undefined) return known
    const stop = (): void => {
      if (this.collectors.get(runtime) === collector) this.remove(runtime)
    }
    const collector: MetricsCollector = { stop, [Symbol.dispose]: stop }
    this.collectors.set(runtime, collector)
    this.collection.attach(runtime)
    return collector
  }

  private remove(runtime: Runtime): void {
    this.collectors.delete(runtime)
    this.collection.detach(runtime)
    if (this.collectors.size > 0) return
    this.unregister(this.metrics)
    this.ended()
  }

  private register(): void {
    const registered: ClientMetric[] = []
    try {
      for (const metric of this.metrics) {
        metric.name = metric.fullName
        // Each client declares its own classes here; what it uses of them is what our object has.
        this.registry.registerMetric(metric as never)
        registered.push(metric)
      }
    } catch (error) {
      // Those of an earlier call, too, where the registry can tell ours from others.
      this.unregister(this.registry.getSingleMetric === undefined ? registered : this.metrics)
      throw error
    }
  }

  private unregister(metrics: readonly ClientMetric[]): void {
    for (const metric of metrics) {
      const there = this.registry.getSingleMetric?.(metric.fullName) ?? metric
      if (there === metric) this.registry.removeSingleMetric(metric.fullName)
    }
  }
}

/** One reading for all metrics that a registry asks in one sweep. */
class Scrape {
  private snapshot: Snapshot | undefined = undefined

  constructor(
    private readonly collection: Collection,
    private readonly clock: Clock,
    private readonly buckets: readonly number[],
  ) {}

  values(entry: CatalogueEntry, name: string): ClientValue[] {
    const groups = this.collection.expand(entry, this.now(), this.buckets)
    return groups.flatMap(({ labels, samples }) => samples.map((sample) => clientValue(labels, sample, name)))
  }

  private now(): Snapshot {
    if (this.snapshot !== undefined) return this.snapshot
    // Both clients ask all metrics before they first wait.
    queueMicrotask(() => {
      this.snapshot = undefined
    })
    return (this.snapshot = this.collection.take(this.clock))
  }
}

interface ClientValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly metricName?: string
}

/** What a registry takes for a metric. */
class ClientMetric {
  readonly help: string
  readonly type: string
  readonly aggregator: string
  readonly fullName: string
  /** Writable: a registry for OpenMetrics takes `_total` away from it and expects to get that name back. */
  name: string

  constructor(
    private readonly entry: CatalogueEntry,
    prefix: string,
    private readonly scrape: Scrape,
  ) {
    const { name, help, type, aggregator } = entry.row
    this.fullName = prefix + name
    this.name = this.fullName
    this.help = help
    this.type = type
    this.aggregator = aggregator
  }

  /** The counters are not the registry's to reset. */
  reset(): void {}

  get(): object {
    const { name, help, type, aggregator } = this
    return { name, help, type, aggregator, values: this.scrape.values(this.entry, name) }
  }
}

// A fresh object each time: with default labels, a registry writes into what it gets.
function clientValue(shared: Readonly<Record<string, string>>, sample: Sample, name: string): ClientValue {
  const { suffix, labels, value } = sample
  const all = { ...shared, ...Object.fromEntries(labels) }
  return suffix === '' ? { labels: all, value } : { labels: all, value, metricName: name + suffix }
}

function requireRegistry(registry: RegistryLike): void {
  const { registerMetric, removeSingleMetric } = (registry as Partial<RegistryLike> | null | undefined) ?? {}
  if (typeof registerMetric === 'function' && typeof removeSingleMetric === 'function') return
  const expected = 'a registry of prom-client or @prometheus-io/client'
  const issue = { path: 'registry', received: registry, expected }
  throw new InvalidOptionsError('Invalid argument for collectInto', { issues: [issue] })
}

function attachments(): WeakMap<RegistryLike, Map<string, Attachment>> {
  const place = globalThis as { [ATTACHMENTS]?: WeakMap<RegistryLike, Map<string, Attachment>> }
  return (place[ATTACHMENTS] ??= new WeakMap())
}
