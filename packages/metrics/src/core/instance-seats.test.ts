import type { BalancedInstanceReading } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { quietInstance } from '../fake-instruments.model.js'
import { InstanceSeats } from './instance-seats.js'

/** As many as are remembered of those that are gone. */
const REMEMBERED = 1_000

const reading = (id: string, success = 1): BalancedInstanceReading =>
  quietInstance(id, { calls: { success, failure: 0, timeout: 0, neutral: 0 } })
const shown = (seats: InstanceSeats, ...ids: string[]): string[] =>
  seats.seat(ids.map((id) => reading(id))).map(({ server }) => server)

test('without seats nobody is shown, nor a sum', () => {
  expect(shown(new InstanceSeats(0), 'a', 'b')).toEqual([])
})

test('who has a seat keeps it, whoever comes and is listed before', () => {
  const seats = new InstanceSeats(1)
  shown(seats, 'b')

  expect(shown(seats, 'a', 'b')).toEqual(['b', '__other__'])
})

test('of those without a seat it is forgotten first who was gone first', () => {
  const seats = new InstanceSeats(1)
  const others = (...readings: BalancedInstanceReading[]): number | undefined =>
    seats.seat([reading('own'), ...readings]).at(-1)?.calls.success
  others(reading('stays', 5))
  for (let gone = 0; gone < REMEMBERED; gone++) others(reading('stays', 5), reading(`gone ${String(gone)}`))
  const before = others(reading('last'))

  expect(others(reading('stays', 7))).toBe(before! + 2)
})
