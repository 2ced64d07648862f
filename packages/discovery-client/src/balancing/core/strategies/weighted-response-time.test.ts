import { expect, test } from 'vitest'
import type { Host } from '../host.js'
import { busy, chosenBy, dice } from './picker.model.js'
import { WeightedResponseTimePicker } from './weighted-response-time.js'

function answer(host: Host, ms: number): void {
  host.started(0)
  host.ended('success', ms, 0, 0)
}

/** Hosts with such mean response times. */
function answering(...latencies: readonly number[]): Host[] {
  const hosts = busy(...latencies.map(() => 0))
  hosts.forEach((host, index) => {
    answer(host, latencies[index]!)
  })
  return hosts
}

test('shares are the sum of all response times less the own one', () => {
  // Weights 50, 40 and 30.
  const picker = new WeightedResponseTimePicker(answering(10, 20, 30))
  const at = (weight: number): string | undefined => chosenBy(picker, { random: dice(weight / 120) })

  expect([0, 49.9, 50, 89.9, 90, 119.9].map(at)).toEqual(['i0', 'i0', 'i1', 'i1', 'i2', 'i2'])
})

test('shares are renewed every 30 s', () => {
  const hosts = answering(10, 10)
  const picker = new WeightedResponseTimePicker(hosts)
  const at = (now: number): string | undefined => chosenBy(picker, { now, random: dice(0.5) })
  const first = at(0)
  answer(hosts[1]!, 1_000)

  expect([first, at(29_999), at(30_000)]).toEqual(['i1', 'i1', 'i0'])
})

test('until somebody has answered, and for a single one, any is chosen', () => {
  const unknown = new WeightedResponseTimePicker(busy(0, 0))
  const draws = [0, 0.5].map((draw) => chosenBy(unknown, { random: dice(draw) }))

  expect(draws).toEqual(['i0', 'i1'])
  expect(chosenBy(new WeightedResponseTimePicker(answering(10)))).toBe('i0')
})

test('the turn of an excluded one goes to any other', () => {
  const hosts = answering(10, 10, 10)
  const picker = new WeightedResponseTimePicker(hosts)
  const draws = [0, 0.5].map((other) => chosenBy(picker, { random: dice(0.9, other), exclude: [hosts[2]!] }))

  expect(draws).toEqual(['i0', 'i1'])
})

test('what it shows of a host is the mean of all its response times', () => {
  const [host] = answering(10) as [Host]
  answer(host, 40)

  expect(new WeightedResponseTimePicker([host]).score(host)).toBe(25)
})
