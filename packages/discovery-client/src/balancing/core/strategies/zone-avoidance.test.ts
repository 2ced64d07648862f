import { describe, expect, test } from 'vitest'
import type { Host } from '../host.js'
import { chosenBy, dice, hostsOf, questionOf, tire } from './picker.model.js'
import { ZoneAvoidancePicker } from './zone-avoidance.js'

/** Hosts of zones a, b, …: for each zone the calls in flight of its hosts. */
function zones(...loads: readonly (readonly number[])[]): Host[] {
  const members = loads.flatMap((load, zone) => load.map((inFlight) => ({ zone: 'abc'[zone]!, inFlight })))
  return hostsOf(members.length, (index) => ({ zone: members[index]!.zone })).map((host, index) =>
    Object.assign(host, { inFlight: members[index]!.inFlight }),
  )
}

/** The zones that are asked. */
function askedOf(hosts: readonly Host[]): string {
  const picker = new ZoneAvoidancePicker(hosts)
  const question = questionOf()
  const asked = hosts.map(() => picker.pick(question)!.zone)
  return [...new Set(asked)].sort().join('')
}

describe('the zone with the highest load', () => {
  test.each<[string, number[][], string]>([
    ['is avoided from 0.2 calls a host on', [[0], [1, 0, 0, 0, 0]], 'a'],
    ['is asked below that', [[0], [1, 0, 0, 0, 0, 0]], 'ab'],
    ['is asked with half as much again as the other', [[3, 3], [2]], 'ab'],
    ['is avoided with more', [[4, 3], [2]], 'b'],
    ['is measured by the mean of all others', [[2], [0], [5]], 'ab'],
    ['is asked where others have nearly as much', [[4], [4], [5]], 'abc'],
    ['is asked alone', [[9, 0]], 'a'],
    ['is one of two with the same', [[1], [1], []], 'ab'],
  ])('%s', (_, loads, asked) => {
    expect(askedOf(zones(...loads))).toBe(asked)
  })
})

describe('hosts that rest', () => {
  test('are not asked, nor do their calls count', () => {
    const hosts = zones([0, 9], [0, 0])
    tire(hosts[1]!)
    const picker = new ZoneAvoidancePicker(hosts)
    const question = questionOf()

    expect(new Set(Array.from({ length: 9 }, () => picker.pick(question)!.id))).toEqual(
      new Set(['i0', 'i2', 'i3']),
    )
  })

  test('spare the zone with the highest load, where all of another zone do', () => {
    const hosts = zones([0], [9], [0])
    tire(hosts[0]!)

    expect(askedOf(hosts)).toBe('bc')
  })

  test('are asked when all do', () => {
    const hosts = zones([0, 0], [0])
    for (const host of hosts) tire(host)

    expect(askedOf(hosts)).toBe('ab')
  })
})

test('zones are judged anew every 100 ms', () => {
  const hosts = zones([0], [0])
  const picker = new ZoneAvoidancePicker(hosts)
  const askedAt = (now: number): Set<unknown> => new Set([1, 2].map(() => chosenBy(picker, { now })))
  const before = askedAt(0)
  hosts[1]!.inFlight = 5

  expect([before.size, askedAt(99).size]).toEqual([2, 2])
  expect(askedAt(100)).toEqual(new Set(['i0']))
})

test('hosts without a zone make one of their own', () => {
  const hosts = hostsOf(3, (index) => (index === 2 ? { zone: 'a' } : {}))
  hosts[0]!.inFlight = 8

  expect(askedOf(hosts)).toBe('a')
})

test('a zone is avoided also where another host is excluded', () => {
  const hosts = zones([0, 0], [9])
  const picker = new ZoneAvoidancePicker(hosts)
  const others = [0.4, 0.9].map((draw) => chosenBy(picker, { random: dice(draw), exclude: [hosts[0]!] }))

  expect(others).toEqual(['i1', 'i1'])
})

test('another zone is better than nobody, and than the same again', () => {
  const hosts = zones([0], [9, 9])
  const picker = new ZoneAvoidancePicker(hosts)
  const others = [0.4, 0.9].map((draw) => chosenBy(picker, { random: dice(draw), exclude: [hosts[0]!] }))

  expect(others).toEqual(['i1', 'i2'])
})

test('turns go on with a new list', () => {
  const hosts = zones([0, 0, 0, 0])
  const picker = new ZoneAvoidancePicker(hosts)
  const first = [chosenBy(picker), chosenBy(picker)]
  const next = new ZoneAvoidancePicker(hosts, picker)

  expect([...first, chosenBy(next)]).toEqual(['i0', 'i1', 'i2'])
})
