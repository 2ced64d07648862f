import { seededRandom } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { chiSquare, chiSquareLimit } from '../../balancing.model.js'
import { chosenBy, dice, hostsOf, questionOf } from './picker.model.js'
import { WeightedPicker } from './weighted.js'

const SCALE = 65_535

/** Who is chosen by so many picks in a row. */
function chosen(weights: readonly number[], picks: number): string[] {
  const picker = new WeightedPicker(hostsOf(weights.length, (index) => ({ weight: weights[index]! })))
  const question = questionOf()
  return Array.from({ length: picks }, () => picker.pick(question)!.id)
}

describe('over a whole period', () => {
  test.each([
    [
      [3, 1],
      [SCALE, 21_845],
    ],
    // Even the least weight has a turn.
    [
      [1e6, 1e6, 1],
      [SCALE, SCALE, 1],
    ],
    [
      [2, 0, 1],
      [SCALE, 0, 32_768],
    ],
  ])('weights of %j get shares of %j, each time in the same order', (weights, shares) => {
    const picks = shares.reduce((sum, share) => sum + share, 0)
    const ids = chosen(weights, 2 * picks)
    const [first, second] = [ids.slice(0, picks), ids.slice(picks)]
    const counts = shares.map((_, index) => first.filter((id) => id === `i${String(index)}`).length)

    expect(counts).toEqual(shares)
    expect(second.join() === first.join()).toBe(true)
  })
})

test('nobody gets a burst: the light one comes once in every round of the heavy one', () => {
  const ids = chosen([3, 1], 4_000).join('')

  expect(ids).not.toMatch(/(i0){5}|i1i1/)
})

test('clients start at different places', () => {
  const first = (start: number): string | undefined =>
    chosenBy(new WeightedPicker(hostsOf(4, () => ({}))), { random: dice(start, 0.5) })

  expect(new Set([first(0), first(0.25), first(0.5), first(0.75)]).size).toBe(4)
})

test('who is drawn first has the first turn, however many visits before its next one the draw begins', () => {
  const first = (weights: readonly number[], ...thrown: readonly number[]): string | undefined =>
    chosenBy(new WeightedPicker(hostsOf(weights.length, (index) => ({ weight: weights[index]! }))), {
      random: dice(...thrown),
    })

  expect([0, 0.3, 0.6, 0.999].map((visit) => first([1, 3], 0, visit))).toEqual(['i0', 'i0', 'i0', 'i0'])
  expect([0, 0.3, 0.6, 0.999].map((visit) => first([3, 1], 0.999, visit))).toEqual(['i1', 'i1', 'i1', 'i1'])
})

test('the first turn is as likely that of each as it weighs, so that many clients with few calls share out by weight too', () => {
  const weights = [100, 1, 1, 1, 100, 50]
  const random = seededRandom('first turns')
  const counts = weights.map(() => 0)
  for (let client = 0; client < 25_300; client++) {
    const picker = new WeightedPicker(hostsOf(weights.length, (index) => ({ weight: weights[index]! })))
    counts[Number(chosenBy(picker, { random })!.slice(1))]!++
  }

  expect(
    chiSquare(
      counts,
      weights.map((weight) => weight * 100),
    ),
  ).toBeLessThan(chiSquareLimit(5))
})

test.each([
  [16, 2],
  [17, 20],
])('of %i of which one weighs anything, ten picks throw dice %i times', (count, thrown) => {
  let throws = 0
  const random = { next: () => (throws++, 0.5) }
  const picker = new WeightedPicker(hostsOf(count, (index) => ({ weight: index === 0 ? 1 : 0 })))
  const ids = Array.from({ length: 10 }, () => chosenBy(picker, { random }))

  expect(new Set(ids)).toEqual(new Set(['i0']))
  expect(throws).toBe(thrown)
})
