import { createRuntime, onInternalError } from '@breakwater/kernel'
import type { CommandReading, Runtime } from '@breakwater/kernel'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { executions, fakeBreaker, fakeBulkhead, fakeCommand, latencies } from './fake-instruments.model.js'
import type { Fake } from './fake-instruments.model.js'
import { renderPrometheus } from './render-prometheus.js'
import { parseOpenMetrics, parseText } from './strict-parser.model.js'
import type { ParsedFamily } from './strict-parser.model.js'

// Each run of X4 may warn of too many names.
let stopListening: () => void
beforeAll(() => {
  stopListening = onInternalError(() => {})
})
afterAll(() => {
  stopListening()
})

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    'a',
    'b',
    'a,group,b',
    'a,group:b',
    'a","group","b',
    'x,b:y',
    'a"b',
    'a\\',
    'a\nb',
    '__other__',
    '__proto__',
    '\ud800',
    'constructor',
    '',
  ),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 200 }),
)
const count = fc.integer({ min: 0, max: 2 ** 40 })
const policy = fc.record({
  kind: fc.constantFrom('command', 'breaker', 'bulkhead'),
  name: anyName,
  group: anyName,
  count,
  ms: fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { maxLength: 12 }),
  timeoutMs: fc.option(fc.double({ min: 0.001, max: 2 ** 31, noNaN: true }), { nil: undefined }),
})
type PolicyOf = typeof policy extends fc.Arbitrary<infer T> ? T : never

function register(runtime: Runtime, { kind, name, group, count, ms, timeoutMs }: PolicyOf): Fake<unknown> {
  const naming = { name, group }
  if (kind === 'command')
    return fakeCommand(runtime, naming, {
      executions: executions({ success: count }),
      latency: latencies(...ms),
      timeoutMs,
    })
  if (kind === 'breaker') return fakeBreaker(runtime, naming, { rejections: count })
  return fakeBulkhead(runtime, naming, {
    rejections: { concurrency: count, queue_full: 0, queue_timeout: 0 },
  })
}

const MARKS = {
  command: 'breakwater_command_executions',
  breaker: 'breakwater_circuit_breaker_rejections',
  bulkhead: 'breakwater_bulkhead_rejections',
} as const

function total(families: readonly ParsedFamily[], name: string): number {
  const family = families.find((each) => each.name === name || each.name === `${name}_total`)
  return family?.samples.reduce((sum, { value }) => sum + value, 0) ?? 0
}

test('X6: whatever the names and numbers, both pages parse and say the same', () => {
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 8 }), (policies) => {
      const runtime = createRuntime()
      for (const each of policies) register(runtime, each)

      const plain = parseText(renderPrometheus({ runtime }))
      const open = parseOpenMetrics(renderPrometheus({ runtime, openMetrics: true }))

      for (const kind of ['command', 'breaker', 'bulkhead'] as const) {
        const expected = policies
          .filter((each) => each.kind === kind)
          .reduce((sum, each) => sum + each.count, 0)
        expect([total(plain, MARKS[kind]), total(open, MARKS[kind])]).toEqual([expected, expected])
      }
    }),
    { numRuns: 300 },
  )
})

/** Names with groups; some look alike when someone joins them by what stands in them. */
const anyPair = fc.oneof(
  fc.tuple(anyName, anyName),
  fc.constantFrom<[string, string]>(
    ['a,group:b', 'c'],
    ['a', 'b,group:c'],
    ['c', 'a,name:b'],
    ['b,name:c', 'a'],
    ['a:b', 'c'],
    ['a', 'b:c'],
  ),
)

test('X5: names and groups that differ have series that differ', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyPair, { selector: (pair) => JSON.stringify(pair), maxLength: 8 }),
      (pairs) => {
        const runtime = createRuntime()
        for (const [name, group] of pairs) fakeCommand(runtime, { name, group })

        const families = parseText(renderPrometheus({ runtime }))

        const samples =
          families.find(({ name }) => name === 'breakwater_command_concurrent_executions')?.samples ?? []
        expect(samples).toHaveLength(pairs.length)
      },
    ),
    { numRuns: 300 },
  )
})

type Step = { readonly what: 'add' | 'remove' | 'count'; readonly which: number; readonly by: number }
const steps = fc.array(
  fc.record<Step>({
    what: fc.constantFrom('add', 'remove', 'count'),
    which: fc.nat({ max: 4 }),
    by: fc.integer({ min: 1, max: 100 }),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
)

/** What has to be shown, said as simply as possible. */
class Model {
  readonly shown = new Map<string, number>()
  private readonly living = new Map<
    string,
    { readonly fakes: Fake<CommandReading>[]; readonly shownAs: string }
  >()

  constructor(
    private readonly runtime: Runtime,
    private readonly maxNames: number,
  ) {}

  add(name: string): void {
    const own = [...this.living.values()].filter(({ shownAs }) => shownAs !== '__other__').length
    const entry = this.living.get(name) ?? { fakes: [], shownAs: own < this.maxNames ? name : '__other__' }
    this.living.set(name, entry)
    entry.fakes.push(fakeCommand(this.runtime, { name }))
    this.grow(entry.shownAs, 0)
  }

  remove(name: string): void {
    const entry = this.living.get(name)
    entry?.fakes.pop()?.dispose()
    if (entry?.fakes.length !== 0) return
    this.living.delete(name)
    if (entry.shownAs === name) this.shown.delete(name)
  }

  count(name: string, by: number): void {
    const entry = this.living.get(name)
    const fake = entry?.fakes.at(-1)
    if (entry === undefined || fake === undefined) return
    fake.reading.executions = executions({ success: fake.reading.executions.success + by })
    this.grow(entry.shownAs, by)
  }

  private grow(shownAs: string, by: number): void {
    this.shown.set(shownAs, (this.shown.get(shownAs) ?? 0) + by)
  }
}

test('X4: never more names than allowed, no counter goes back, and totals stay right', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (list, maxCommands) => {
      const runtime = createRuntime()
      const model = new Model(runtime, maxCommands)
      for (const { what, which, by } of list) {
        const name = `command ${String(which)}`
        if (what === 'add') model.add(name)
        else if (what === 'remove') model.remove(name)
        else model.count(name, by)

        const shown = successes(renderPrometheus({ runtime, maxCommands }))

        expect(shown).toEqual(model.shown)
        expect(shown.size).toBeLessThanOrEqual(maxCommands + 1)
      }
    }),
    { numRuns: 100 },
  )
})

function successes(page: string): Map<string, number> {
  const family = parseText(page).find(({ name }) => name === 'breakwater_command_executions_total')
  const found = family?.samples.filter(({ labels }) => labels['outcome'] === 'success') ?? []
  return new Map(found.map(({ labels, value }) => [labels['command'] ?? '', value]))
}
