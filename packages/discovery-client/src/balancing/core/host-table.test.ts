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

  test('remembers a whole large list over short ones', () => {
    const table = new HostTable()
    table.update(fleet(500), 0)
    const before = [...table.eligible]
    for (const count of [0, 3, 2]) table.update(fleet(count), 1)
    const remembered = [table.remembered]
    table.update(fleet(500), 2)
    remembered.push(table.remembered)

    expect(table.eligible.every((host, index) => host === before[index])).toBe(true)
    expect(remembered).toEqual([498, 0])
  })

  test('forgets who has been away for more than five minutes, though nothing else has changed meanwhile', () => {
    const table = new HostTable()
    table.update(fleet(2), 0)
    const [first] = table.eligible
    const back = (now: number): boolean => {
      table.update(fleet(2).slice(1), 1_000)
      table.update(fleet(2), now)
      return table.eligible[0] === first
    }

    expect([back(301_000), back(301_001)]).toEqual([true, false])
    table.update([], 1_000)
    const remembered = [301_000, 301_001].map((now) => {
      table.update([], now)
      return table.remembered
    })
    expect(remembered).toEqual([2, 0])
  })

  test('knows who comes back while calls to it are under way, under the same id at the same address', () => {
    const table = new HostTable()
    const [instance] = fleet(1)
    table.update([instance!], 0)
    const [host] = table.eligible
    host?.started(0)
    const isBack = (change: object): boolean => {
      table.update([], 1)
      table.update([{ ...instance!, ...change }], 1)
      return table.eligible[0] === host
    }

    // The last one is not the same, though it is one letter after the other.
    const others = [{ port: 7 }, { id: 'other' }, { id: 'i01', host: '0.0.0.1' }]
    expect([...others, {}].map(isBack)).toEqual([false, false, false, true])
  })

  test.each<[object, boolean]>([
    [{}, true],
    [{ metadata: { zone: 'b' } }, true],
    [{ host: '10.0.0.2' }, false],
    [{ port: 7 }, false],
    [{ secure: true }, false],
  ])('knows who comes back with %j: %s', (change, known) => {
    const table = new HostTable()
    const [instance] = fleet(1)
    table.update([instance!], 0)
    const [host] = table.eligible
    table.update([], 1)
    table.update([{ ...instance!, ...change }], 1)

    expect(table.eligible[0] === host).toBe(known)
  })

  test('has only those eligible that are up, and keeps what it knows of the others', () => {
    const table = new HostTable()
    table.update(fleet(3), 0)
    const [, second] = table.eligible
    table.update(
      fleet(3, (index) => ({ status: index === 1 ? 'OUT_OF_SERVICE' : 'UP' })),
      1,
    )
    const during = [ids(table), table.find('i1')]
    table.update(fleet(3), 2)

    expect(during).toEqual([['i0', 'i2'], undefined])
    expect(table.find('i1')).toBe(second)
  })

  test.each([
    ['of any size within reason', [0, -0, 1e-300, 1e300, 5], [0, 0, 1e-6, 1e6, 5]],
    ['that are none as the mean of those that get calls', [0, 2, NaN, 6, -1], [0, 2, 4, 6, 4]],
    ['that are none beside no other as one', [0, Infinity], [0, 1]],
  ])('takes weights %s', (_what, weights, taken) => {
    const table = new HostTable()
    table.update(
      fleet(weights.length).map((instance, index) => ({ ...instance, weight: weights[index]! })),
      0,
    )

    expect(table.eligible.map(({ weight }) => weight)).toEqual(taken)
  })

  test('takes the first of several entries with the same id, and counts the others', () => {
    const table = new HostTable()
    const [one, two] = fleet(2)
    const change = table.update([one!, { ...two!, id: 'i0', weight: 9 }, { ...one!, weight: 9 }], 0)

    expect(change.duplicates).toBe(2)
    expect(table.eligible.map(({ instance, weight }) => [instance.port, weight])).toEqual([[1_000, 1]])
  })

  test('lists those only that have left with calls under way, not ever more of them, and knows of each when they have ended', () => {
    const table = new HostTable()
    table.update(fleet(1_500), 0)
    const [idle, ...busy] = [...table.eligible]
    for (const host of busy) host.started(0)
    table.update([], 1)

    expect(table.draining).toHaveLength(1_000)
    expect(table.draining).not.toContain(idle)

    const drained = busy.filter((host) => {
      const isEarly = table.hasDrained(host)
      host.ended('success', 1, 0, 2)
      return !isEarly && table.hasDrained(host)
    })
    expect([drained.length, table.draining]).toEqual([1_499, []])
  })

  test('says when the first one on probation has had its time', () => {
    const table = new HostTable({ shrinkPercent: 20, keepMs: 60_000, answeredWithinMs: 30_000 })
    table.update(fleet(3), 0)
    for (const host of table.eligible) host.answeredAt = 0
    const ends = [table.probationEndsAt]
    for (const [count, now] of [
      [2, 5_000],
      [1, 7_000],
    ] as const) {
      table.update(fleet(count), now)
      ends.push(table.probationEndsAt)
    }

    expect(ends).toEqual([Infinity, 65_000, 65_000])
  })

  test('takes who comes back from probation at another address for another one', () => {
    const table = new HostTable({ shrinkPercent: 20, keepMs: 60_000, answeredWithinMs: 30_000 })
    table.update(fleet(2), 0)
    for (const host of table.eligible) host.answeredAt = 0
    table.update(fleet(1), 1)
    table.update(
      fleet(2, (index) => ({ port: 2_000 + index })),
      2,
    )

    expect(table.eligible.map(({ instance }) => instance.port)).toEqual([2_000, 2_001])
  })
})
