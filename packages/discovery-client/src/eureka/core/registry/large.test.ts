import { threadCpuUsage } from 'node:process'
import { describe, expect, it } from 'vitest'
import type { InstanceInfo } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import type { Steps } from '../steps.js'
import { parseLargeJson } from '../wire/parse-json.js'
import { readApplications } from '../wire/read-applications.js'
import type { ReadApplications } from '../wire/read-applications.js'
import { DEFAULT_READ_LIMITS } from '../wire/read-parts.js'
import { answerOf } from '../wire/wire.model.js'
import { applyDelta, replaceRegistry } from './apply.js'
import { full, info, listed, newRegistry } from './registry.model.js'
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

const ROUNDS = 3
const textOf = (infos: readonly InstanceInfo[]): string => JSON.stringify(answerOf(infos, undefined))

function* fetched(text: string, apply: (read: never) => Steps<{ registry: Registry }>): Steps<Registry> {
  const read = yield* readApplications(yield* parseLargeJson(text), DEFAULT_READ_LIMITS)
  return (yield* apply(read as never)).registry
}

/**
 * The result, and how long each step kept this thread busy. The steps are the same in each round, and garbage collections,
 * the compiler and other processes only ever make one longer: the shortest of its times tells.
 */
function timed(stepsOf: () => Steps<Registry>): { registry: Registry; durations: number[] } {
  const durations: number[] = []
  for (let round = 1; ; round++) {
    const steps = stepsOf()
    for (let at = 0; ; at++) {
      const start = threadCpuUsage()
      const step = steps.next()
      const { user, system } = threadCpuUsage(start)
      durations[at] = Math.min(durations[at] ?? Infinity, (user + system) / 1_000)
      if (step.done !== true) continue
      if (round < ROUNDS) break
      return { registry: step.value, durations }
    }
  }
}

it('goes through the applications that were known in steps, too', () => {
  const known = Array.from({ length: 640 }, (_, index) => info('a', { app: `A${index}` }))
  let [steps, stepsBefore] = [0, 0]
  const answer = listed([])
  const read: ReadApplications = {
    ...answer,
    get entries() {
      stepsBefore = steps
      return answer.entries
    },
  }

  const replacing = replaceRegistry(full(newRegistry(), known), read)
  while (replacing.next().done !== true) steps++

  expect(stepsBefore).toBe(10)
})

describe.each([200, 1])('a registry of 10 000 instances in %i applications', (apps) => {
  const infos = Array.from({ length: 10_000 }, (_, index) => spring(index, apps))
  const fill = (text: string, before = newRegistry()): Steps<Registry> =>
    fetched(text, (read) => replaceRegistry(before, read))
  const text = textOf(infos)
  const registry = runSteps(fill(text))

  it('is fetched in steps that leave the loop free: none takes 10 ms', () => {
    const { registry: filled, durations } = timed(() => fill(text))

    expect(filled.size).toBe(10_000)
    expect(durations.length).toBeGreaterThan(300)
    expect(Math.max(...durations)).toBeLessThan(10)
  })

  it('takes a delta of 1 % in short steps, and replaces no more than the changed applications', () => {
    const changed = infos
      .filter((_, index) => index % 100 === 0)
      .map((item) => ({ ...item, status: 'DOWN' as const, actionType: 'MODIFIED' as const }))

    const delta = textOf(changed)
    const { registry: next, durations } = timed(() => fetched(delta, (read) => applyDelta(registry, read)))

    expect(next.hash).toBe('DOWN_100_UP_9900_')
    const kept = [...next.apps].filter(([name, application]) => registry.app(name) === application)
    expect(kept).toHaveLength(apps === 1 ? 0 : 198)
    expect(Math.max(...durations)).toBeLessThan(10)
  })
})

/** How many steps there were, and what came of them. */
function counted(steps: Steps<Registry>): { registry: Registry; steps: number } {
  for (let count = 1; ; count++) {
    const step = steps.next()
    if (step.done === true) return { registry: step.value, steps: count }
  }
}

describe.each([1, 4])('S10: %i applications whose instances have more VIPs than anybody needs', (apps) => {
  const LISTED = 800 * 16
  const hostile = Array.from({ length: 800 }, (_, index) =>
    info(`i-${index}`, {
      app: `APP-${index % apps}`,
      vipAddress: Array.from({ length: 40 }, (_each, vip) => `v${index * 40 + vip}`).join(),
    }),
  )
  const readOf = (instances: readonly InstanceInfo[]): never =>
    runSteps(readApplications(answerOf(instances, undefined), DEFAULT_READ_LIMITS)) as never
  function* replaced(before: Registry, instances: readonly InstanceInfo[]): Steps<Registry> {
    return (yield* replaceRegistry(before, readOf(instances))).registry
  }

  it('are listed by sixteen each, in steps of a few hundred VIPs', () => {
    const { registry, steps } = counted(replaced(newRegistry(), hostile))

    expect(registry.data.vips.size).toBe(LISTED)
    expect(registry.vip('v0')).toHaveLength(1)
    // Collected, brought into their form, and joined.
    expect(steps).toBeGreaterThan((2 * LISTED) / 256 + LISTED / 512)
  })

  it('leave in such steps too', () => {
    const before = runSteps(replaced(newRegistry(), hostile))

    const { registry, steps } = counted(replaced(before, [info('left')]))

    expect(registry.data.vips.size).toBe(1)
    expect(steps).toBeGreaterThan((2 * LISTED) / 512)
  })
})

it('S10: instances with thousands of metadata are read one by one', () => {
  const metadata = Object.fromEntries(Array.from({ length: 5_000 }, (_, key) => [`key-${key}`, '']))
  const json = answerOf(
    Array.from({ length: 31 }, (_, index) => info(`i-${index}`, { metadata })),
    undefined,
  )
  const reading = readApplications(json, DEFAULT_READ_LIMITS)
  let steps = 1
  while (reading.next().done !== true) steps++

  expect(steps).toBeGreaterThan(30)
})
