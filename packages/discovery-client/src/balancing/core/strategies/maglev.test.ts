import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { fleet } from '../../balancing.model.js'
import { Host } from '../host.js'
import { Question } from '../question.js'
import { MaglevPicker } from './maglev.js'

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
