import { expect, test } from 'vitest'
import { allUpSince, saidSince, upCount, withPicture } from './pictures.ts'
import type { Picture } from './pictures.ts'

const PICTURES: readonly Picture[] = [
  { at: 100, statuses: { a: 'UP', b: 'UP' } },
  { at: 200, statuses: undefined },
  { at: 300, statuses: { a: 'UP' } },
  { at: 400, statuses: { a: 'OUT_OF_SERVICE', b: 'UP' } },
  { at: 500, statuses: { a: 'UP', b: 'UP' } },
]

test('keeps what differs from the picture before', () => {
  const first = withPicture([], { at: 1, statuses: { a: 'UP' } })

  expect(withPicture(first, { at: 2, statuses: { a: 'UP' } })).toBe(first)
  for (const statuses of [undefined, {}, { a: 'DOWN' }, { b: 'UP' }, { a: 'UP', b: 'UP' }] as const) {
    expect(withPicture(first, { at: 2, statuses })).toHaveLength(2)
  }
})

test('keeps one picture of a registry that does not answer', () => {
  const away = withPicture([], { at: 1, statuses: undefined })

  expect(away).toHaveLength(1)
  expect(withPicture(away, { at: 2, statuses: undefined })).toBe(away)
})

test('finds when something was said first after a time', () => {
  expect(saidSince(PICTURES, { id: 'a', status: 'OUT_OF_SERVICE', since: 0 })).toBe(400)
  expect(saidSince(PICTURES, { id: 'a', status: 'UP', since: 350 })).toBe(500)
  expect(saidSince(PICTURES, { id: 'b', status: 'DOWN', since: 0 })).toBeUndefined()
})

test('takes nobody for gone because the registry does not answer', () => {
  expect(saidSince(PICTURES, { id: 'b', status: 'gone', since: 0 })).toBe(300)
  expect(saidSince(PICTURES, { id: 'a', status: 'gone', since: 0 })).toBeUndefined()
})

test('finds when all were up', () => {
  expect(allUpSince(PICTURES, ['a', 'b'], 0)).toBe(100)
  expect(allUpSince(PICTURES, ['a', 'b'], 101)).toBe(500)
  expect(allUpSince(PICTURES, ['a', 'c'], 0)).toBeUndefined()
  expect(upCount({ a: 'OUT_OF_SERVICE', b: 'UP' }, ['a', 'b', 'c'])).toBe(1)
})
