import { expect, test } from 'vitest'
import { dueAfterMs, plannedAfter } from './pace.ts'

test('plans half of the full rate while it grows, and all of it from then on', () => {
  expect(plannedAfter(2_000, 100)).toBe(100)
  expect(plannedAfter(12_000, 100)).toBe(1_100)
})

test('sends the first request at once', () => {
  expect(plannedAfter(0, 100)).toBe(0)
  expect(dueAfterMs(0, 100)).toBe(0)
})

test('knows for every request the moment in which it becomes due', () => {
  for (let index = 0; index < 500; index++) {
    expect(plannedAfter(dueAfterMs(index, 100), 100)).toBeCloseTo(index, 6)
  }
})
