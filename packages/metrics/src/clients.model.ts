/** Both Prometheus clients behind one face, and a runtime for them to show. */
import { createRuntime } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'
import * as official from '@prometheus-io/client'
import * as promClient from 'prom-client'
import type { RegistryLike } from './collect-into.js'
import { executions, fakeBreaker, fakeBulkhead, fakeCommand, latencies } from './fake-instruments.model.js'
import { parseText } from './strict-parser.model.js'
import type { ParsedFamily } from './strict-parser.model.js'

/** What both clients can do. */
interface ClientRegistry extends RegistryLike {
  metrics(): Promise<string>
  getMetricsAsJSON(): Promise<unknown>
  resetMetrics(): void
  setDefaultLabels(labels: Record<string, string>): void
  getSingleMetricAsString(name: string): Promise<string>
  clear(): void
}

export interface Client {
  readonly plain: () => ClientRegistry
  readonly open: () => ClientRegistry
  /** What the primary of a cluster does with the answers of its workers. */
  readonly aggregate: (answers: unknown[]) => ClientRegistry
  readonly merge: (registries: ClientRegistry[]) => ClientRegistry
  readonly counter: (registry: ClientRegistry, name: string) => unknown
}

// The types of each client only fit its own objects; behind this table both look alike.
export const clients: readonly [string, Client][] = [
  [
    'prom-client',
    {
      plain: () => new promClient.Registry(),
      open: () => {
        const registry = new promClient.Registry<promClient.OpenMetricsContentType>()
        registry.setContentType(promClient.openMetricsContentType)
        return registry
      },
      aggregate: (answers) => promClient.AggregatorRegistry.aggregate(answers as never),
      merge: (registries) => promClient.Registry.merge(registries as never),
      counter: (registry, name) =>
        new promClient.Counter({ name, help: 'x', registers: [registry as never] }),
    },
  ],
  [
    '@prometheus-io/client',
    {
      plain: () => new official.Registry(),
      open: () => new official.Registry(official.openMetricsContentType),
      aggregate: (answers) =>
        (official.Registry as unknown as { aggregate(of: unknown): ClientRegistry }).aggregate(answers),
      merge: (registries) => official.Registry.merge(registries as never),
      counter: (registry, name) => new official.Counter({ name, help: 'x', registers: [registry as never] }),
    },
  ],
]

/** A command, a breaker with a hostile name, and a bulkhead. */
export function twoPolicies(): Runtime {
  const runtime = createRuntime()
  fakeCommand(
    runtime,
    { name: 'GetUser', group: 'users' },
    { executions: executions({ success: 3 }), latency: latencies(2, 30), timeoutMs: 800, inFlight: 1 },
  )
  fakeBreaker(runtime, { name: 'we"ird\n\\name' }, { state: 'open', rejections: 4 })
  fakeBulkhead(runtime, { name: 'pool' }, { active: 2, limit: 5, queueWait: latencies(7) })
  return runtime
}

/** Prometheus ignores blank lines; the strict parser does not. */
export const parsePlain = (page: string): ParsedFamily[] => parseText(page.replace(/\n{2,}/g, '\n'))
export const withSamples = (families: readonly ParsedFamily[]): ParsedFamily[] =>
  families.filter(({ samples }) => samples.length > 0)
