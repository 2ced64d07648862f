import { seededRandom } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import { LeastRequestPicker } from './least-request.js'
import { busy, chosenBy, dice, hostsOf, questionOf } from './picker.model.js'

/** Hosts with these weights, and so many calls in flight each. */
function weighing(weights: readonly number[], inFlight: readonly number[]): Host[] {
  return hostsOf(weights.length, (index) => ({ weight: weights[index]! })).map((host, index) =>
    Object.assign(host, { inFlight: inFlight[index]! }),
  )
}

/** What was compared: the chosen one's score, the other, and the other's score. */
function compared(hosts: readonly Host[], question: Question): unknown[] {
  const chosen = new LeastRequestPicker(hosts).pick(question)
  const { chosenScore, rival, rivalScore, hasScores } = question
  return [chosen?.id, chosenScore, rival?.id, rivalScore, hasScores]
}

describe('of hosts that weigh the same', () => {
  test.each([
    [0, 0, 'i0', 'i1'],
    [0, 0.5, 'i0', 'i2'],
    [0.4, 0, 'i1', 'i0'],
    [0.4, 0.5, 'i1', 'i2'],
    [0.7, 0, 'i2', 'i0'],
    [0.7, 0.5, 'i2', 'i1'],
  ])('%f and %f draw %s and %s, and the first wins a tie', (first, second, chosen, rival) => {
    const question = questionOf({ random: dice(first, second) })

    expect(compared(busy(1, 1, 1), question)).toEqual([chosen, 1, rival, 1, true])
  })

  test('the less busy one of the two is chosen, whichever is drawn first', () => {
    const hosts = busy(1, 4)

    expect(compared(hosts, questionOf({ random: dice(0) }))).toEqual(['i0', 1, 'i1', 4, true])
    expect(compared(hosts, questionOf({ random: dice(0.5, 0) }))).toEqual(['i0', 1, 'i1', 4, true])
  })

  test('a single one is chosen, and compared with nobody', () => {
    expect(compared(busy(7), questionOf())).toEqual(['i0', 7, undefined, 0, true])
  })

  test('two are distinct also where some are excluded', () => {
    const hosts = busy(0, 3, 2)
    // The excluded one, then twice the same, then another.
    const random = dice(0, 0.4, 0.4, 0.7)

    expect(compared(hosts, questionOf({ random, exclude: [hosts[0]!] }))).toEqual(['i2', 2, 'i1', 3, true])
  })

  test('the two are drawn from a list of the others where draws only bring excluded ones', () => {
    const hosts = busy(0, 3, 2, 2)
    // Eight draws in vain, then the second and the first of the three others.
    const random = dice(...Array.from({ length: 8 }, () => 0), 0.4, 0)

    expect(compared(hosts, questionOf({ random, exclude: [hosts[0]!] }))).toEqual(['i2', 2, 'i1', 3, true])
  })
})

describe('of hosts that do not', () => {
  test('calls in flight count by weight', () => {
    // The mean weight is 2: four calls are 8 and 2⅔.
    const [light, heavy] = weighing([1, 3], [4, 4]) as [Host, Host]
    const picker = new LeastRequestPicker([light, heavy])

    expect([picker.score(light, 0), picker.score(heavy, 0)]).toEqual([8, 4 * (2 / 3)])
  })

  test('one that weighs nothing counts its calls as they are', () => {
    const hosts = weighing([0, 2], [3, 3])
    const picker = new LeastRequestPicker(hosts)

    expect(hosts.map((host) => picker.score(host, 0))).toEqual([3, 1.5])
  })

  // Both draws bring the heavy one; another is the first of the others.
  test.each([
    [3, 1, 'i1', 'i0'],
    [2, 1, 'i0', 'i1'],
    [1, 3, 'i0', 'i1'],
  ])('one drawn twice with a score of %i is left for one with %i: %s', (score, other, chosen, rival) => {
    const hosts = weighing([2, 1], [0, 0])
    hosts[0]!.inFlight = score * (4 / 3)
    hosts[1]!.inFlight = other * (2 / 3)
    const scores = chosen === 'i0' ? [score, other] : [other, score]
    const found = compared(hosts, questionOf({ random: dice(0) }))

    expect([found[0], found[2], found[4]]).toEqual([chosen, rival, true])
    expect([found[1], found[3]]).toEqual(scores.map((number) => expect.closeTo(number, 9)))
  })

  test('one drawn twice may be left for any of the others', () => {
    const hosts = weighing([1, 2, 2], [0, 9, 0])
    // Twice the second column, and then the last of the two others.
    const left = [0, 0.9].map((draw) =>
      chosenBy(new LeastRequestPicker(hosts), { random: dice(0.5, 0, 0.5, 0, draw) }),
    )

    expect(left).toEqual(['i0', 'i2'])
  })

  test('one drawn twice is never left for one that weighs nothing', () => {
    const hosts = weighing([2, 1, 0], [100, 0, 0])

    expect(chosenBy(new LeastRequestPicker(hosts), { random: dice(0, 0, 0, 0, 0.9) })).toBe('i0')
  })

  test('two distinct ones are compared by what they score', () => {
    const hosts = weighing([1, 3], [3, 3])

    expect(compared(hosts, questionOf({ random: dice(0, 0, 0.5, 0) }))).toEqual(['i1', 2, 'i0', 6, true])
  })

  test('the others keep their shares where draws only bring one that is excluded', () => {
    const hosts = weighing([1_000, 1, 3], [0, 0, 0])
    const random = seededRandom('shares of the others')
    const picker = new LeastRequestPicker(hosts)
    let heavier = 0
    for (let call = 0; call < 2_000; call++)
      if (chosenBy(picker, { random, exclude: [hosts[0]!] }) === 'i2') heavier++

    expect(heavier / 2_000).toBeCloseTo(0.75, 1)
  })

  test('one drawn twice while others are excluded is chosen alone', () => {
    const hosts = weighing([1, 3, 2], [0, 3, 0])

    expect(compared(hosts, questionOf({ random: dice(0.4, 0), exclude: [hosts[0]!] }))).toEqual([
      'i1',
      2,
      undefined,
      0,
      true,
    ])
  })
})
