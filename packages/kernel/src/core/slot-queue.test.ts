import { describe, expect, it } from 'vitest'
import { SlotQueue } from './slot-queue.js'
import type { Waiter } from './slot-queue.js'

class Caller implements Waiter<Caller> {
  prev: Caller | null = null
  next: Caller | null = null
  readonly name: string
  readonly priority: number

  constructor(name: string, priority = 0) {
    this.name = name
    this.priority = priority
  }
}

function served(queue: SlotQueue<Caller>): string {
  let names = ''
  for (let caller = queue.shift(); caller !== null; caller = queue.shift()) names += caller.name
  return names
}

describe('SlotQueue', () => {
  it('serves nobody when nobody waits', () => {
    const queue = new SlotQueue<Caller>(5, 'fifo')

    expect(queue.shift()).toBeNull()
    expect(queue.peek()).toBeNull()
    expect(queue.size).toBe(0)
  })

  it('serves who has waited longest', () => {
    const queue = new SlotQueue<Caller>(5, 'fifo')

    for (const name of 'abc') queue.push(new Caller(name))

    expect(served(queue)).toBe('abc')
  })

  it('serves who came last, when told so', () => {
    const queue = new SlotQueue<Caller>(5, 'lifo')

    for (const name of 'abc') queue.push(new Caller(name))

    expect(served(queue)).toBe('cba')
  })

  it.each([
    ['fifo', 'bdacef'],
    ['lifo', 'dbfeca'],
  ] as const)('serves higher priorities first and keeps the %s order among equals', (order, expected) => {
    const queue = new SlotQueue<Caller>(10, order)

    for (const [name, priority] of [
      ['a', 1],
      ['b', 2],
      ['c', 1],
      ['d', 2],
      ['e', 1],
      ['f', 1],
    ] as const) {
      queue.push(new Caller(name, priority))
    }

    expect(served(queue)).toBe(expected)
  })

  it('turns away who comes when the line is full, whatever his priority', () => {
    const queue = new SlotQueue<Caller>(2, 'fifo')
    queue.push(new Caller('a'))
    expect(queue.full).toBe(false)
    queue.push(new Caller('b'))
    expect(queue.full).toBe(true)

    const late = new Caller('c', 9)

    expect(queue.push(late)).toBe(false)
    expect(queue.has(late)).toBe(false)
    expect(served(queue)).toBe('ab')
  })

  it('lets nobody wait when the limit is 0', () => {
    expect(new SlotQueue<Caller>(0, 'fifo').push(new Caller('a'))).toBe(false)
  })

  it('sends nobody away when the limit is lowered', () => {
    const queue = new SlotQueue<Caller>(3, 'fifo')
    for (const name of 'abc') queue.push(new Caller(name))

    queue.limit = 1

    expect(queue.limit).toBe(1)
    expect(queue.size).toBe(3)
    queue.shift()
    queue.shift()
    expect(queue.push(new Caller('d'))).toBe(false)
    queue.shift()
    expect(queue.push(new Caller('e'))).toBe(true)
  })

  it.each([0, 1, 2])('lets waiter %i of three leave', (position) => {
    const queue = new SlotQueue<Caller>(3, 'fifo')
    const callers = [...'abc'].map((name) => new Caller(name))
    for (const caller of callers) queue.push(caller)
    const leaving = callers[position] ?? new Caller('?')

    expect(queue.remove(leaving)).toBe(true)

    expect(leaving).toMatchObject({ prev: null, next: null })
    expect(queue.size).toBe(2)
    expect(served(queue)).toBe('abc'.replace(leaving.name, ''))
  })

  it('has nothing to remove when the waiter was never there, was served or has left', () => {
    const queue = new SlotQueue<Caller>(3, 'fifo')
    const [a, b] = [new Caller('a'), new Caller('b')]
    expect(queue.remove(a)).toBe(false)

    queue.push(a)
    queue.push(b)
    queue.shift()
    queue.remove(b)

    expect(queue.remove(a)).toBe(false)
    expect(queue.remove(b)).toBe(false)
    expect(queue.size).toBe(0)
  })

  it('does not take the same waiter twice, and takes him again once he was served', () => {
    const queue = new SlotQueue<Caller>(3, 'fifo')
    const caller = new Caller('a')

    expect(queue.push(caller)).toBe(true)
    expect(queue.push(caller)).toBe(false)
    expect(queue.size).toBe(1)

    queue.shift()
    expect(queue.push(caller)).toBe(true)
    expect(queue.peek()).toBe(caller)
  })
})

describe('shiftFirst', () => {
  it('takes out the first who fits, and leaves the others in their order', () => {
    const queue = new SlotQueue<Caller>(5, 'fifo')
    for (const name of ['ann', 'bob', 'cleo', 'dan']) queue.push(new Caller(name))

    expect(queue.shiftFirst(({ name }) => name > 'b')?.name).toBe('bob')
    expect(queue.shiftFirst(() => false)).toBeNull()
    expect(served(queue)).toBe('anncleodan')
  })
})
