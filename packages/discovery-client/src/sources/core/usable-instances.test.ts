import { describe, expect, test } from 'vitest'
import { instanceOf } from './read-instances.js'
import { usableInstances } from './usable-instances.js'

const good = (id: string): object => ({ ...instanceOf({ id, host: '10.0.0.1', port: 80 }) })
const withGetter = (field: string): object =>
  Object.defineProperty(good('x'), field, {
    get: () => {
      throw new Error('oops')
    },
  })

const BAD: [string, unknown, string][] = [
  ['null', null, 'must be an object'],
  ['undefined', undefined, 'must be an object'],
  ['a text', 'http://10.0.0.1:80', 'must be an object'],
  ['a function', () => good('x'), 'must be an object'],
  ['an object with nothing', {}, 'id must be a text'],
  ['an empty id', { ...good('x'), id: '' }, 'id must be a text'],
  ['an id that is a number', { ...good('x'), id: 5 }, 'id must be a text'],
  ['no host', { ...good('x'), host: undefined }, 'host must be a text'],
  ['an empty host', { ...good('x'), host: '' }, 'host must be a text'],
  ['port 0', { ...good('x'), port: 0 }, 'port must be a whole number from 1 to 65535'],
  ['port 65536', { ...good('x'), port: 65_536 }, 'port must be a whole number from 1 to 65535'],
  ['a part of a port', { ...good('x'), port: 80.5 }, 'port must be a whole number from 1 to 65535'],
  ['a port that is a text', { ...good('x'), port: '80' }, 'port must be a whole number from 1 to 65535'],
  ['secure by a text', { ...good('x'), secure: 'no' }, 'secure must be true or false'],
  ['a zone that is a number', { ...good('x'), zone: 1 }, 'zone must be a text'],
  ['metadata by a text', { ...good('x'), metadata: 'a=b' }, 'metadata must be an object'],
  ['no status', { ...good('x'), status: undefined }, 'status must be a text'],
  ...['id', 'host', 'port', 'secure', 'zone', 'status', 'metadata', 'weight'].map(
    (field): [string, unknown, string] => [`${field} that throws`, withGetter(field), 'cannot be read'],
  ),
]

describe('the usable entries of a list', () => {
  test('are the list itself when all are', () => {
    const list = [
      good('a'),
      { ...good('b'), secure: undefined, zone: undefined, metadata: {} },
      { ...good('c'), zone: null, status: 'odd', weight: NaN },
      { ...good('d'), port: 1, zone: '' },
      { ...good('e'), port: 65_535 },
    ]

    const read = usableInstances(list)

    expect(read.instances).toBe(list)
    expect(read).toMatchObject({ refused: 0, first: undefined })
  })

  test.each(BAD)('are the others beside %s', (_name, bad, problem) => {
    const list = [good('a'), bad, good('b'), null]

    const read = usableInstances(list)

    expect(read.instances).toEqual([list[0], list[2]])
    expect(read.instances[1]).toBe(list[2])
    expect(read.refused).toBe(2)
    expect(read.first).toMatchObject({ index: 1, problem })
  })

  test.each([undefined, null])('have metadata, though the source says %s', (metadata) => {
    const list = [good('a'), { ...good('b'), zone: 'z', weight: 3, metadata }]

    const { instances, refused } = usableInstances(list)

    expect(instances).toEqual([list[0], { ...good('b'), zone: 'z', weight: 3, metadata: {} }])
    expect(instances[0]).toBe(list[0])
    expect(Object.isFrozen(instances[1])).toBe(true)
    expect(refused).toBe(0)
  })

  test('are told with what an entry threw', () => {
    const { first } = usableInstances([withGetter('status')])

    expect(first?.cause).toEqual(new Error('oops'))
  })

  test('do not include holes', () => {
    const holed = Object.assign(new Array<unknown>(3), { 0: good('a'), 2: good('b') })

    expect(usableInstances(holed)).toMatchObject({ refused: 1, first: { index: 1 } })
  })
})
