import type { BalancedInstanceReading } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { quietInstance } from '../fake-instruments.model.js'
import { mergeCells } from './cells.js'
import { InstanceSeats } from './instance-seats.js'
import type { Aggregator, Row } from './row.js'

/** A row whose numbers are merged so. */
const rowOf = (aggregator: Aggregator): Row => ({
  name: 'a',
  type: 'gauge',
  help: 'Help.',
  labels: ['by'],
  aggregator,
  read: () => undefined,
})

/** What becomes of the same number of several instruments, each with its weight. */
const merged = (aggregator: Aggregator, ...cells: readonly (readonly [number, number])[]): unknown =>
  mergeCells(
    [rowOf(aggregator)],
    cells.map(([value, weight], index) => [
      { tree: { both: value, [`only ${String(index)}`]: value }, weight },
    ]),
  )[0]

describe('numbers of several instruments', () => {
  it.each([
    ['sum', 6],
    ['max', 3],
    ['min', 1],
  ] as const)('are one by their %s', (aggregator, both) => {
    expect(merged(aggregator, [2, 1], [1, 1], [3, 1])).toEqual({
      tree: { both, 'only 0': 2, 'only 1': 1, 'only 2': 3 },
      weight: 3,
    })
  })

  it('are one by their mean, each with its weight', () => {
    expect(merged('average', [1, 3], [5, 1])).toEqual({
      tree: { both: 2, 'only 0': 1, 'only 1': 5 },
      weight: 4,
    })
  })

  it('that weigh nothing are the first of them', () => {
    expect(merged('average', [1, 0], [5, 0])).toEqual({ tree: { both: 1, 'only 0': 1 }, weight: 0 })
  })
})

const instance = (id: string, success: number): BalancedInstanceReading =>
  quietInstance(id, { calls: { success, failure: 0, timeout: 0, neutral: 0 } })

describe('instances without a series of their own', () => {
  it('that have gone are remembered, a thousand of them: those that come back add what is new only', () => {
    const seats = new InstanceSeats(1)
    const sum = (...instances: readonly BalancedInstanceReading[]): number | undefined =>
      seats.seat([instance('own', 0), ...instances]).find(({ server }) => server === '__other__')?.calls
        .success
    sum(instance('first', 5))
    sum(instance('second', 5))
    const crowd = Array.from({ length: 999 }, (_, index) => instance(`i${String(index)}`, 1))

    expect(sum(...crowd)).toBe(1_009)
    // One more than a thousand have gone: the oldest is forgotten, and counts anew.
    expect(sum()).toBe(1_009)
    expect(sum(instance('second', 6))).toBe(1_010)
    expect(sum(instance('first', 6))).toBe(1_016)
  })

  it('that are still there are never forgotten', () => {
    const seats = new InstanceSeats(1)
    const crowd = Array.from({ length: 1_200 }, (_, index) => instance(`i${String(index)}`, 1))
    const all = [instance('own', 0), ...crowd]
    seats.seat(all)

    expect(seats.seat(all).at(-1)?.calls.success).toBe(1_200)
  })
})
