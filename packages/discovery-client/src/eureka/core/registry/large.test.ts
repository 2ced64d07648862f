import { threadCpuUsage } from 'node:process'
import { describe, expect, it } from 'vitest'
import type { InstanceInfo } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import type { Steps } from '../steps.js'
import { parseLargeJson } from '../wire/parse-json.js'
import { readApplications } from '../wire/read-applications.js'
import { DEFAULT_READ_LIMITS } from '../wire/read-parts.js'
import { answerOf } from '../wire/wire.model.js'
import { applyDelta, replaceRegistry } from './apply.js'
import { info, newRegistry } from './registry.model.js'
import type { Registry } from './registry.js'

/** As large as Spring registers them. */
const spring = (index: number, apps: number): InstanceInfo =>
  info(`host-${index}.example.internal:service-${index % apps}:8080`, {
    app: `SERVICE-${index % apps}`,
    hostName: `host-${index}.example.internal`,
    vipAddress: `service-${index % apps}`,
    metadata: Object.fromEntries(Array.from({ length: 8 }, (_, key) => [`key-${key}`, `value of ${index}`])),
    lastDirtyTimestamp: 1_795_246_609_713 + index,
  })

const textOf = (infos: readonly InstanceInfo[]): string => JSON.stringify(answerOf(infos, undefined))

function* fetched(text: string, apply: (read: never) => Steps<{ registry: Registry }>): Steps<Registry> {
  const read = yield* readApplications(yield* parseLargeJson(text), DEFAULT_READ_LIMITS)
  return (yield* apply(read as never)).registry
}

/** The result, and the times that the steps kept this thread busy, longest first: other processes do not count. */
function timed(steps: Steps<Registry>): { registry: Registry; durations: number[] } {
  const durations: number[] = []
  for (;;) {
    const start = threadCpuUsage()
    const step = steps.next()
    const { user, system } = threadCpuUsage(start)
    durations.push((user + system) / 1_000)
    if (step.done === true) return { registry: step.value, durations: durations.sort((a, b) => b - a) }
  }
}

describe.each([200, 1])('a registry of 10 000 instances in %i applications', (apps) => {
  const infos = Array.from({ length: 10_000 }, (_, index) => spring(index, apps))
  const fill = (text: string, before = newRegistry()): Steps<Registry> =>
    fetched(text, (read) => replaceRegistry(before, read))
  const text = textOf(infos)
  const registry = runSteps(fill(text))

  it('is fetched in steps that leave the loop free: hardly one takes 10 ms', () => {
    const { registry: filled, durations } = timed(fill(text))

    expect(filled.size).toBe(10_000)
    expect(durations.length).toBeGreaterThan(300)
    // The garbage collector may come in any step.
    expect(durations.filter((ms) => ms >= 10).length).toBeLessThan(6)
  })

  it('takes a delta of 1 % in short steps, and replaces no more than the changed applications', () => {
    const changed = infos
      .filter((_, index) => index % 100 === 0)
      .map((item) => ({ ...item, status: 'DOWN' as const, actionType: 'MODIFIED' as const }))

    const { registry: next, durations } = timed(
      fetched(textOf(changed), (read) => applyDelta(registry, read)),
    )

    expect(next.hash).toBe('DOWN_100_UP_9900_')
    const kept = [...next.apps].filter(([name, application]) => registry.app(name) === application)
    expect(kept).toHaveLength(apps === 1 ? 0 : 198)
    expect(durations[1]).toBeLessThan(20)
  })
})
