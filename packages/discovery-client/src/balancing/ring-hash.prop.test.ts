import { seededRandom } from '@breakwater/kernel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import { hashPair, hashText } from './core/hash.js'
import { Host } from './core/host.js'
import { Question } from './core/question.js'
import { RingHashPicker } from './core/strategies/ring-hash.js'
import type { Picker } from './core/strategy.js'

const KEYS = Array.from({ length: 500 }, (_, key) => `key ${String(key)}`)

/** Members with their weights, in an order of their own. */
const list = fc
  .uniqueArray(fc.record({ id: fc.nat(40), weight: fc.constantFrom(1, 1, 1, 2, 0) }), {
    selector: ({ id }) => id,
    minLength: 1,
    maxLength: 30,
  })
  .map((members) =>
    members.map(({ id, weight }) => {
      const host = new Host(fleet(41)[id]!)
      host.weight = weight
      return host
    }),
  )

function owners(picker: Picker<Host>, keys: readonly string[] = KEYS): (string | undefined)[] {
  const question = new Question(seededRandom(1))
  return keys.map((key) => {
    question.begin(0, key, undefined)
    return picker.pick(question)?.id
  })
}

/** A thousand hosts of which two have a point in common, and a key that belongs to that point. */
function coincidence(): { hosts: readonly Host[]; key: string } {
  const each = 66
  for (let from = 0; ; from += 1_000) {
    const hosts = fleet(from + 1_000)
      .slice(from)
      .map((instance) => new Host(instance))
    const hashes = hosts
      .flatMap(({ id }) => Array.from({ length: each }, (_, point) => hashPair(hashText(id), point)))
      .sort((one, other) => one - other)
    const twin = hashes.findIndex((hash, index) => index > 1 && hash === hashes[index - 1])
    if (twin === -1) continue
    const [below, hash] = [hashes[twin - 2]!, hashes[twin]!]
    for (let number = 0; number < 1_000_000; number++) {
      const key = `key ${String(number)}`
      if (hashText(key) > below && hashText(key) <= hash) return { hosts, key }
    }
  }
}

it('P1: a ring that has followed changes of its list is the one that is made of the last list', () => {
  fc.assert(
    fc.property(fc.array(list, { minLength: 2, maxLength: 5 }), (lists) => {
      let followed: RingHashPicker | undefined
      for (const hosts of lists) {
        followed = new RingHashPicker(hosts, followed)
        const made = new RingHashPicker(hosts)
        expect(owners(followed)).toEqual(owners(made))
      }
    }),
    { numRuns: 60 },
  )
})

it('P1: where points of two hosts fall together, the order of the list decides, after changes as without', () => {
  const { hosts, key } = coincidence()
  const turned = [...hosts].reverse()
  const made = new RingHashPicker(turned)

  expect(owners(made, [key])).not.toEqual(owners(new RingHashPicker(hosts), [key]))
  expect(owners(new RingHashPicker(turned, new RingHashPicker(hosts)), [key])).toEqual(owners(made, [key]))
})

it('P8: keys stay with those who stay, through the balancer', () => {
  const all = fleet(30)
  const { balancer, source } = lab(all, { strategy: 'ringHash' })
  const owner = (key: string): string => {
    using pick = balancer.pick({ key })
    return pick.instance.id
  }
  const before = KEYS.map(owner)
  source.publish([...all.slice(3)].reverse())
  const after = KEYS.map(owner)
  source.publish(all)

  const gone = new Set(['i0', 'i1', 'i2'])
  expect(after.filter((id, key) => !gone.has(before[key]!) && id !== before[key])).toEqual([])
  expect(KEYS.map(owner)).toEqual(before)
})
