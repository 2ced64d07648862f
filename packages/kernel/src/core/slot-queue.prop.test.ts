import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlotQueue } from './slot-queue.js'
import type { QueueOrder, Waiter } from './slot-queue.js'

class Caller implements Waiter<Caller> {
  prev: Caller | null = null
  next: Caller | null = null
  readonly id: number
  readonly priority: number

  constructor(id: number, priority: number) {
    this.id = id
    this.priority = priority
  }
}

type Step =
  | { readonly do: 'push'; readonly priority: number }
  | { readonly do: 'shift' }
  | { readonly do: 'pushAgain' | 'remove'; readonly whom: number }
  | { readonly do: 'limit'; readonly limit: number }

const stepsWith = (priorities: fc.Arbitrary<number>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), priority: priorities }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('shift' as const) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom('pushAgain' as const, 'remove' as const),
          whom: fc.nat(30),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('limit' as const), limit: fc.nat(8) }) },
    ),
    { maxLength: 80, size: 'max' },
  )

const orders = fc.constantFrom<QueueOrder>('fifo', 'lifo')

/** The specification: a list in order of arrival; who is next is looked for each time. */
class Line {
  waiting: Caller[] = []
  limit: number
  private readonly order: QueueOrder

  constructor(limit: number, order: QueueOrder) {
    this.limit = limit
    this.order = order
  }

  push(caller: Caller): boolean {
    if (this.waiting.length >= this.limit || this.waiting.includes(caller)) return false
    this.waiting.push(caller)
    return true
  }

  peek(): Caller | null {
    const highest = Math.max(...this.waiting.map((caller) => caller.priority))
    const equals = this.waiting.filter((caller) => caller.priority === highest)
    return equals.at(this.order === 'fifo' ? 0 : -1) ?? null
  }

  remove(caller: Caller): boolean {
    const before = this.waiting.length
    this.waiting = this.waiting.filter((other) => other !== caller)
    return this.waiting.length < before
  }
}

function compare(limit: number, order: QueueOrder, steps: readonly Step[]): void {
  const queue = new SlotQueue<Caller>(limit, order)
  const line = new Line(limit, order)
  const callers: Caller[] = []
  for (const step of steps) {
    const known = 'whom' in step ? callers[step.whom % callers.length] : undefined
    if (step.do === 'push') {
      const caller = new Caller(callers.length, step.priority)
      callers.push(caller)
      expect(queue.push(caller)).toBe(line.push(caller))
    } else if (step.do === 'shift') {
      const next = line.peek()
      if (next !== null) line.remove(next)
      expect(queue.shift()?.id).toBe(next?.id)
    } else if (step.do === 'limit') {
      queue.limit = step.limit
      line.limit = step.limit
    } else if (known !== undefined) {
      if (step.do === 'remove') expect(queue.remove(known)).toBe(line.remove(known))
      else expect(queue.push(known)).toBe(line.push(known))
    }
    expect(queue.size).toBe(line.waiting.length)
    expect(queue.full).toBe(line.waiting.length >= line.limit)
    expect(queue.peek()?.id).toBe(line.peek()?.id)
    for (const caller of callers) expect(queue.has(caller)).toBe(line.waiting.includes(caller))
  }
  const rest: (number | undefined)[] = []
  for (let next = line.peek(); next !== null; next = line.peek()) {
    rest.push(queue.shift()?.id)
    expect(rest.at(-1)).toBe(next.id)
    line.remove(next)
  }
  expect(queue.shift()).toBeNull()
  expect(callers.every((caller) => caller.prev === null && caller.next === null)).toBe(true)
}

describe('SlotQueue, compared with a list', () => {
  it('H3: serves in order among equals, without losing or doubling anybody', () => {
    fc.assert(
      fc.property(fc.nat(8), orders, stepsWith(fc.constant(0)), (limit, order, steps) => {
        compare(limit, order, steps)
      }),
      { numRuns: 200 },
    )
  })

  it('H3: serves higher priorities first and in order among equals, without losing or doubling anybody', () => {
    const priorities = fc.constantFrom(0, 1, 2, -1, 0.5, Infinity, -Infinity)
    fc.assert(
      fc.property(fc.nat(12), orders, stepsWith(priorities), (limit, order, steps) => {
        compare(limit, order, steps)
      }),
      { numRuns: 200 },
    )
  })
})
