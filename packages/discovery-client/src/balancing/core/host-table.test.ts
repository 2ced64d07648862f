import { describe, expect, test } from 'vitest'
import { fleet } from '../balancing.model.js'
import { HostTable } from './host-table.js'

const ids = ({ eligible }: HostTable): string[] => eligible.map(({ id }) => id)

describe('a table of hosts', () => {
  test('remembers a limited number of those who left, the last ones', () => {
    const table = new HostTable()
    const all = fleet(5_000)
    for (const instance of all) table.update([instance], 0)
    const last = table.eligible[0]

    table.update(all.slice(0, 1), 1)
    table.update(all.slice(-1), 2)

    expect(table.remembered).toBe(100)
    expect(table.eligible[0]).toBe(last)
  })

  test('remembers a whole large list that goes away and comes back', () => {
    const table = new HostTable()
    table.update(fleet(500), 0)
    const before = [...table.eligible]
    table.update(
      fleet(500).map((instance) => ({ ...instance, id: `other ${instance.id}` })),
      1,
    )
    table.update(fleet(500), 2)

    expect(table.eligible.every((host, index) => host === before[index])).toBe(true)
  })

  test('has only those eligible that are up, and keeps what it knows of the others', () => {
    const table = new HostTable()
    table.update(fleet(3), 0)
    const [, second] = table.eligible
    table.update(
      fleet(3, (index) => ({ status: index === 1 ? 'OUT_OF_SERVICE' : 'UP' })),
      1,
    )
    const during = ids(table)
    table.update(fleet(3), 2)

    expect(during).toEqual(['i0', 'i2'])
    expect(table.find('i1')).toBe(second)
  })

  test('takes weights within reason, whatever they are', () => {
    const table = new HostTable()
    const weights = [0, -0, 1e-300, 1e300, 5]
    table.update(
      fleet(5).map((instance, index) => ({ ...instance, weight: weights[index]! })),
      0,
    )

    expect(table.eligible.map(({ weight }) => weight)).toEqual([0, 0, 1e-6, 1e6, 5])
  })

  test('takes the first of several entries with the same id, and counts the others', () => {
    const table = new HostTable()
    const [one, two] = fleet(2)
    const change = table.update([one!, { ...two!, id: 'i0', weight: 9 }, { ...one!, weight: 9 }], 0)

    expect(change.duplicates).toBe(2)
    expect(table.eligible.map(({ instance, weight }) => [instance.port, weight])).toEqual([[1_000, 1]])
  })

  test('waits for those only that have left with calls under way, and not for ever more of them', () => {
    const table = new HostTable()
    table.update(fleet(1_500), 0)
    const [idle, ...busy] = [...table.eligible]
    for (const host of busy) host.started(0)
    table.update([], 1)

    expect(table.draining).toHaveLength(1_000)
    expect(table.draining).not.toContain(idle)
  })
})
