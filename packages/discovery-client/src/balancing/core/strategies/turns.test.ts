import { describe, expect, test } from 'vitest'
import { busy, chosenBy, dice, hostsOf, tire } from './picker.model.js'
import { PrimaryBackupPicker } from './primary-backup.js'
import { RandomPicker } from './random.js'
import { RoundRobinPicker } from './round-robin.js'

describe('round robin', () => {
  test('starts where chance says, and begins again after the last', () => {
    const picker = new RoundRobinPicker(busy(0, 0, 0))
    const ids = [1, 2, 3, 4].map(() => chosenBy(picker, { random: dice(0.5) }))

    expect(ids).toEqual(['i1', 'i2', 'i0', 'i1'])
  })

  test('goes on in a new list, or begins with its first where that has become too short', () => {
    const before = new RoundRobinPicker(busy(0, 0, 0))
    const picks = [1, 2].map(() => chosenBy(before))

    expect(picks).toEqual(['i0', 'i1'])
    expect(chosenBy(new RoundRobinPicker(busy(0, 0, 0), before))).toBe('i2')
    expect(chosenBy(new RoundRobinPicker(busy(0, 0), before))).toBe('i0')
  })

  test('starts anew after a picker of another kind', () => {
    const [other, random] = [new RandomPicker(busy(0)), dice(0.9)]

    expect(chosenBy(new RoundRobinPicker(busy(0, 0, 0), other), { random })).toBe('i2')
  })

  test('gives the turn of an excluded one to any other', () => {
    const hosts = busy(0, 0, 0)
    const picks = [0.4, 0.9].map((draw) =>
      chosenBy(new RoundRobinPicker(hosts), { random: dice(0, draw), exclude: [hosts[0]!] }),
    )

    expect(picks).toEqual(['i1', 'i2'])
  })
})

describe('primary and backups', () => {
  /** With these priorities. */
  const levels = (...priorities: readonly (string | undefined)[]): PrimaryBackupPicker =>
    new PrimaryBackupPicker(
      hostsOf(priorities.length, (index) => {
        const priority = priorities[index]
        return priority === undefined ? {} : { metadata: { priority } }
      }),
    )

  test.each([
    ['of a lower number first', ['10', '9'], 'i1'],
    ['of up to nine digits', ['999999999', '999999998'], 'i1'],
    ['that are no whole numbers as none', ['1x', 'x0', '0.5', '-1', '1234567890', '7'], 'i5'],
    ['that all say nothing as the order of the list', ['x', 'y'], 'i0'],
    ['that are not there as the last', [undefined, '3'], 'i1'],
  ])('take priorities %s', (_, priorities, chosen) => {
    expect(chosenBy(levels(...priorities))).toBe(chosen)
  })

  test('take turns within a level, over those that rest', () => {
    const hosts = hostsOf(3, () => ({ metadata: { priority: '1' } }))
    const picker = new PrimaryBackupPicker(hosts)
    const ids = (): unknown[] => [1, 2, 3].map(() => chosenBy(picker))
    const before = ids()
    tire(hosts[1]!)

    expect([before, ids()]).toEqual([
      ['i0', 'i1', 'i2'],
      ['i0', 'i2', 'i0'],
    ])
  })

  test('take turns where all rest', () => {
    const hosts = hostsOf(2, () => ({ metadata: { priority: '1' } }))
    for (const host of hosts) tire(host)
    const picker = new PrimaryBackupPicker(hosts)

    expect([1, 2, 3, 4].map(() => chosenBy(picker))).toEqual(['i0', 'i1', 'i0', 'i1'])
  })

  test('find nobody where all are excluded', () => {
    const hosts = busy(0, 0)

    expect(chosenBy(new PrimaryBackupPicker(hosts), { exclude: hosts })).toBeUndefined()
  })
})

test('by chance each is as likely as the other', () => {
  const picker = new RandomPicker(busy(0, 0, 0))

  expect([0, 0.4, 0.7].map((draw) => chosenBy(picker, { random: dice(draw) }))).toEqual(['i0', 'i1', 'i2'])
})
