/** Hashes that are the same, which is rare: every client has to choose alike all the same. */
import { expect, test } from 'vitest'
import { hashPair, hashText } from '../hash.js'
import type { Host } from '../host.js'
import { Question } from '../question.js'
import type { Picker } from '../strategy.js'
import { dice, hostsOf } from './picker.model.js'
import { RendezvousPicker } from './rendezvous.js'
import { RingHashPicker } from './ring-hash.js'

/** Two with the same hash, and so with the same points. */
const SAME = ['h84337', 'h1340180'] as const
const [one, other] = hostsOf(2, (index) => ({ id: SAME[index]! })) as [Host, Host]
const KEYS = Array.from({ length: 50 }, (_, index) => `user-${String(index)}`)

/** The ids of those that these keys belong to. */
function ownersOf(picker: Picker<Host>, ...keys: readonly string[]): unknown[] {
  const question = new Question(dice(0))
  const ids = keys.map((key) => {
    question.begin(0, key, undefined)
    return picker.pick(question)?.id
  })
  return [...new Set(ids)]
}

test.each([[[one, other]], [[other, one]]])('the first in the list has the keys of both: %#', (list) => {
  expect(hashText(one.id)).toBe(hashText(other.id))

  expect(ownersOf(new RingHashPicker(list), ...KEYS)).toEqual([list[0]!.id])
  expect(ownersOf(new RendezvousPicker(list), ...KEYS)).toEqual([list[0]!.id])
})

test.each([
  ['the first of both', [one]],
  ['the second of both', [other]],
])('and so it is on a ring to which one has come beside %s', (_, before) => {
  const followed = new RingHashPicker([one, other], new RingHashPicker(before))

  expect(ownersOf(followed, ...KEYS)).toEqual([one.id])
})

test('a key that falls on a point of a ring belongs to its host', () => {
  const hosts = hostsOf(400, () => ({}))
  const points = Array.from({ length: 160 }, (_, point) => hashPair(hashText('i120'), point))
  expect(points).toContain(hashText('user-74855'))

  expect(ownersOf(new RingHashPicker(hosts), 'user-74855')).toEqual(['i120'])
})

test('the lowest hash there is costs no host its weight', () => {
  const hosts = hostsOf(2, (index) => ({ weight: index === 0 ? 1e-6 : 1e6 }))
  const number = 3_232_199_851
  expect(hashPair(hashText('i1'), number)).toBe(0)
  const question = new Question(dice(number / 2 ** 32))
  question.begin(0, undefined, undefined)

  expect(new RendezvousPicker(hosts).pick(question)?.id).toBe('i1')
})
