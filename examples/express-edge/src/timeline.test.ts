import { expect, test } from 'vitest'
import { firstBy, lastBy, SLOT_MS, sumOf, TimelineKeeper, within } from './timeline.ts'

test('puts each call into the slot in which it was asked for, oldest first', () => {
  const keeper = new TimelineKeeper()
  keeper.add({ source: 'upstream', by: 'a', attempt: 1, leftMs: 390 }, 1_050)
  keeper.add({ source: 'timeout' }, 1_000 + SLOT_MS - 0.1)
  keeper.add({ source: 'upstream', by: 'b', attempt: 2 }, 900)

  expect(keeper.result()).toEqual([
    {
      at: 900,
      answers: { upstream: 1, failure: 0, timeout: 0, rejected: 0 },
      by: { b: 1 },
      retried: 1,
      left: { untold: 1 },
    },
    {
      at: 1_000,
      answers: { upstream: 1, failure: 0, timeout: 1, rejected: 0 },
      by: { a: 1 },
      retried: 0,
      left: { least: 390, most: 390, untold: 0 },
    },
  ])
})

test('gives the slots that touch a time', () => {
  const keeper = new TimelineKeeper()
  for (const at of [1_000, 1_100, 1_200, 1_300]) keeper.add({ source: 'failure' }, at)

  expect(within(keeper.result(), 1_150, 1_300).map(({ at }) => at)).toEqual([1_100, 1_200])
  expect(within(keeper.result(), 1_100, 1_201).map(({ at }) => at)).toEqual([1_100, 1_200])
})

test('knows when an instance answered first and last', () => {
  const keeper = new TimelineKeeper()
  for (const [by, at] of [
    ['a', 1_000],
    ['b', 1_100],
    ['a', 1_200],
    ['b', 1_300],
  ] as const) {
    keeper.add({ source: 'upstream', by, attempt: 1 }, at)
  }

  const timeline = keeper.result()
  expect([firstBy(timeline, 'b'), lastBy(timeline, 'a')]).toEqual([1_100, 1_200])
  expect(firstBy(timeline, 'c') ?? lastBy(timeline, 'c')).toBeUndefined()
})

test('adds slots up', () => {
  const keeper = new TimelineKeeper()
  keeper.add({ source: 'upstream', by: 'a', attempt: 2, leftMs: 215 }, 1_000)
  keeper.add({ source: 'upstream', by: 'a', attempt: 2, leftMs: 200 }, 2_000)
  keeper.add({ source: 'upstream', by: 'b', attempt: 1, leftMs: 399 }, 2_000)
  keeper.add({ source: 'upstream', by: 'b', attempt: 1 }, 2_000)
  keeper.add({ source: 'rejected' }, 2_000)

  expect(sumOf(keeper.result())).toEqual({
    answers: { upstream: 4, failure: 0, timeout: 0, rejected: 1 },
    by: { a: 2, b: 2 },
    retried: 2,
    left: { least: 200, most: 399, mostLater: 215, untold: 1 },
  })
})
