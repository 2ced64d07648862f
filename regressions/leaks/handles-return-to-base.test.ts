/**
 * Whatever was made, used and disposed of ten thousand times leaves no timer, no listener and no instrument behind.
 */
import { getEventListeners } from 'node:events'
import {
  AdaptiveLimiter,
  Bulkhead,
  CircuitBreaker,
  constant,
  Hedge,
  RateLimiter,
  Retry,
  RetryBudget,
  Timeout,
} from '@breakwater/breaker'
import { CommandRegistry, createCommand } from '@breakwater/command'
import { createBalancer, StaticSource } from '@breakwater/discovery-client'
import { Fallback } from '@breakwater/fallback'
import { createRuntime, pipeline } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'
import { collectInto, metricsHandler } from '@breakwater/metrics'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { answering, failing, hanging } from '../calls.model.js'
import { failOnWarnings } from './leaks.model.js'

failOnWarnings()

const PATIENCE_MS = 10_000

interface World {
  readonly runtime: Runtime
  readonly signal: AbortSignal
}

/** The test runner has timers too, but only for a moment: what is left in the end is ours. */
async function handles(): Promise<Record<string, number>> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve))
    const kinds = process.getActiveResourcesInfo()
    const counts: Record<string, number> = { Timeout: 0 }
    for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
    if (counts['Timeout'] === 0 || performance.now() > until) return counts
  }
}

/** All that a life could leave behind. */
async function belongings({ runtime, signal }: World): Promise<Record<string, unknown>> {
  const listeners = process.eventNames().map((name) => [String(name), process.listenerCount(name)] as const)
  return {
    handles: await handles(),
    process: Object.fromEntries(listeners.filter(([, count]) => count > 0)),
    signal: getEventListeners(signal, 'abort').length,
    instruments: [...runtime.instruments()].length,
  }
}

async function lifeOfPolicies({ runtime, signal }: World): Promise<void> {
  using breaker = new CircuitBreaker({ name: 'breaker', runtime })
  using bulkhead = new Bulkhead({
    name: 'bulkhead',
    limit: 1,
    queue: { limit: 1, maxWaitMs: 60_000 },
    runtime,
  })
  breaker.on('transition', () => undefined)
  bulkhead.on('rejected', () => undefined)
  const timeout = new Timeout({ timeoutMs: 60_000 })
  const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 60_000 }), budget: new RetryBudget() })
  const stack = pipeline(new Fallback({ chain: [answering] }), retry, breaker, bulkhead, timeout)
  await stack.execute(answering, { signal })
  await pipeline(breaker, timeout).outcome(failing, { signal, budgetMs: 30_000 })
  // One runs, one waits for its slot, one waits for its next attempt: all end by the abort.
  const controller = new AbortController()
  const options = { signal: controller.signal }
  const ends = [
    stack.outcome(hanging, options),
    stack.outcome(hanging, options),
    retry.outcome(failing, options),
  ]
  await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  await Promise.all(ends)
}

const queue = { limit: 2, maxWaitMs: 60_000 }

/** Calls that hang in a hedge, wait for their turn and wait for a slot, and end by the abort. */
async function lifeOfLimits({ runtime, signal }: World): Promise<void> {
  using rate = new RateLimiter({ rate: 2, perMs: 50_000, queue })
  using adaptive = new AdaptiveLimiter({ name: 'adaptive', initial: 1, queue, runtime })
  rate.on('queued', () => undefined)
  adaptive.on('limit', () => undefined)
  const hedge = new Hedge({ delayMs: 60_000 })
  await pipeline(hedge, adaptive).execute(answering, { signal })
  const controller = new AbortController()
  const stack = pipeline(rate, hedge, adaptive)
  const ends = [1, 2, 3].map(() => stack.outcome(hanging, { signal: controller.signal }))
  await new Promise((resolve) => setImmediate(resolve))
  expect([rate.snapshot().queued, adaptive.snapshot().queued]).toEqual([1, 1])
  controller.abort()
  await Promise.all(ends)
}

const source = new StaticSource({ users: ['http://10.0.0.1:1', 'http://10.0.0.1:2'] })

async function lifeOfBalancer({ runtime, signal }: World): Promise<void> {
  using balancer = createBalancer({ source, service: 'users', name: 'users', runtime })
  balancer.on('ejected', () => undefined)
  balancer.pick()
  await balancer.execute(answering, { signal, budgetMs: 30_000 })
}

async function lifeOfPool({ runtime, signal }: World): Promise<void> {
  const rate = { rate: 1_000, queue }
  using command = createCommand({
    ...{ name: 'whole', preset: 'hedged', pool: 'pool', rate, runtime },
    run: answering,
  })
  await command.with({ signal }).execute()
}

async function lifeOfCommand({ runtime, signal }: World): Promise<void> {
  using command = createCommand({ name: 'command', run: answering, runtime })
  command.on('execution', () => undefined)
  await command.with({ signal }).execute()
}

async function lifeOfRegistry({ runtime, signal }: World): Promise<void> {
  using commands = new CommandRegistry({
    define: (name) => createCommand({ name, run: answering, runtime }),
    max: 2,
    keysFromInput: true,
  })
  for (const key of ['one', 'two', 'three']) await commands.get(key).with({ signal }).execute()
}

async function lifeOfCollector({ runtime }: World): Promise<void> {
  using breaker = new CircuitBreaker({ name: 'breaker', runtime })
  const registry = new Registry()
  using collector = collectInto(registry, { runtime })
  metricsHandler({ runtime })
  await breaker.execute(answering)
  expect(await registry.metrics()).toContain('breaker')
  collector.stop()
}

test.each<[string, number, (world: World) => Promise<void>]>([
  ['policies', 10_000, lifeOfPolicies],
  ['limiters and hedges', 3_000, lifeOfLimits],
  ['balancers', 3_000, lifeOfBalancer],
  ['commands in a pool', 1_000, lifeOfPool],
  ['commands', 10_000, lifeOfCommand],
  ['registries of commands', 1_000, lifeOfRegistry],
  ['collectors of metrics', 500, lifeOfCollector],
])('%s that were disposed of leave nothing in the process', async (_name, lives, live) => {
  const world: World = { runtime: createRuntime(), signal: new AbortController().signal }
  // The first life brings what all share: the timer of a deadline line, one listener for the end of the process.
  await live(world)
  const before = await belongings(world)

  for (let life = 0; life < lives; life++) await live(world)

  expect(await belongings(world)).toEqual(before)
  expect(before).toMatchObject({ handles: { Timeout: 0 }, signal: 0, instruments: 0 })
})
