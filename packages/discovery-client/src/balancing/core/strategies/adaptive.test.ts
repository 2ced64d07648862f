import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { fleet, lab } from '../../balancing.model.js'
import { Host } from '../host.js'
import { Question } from '../question.js'
import { AdaptivePicker } from './adaptive.js'

const hostsOf = (count: number): Host[] => fleet(count).map((instance) => new Host(instance))

/** Picks at this time. */
function pickAt(picker: AdaptivePicker, now: number): Host {
  const question = new Question(seededRandom(`at ${String(now)}`))
  question.begin(now, undefined, undefined)
  return picker.pick(question)!
}

test('shares calls out by weight also where all are idle for long between them', async () => {
  const { balancer, clock } = lab(
    fleet(2, (index) => ({ weight: index === 0 ? 1 : 3 })),
    { strategy: 'adaptive' },
  )
  let light = 0
  for (let call = 0; call < 4_000; call++) {
    const pick = balancer.pick()
    if (pick.instance.id === 'i0') light++
    await clock.advance(5)
    pick.done('success', 5)
    await clock.advance(20)
  }

  expect(light / 4_000).toBeGreaterThan(0.2)
  expect(light / 4_000).toBeLessThan(0.3)
})

test('tells the chosen one how fast and how busy the fleet is, which its failures are measured by', () => {
  const hosts = hostsOf(4)
  for (const host of hosts) {
    host.started(0)
    host.ended('success', 20, 0, 0)
    for (let call = 0; call < 3; call++) host.started(0)
  }
  const { latency } = pickAt(new AdaptivePicker(hosts), 200)

  expect(latency.fleet?.load).toBe(3)
  expect(Math.exp(latency.fleet!.log)).toBeCloseTo(20, 9)
})

test.each([
  [3, 3],
  [3, 2],
  [100, 98],
])('of %i hosts of which %i are full it chooses one of the others, if there is any', (count, full) => {
  const hosts = hostsOf(count)
  hosts.forEach((host, index) => {
    host.latency.answered(10, 0)
    host.isFull = index < full
  })
  const [picker, question] = [new AdaptivePicker(hosts), new Question(seededRandom('full'))]
  question.full = full
  const chosen = Array.from({ length: 50 }, () => {
    question.begin(0, undefined, undefined)
    return picker.pick(question)
  })

  expect(new Set(chosen)).toEqual(new Set(count === full ? [undefined] : hosts.slice(full)))
})

test('chooses of two alike the one that never had a call', () => {
  const hosts = hostsOf(2)
  hosts[0]!.started(0)
  hosts[0]!.ended('success', 10, 0, 0)
  const picker = new AdaptivePicker(hosts)
  const chosen = [1, 2, 3, 4, 5, 6].map((now) => pickAt(picker, now).id)

  expect(new Set(chosen)).toEqual(new Set(['i1']))
})

test('asks all of a large fleet by turns how fast they are', () => {
  const hosts = hostsOf(203)
  hosts.slice(0, 202).forEach((host, index) => {
    host.started(0)
    host.ended('success', index < 101 ? 10 : 100, 0, 0)
  })
  const unknown = hosts[202]!
  const picker = new AdaptivePicker(hosts)
  const seen = [100, 200, 250, 300].map((now) => Math.round(picker.score(unknown, now)))

  // Two looks show all but one of them, and then it is the first ones' turn again.
  expect(seen).toEqual([10, 100, 100, 10])
})
