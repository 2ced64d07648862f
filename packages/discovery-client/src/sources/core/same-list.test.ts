import { expect, test } from 'vitest'
import { instanceOf } from './read-instances.js'
import type { InstanceEntry } from './read-instances.js'
import { areSameLists, isSameList } from './same-list.js'

const ENTRY: InstanceEntry = { id: 'i', host: 'a', port: 1, zone: 'z', metadata: { v: '1' } }
const [one, same] = [instanceOf(ENTRY), instanceOf(ENTRY)]

test.each<Partial<InstanceEntry>>([
  { id: 'j' },
  { host: 'b' },
  { port: 2 },
  { secure: true },
  { zone: 'y' },
  { status: 'DOWN' },
  { weight: 2 },
  { metadata: { v: '2' } },
  { metadata: { v: '1', w: '1' } },
])('an instance that differs in %j is another one', (difference) => {
  expect(isSameList([one], [same])).toBe(true)
  expect(isSameList([one], [instanceOf({ ...ENTRY, ...difference })])).toBe(false)
})

test('lists in another order, or of another length, are others', () => {
  const other = instanceOf({ ...ENTRY, id: 'j' })

  expect(isSameList([one, other], [other, one])).toBe(false)
  expect(isSameList([one], [one, other])).toBe(false)
})

test('lists of services are the same under the same names, in whatever order', () => {
  const lists = new Map([
    ['a', [one]],
    ['b', []],
  ])

  expect(areSameLists(lists, new Map([...lists].toReversed()))).toBe(true)
  expect(areSameLists(lists, new Map([...lists, ['c', []]]))).toBe(false)
  expect(areSameLists(lists, new Map([['a', [one]]]))).toBe(false)
  expect(areSameLists(lists, new Map([['a', [one]]]).set('c', []))).toBe(false)
  expect(areSameLists(lists, new Map([['a', [one]]]).set('b', [one]))).toBe(false)
})
