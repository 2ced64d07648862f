import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { fleet } from '../../balancing.model.js'
import { Host } from '../host.js'
import { Question } from '../question.js'
import { MaglevPicker } from './maglev.js'
import { hostsOf } from './picker.model.js'

const KEYS = Array.from({ length: 30 }, (_, index) => `user-${String(index)}`)

function homes(picker: MaglevPicker, now: number): (string | undefined)[] {
  const question = new Question(seededRandom('maglev'))
  return KEYS.map((key) => {
    question.begin(now, key, undefined)
    return picker.pick(question)?.id
  })
}

/** Whether each change of a list, at these times, gets a table of its own at once: the one of a new process. */
function tablesAt(...times: readonly number[]): boolean[] {
  let picker: MaglevPicker | undefined
  return times.map((now, change) => {
    const hosts = fleet(3, (index) => ({ id: `${String(change)}-${String(index)}` })).map(
      (instance) => new Host(instance),
    )
    picker = new MaglevPicker(hosts, picker)
    return String(homes(picker, now)) === String(homes(new MaglevPicker(hosts), now))
  })
}

/** Hosts with these ids and weights. */
function weighing(weights: Readonly<Record<string, number>>): Host[] {
  const members = Object.entries(weights).map(([id, weight]) => ({ id, weight }))
  return hostsOf(members.length, (index) => members[index]!)
}

const times = (count: number, now: number): number[] => Array.from({ length: count }, () => now)
const yes = (count: number): boolean[] => Array.from({ length: count }, () => true)

test('ten changes at once get a table each, and then one every 100 ms', () => {
  expect(tablesAt(...times(12, 0), 50, 100, 150, 200)).toEqual([...yes(11), false, false, true, false, true])
})

test('no more than ten tables are saved up', () => {
  expect(tablesAt(0, ...times(11, 1e6))).toEqual([true, ...yes(10), false])
})

test('a clock that goes back takes no tables away', () => {
  expect(tablesAt(...times(12, 0), -1_000, -900)).toEqual([...yes(11), false, false, true])
})

test('equal lists share a table, in whatever order they are', () => {
  const lists = [weighing({ a: 1, b: 2, c: 1 }), weighing({ c: 1, b: 2, a: 1 })]
  let picker = new MaglevPicker(lists[0]!)
  for (let turn = 0; turn < 20; turn++) {
    picker = new MaglevPicker(lists[turn % 2]!, picker)
    homes(picker, 0)
  }
  const changed = weighing({ a: 1, b: 1, c: 1 })

  // It gets one at once, because none of these took any.
  expect(homes(new MaglevPicker(changed, picker), 0)).toEqual(homes(new MaglevPicker(changed), 0))
})

test.each([
  ['of another weight', { a: 1, b: 9, c: 1 }],
  ['more', { a: 1, b: 1, c: 1, d: 1 }],
  ['less', { a: 1, b: 1 }],
  ['for another', { a: 1, b: 1, d: 1 }],
])('a list with one %s gets a table of its own', (_, weights) => {
  const before = new MaglevPicker(weighing({ a: 1, b: 1, c: 1 }))
  const old = homes(before, 0)
  const hosts = weighing(weights)
  const made = homes(new MaglevPicker(hosts), 0)

  expect(made).not.toEqual(old)
  expect(homes(new MaglevPicker(hosts, before), 0)).toEqual(made)
})

test.each([
  [{ a: 0.3, b: 0.1 + 0.2 }, 0.5],
  [{ a: 0.1 + 0.2, b: 0.3 }, 0.5],
  [{ a: 1, b: 2 }, 1 / 3],
  [{ a: 1, b: 0 }, 1],
  [{ a: 1, b: 999 }, 0.001],
])('of %o the first has a share of %d of the keys', (weights, share) => {
  const picker = new MaglevPicker(weighing(weights))
  const question = new Question(seededRandom('shares'))
  let first = 0
  for (let key = 0; key < 20_000; key++) {
    question.begin(0, `key ${String(key)}`, undefined)
    if (picker.pick(question)?.id === 'a') first++
  }

  expect(Math.abs(first / 20_000 - share)).toBeLessThan(0.01 + share / 50)
})
