import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { readInstanceLists } from './read-instances.js'

const EXPECTED = 'http://host:port, https://host:port, or { host, port, … }'

/** What is wrong with the lists, as `path: expected`. */
function faults(lists: unknown): string[] {
  try {
    readInstanceLists('StaticSource', lists)
    return []
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    return error.issues.map(({ path, expected }) => `${path}: ${expected}`)
  }
}

describe('lists of instances', () => {
  test('that are not given name no service', () => {
    expect(readInstanceLists('StaticSource', undefined)).toEqual(new Map())
  })

  test('may be as long as a hundred thousand', () => {
    const users = Array.from({ length: 100_001 }, (_, index) => ({ host: 'a', port: 1, id: String(index) }))

    expect(readInstanceLists('StaticSource', { users: users.slice(1, 20_000) }).get('users')).toHaveLength(
      19_999,
    )
    expect(faults({ users })).toEqual(['users: an array of 0 to 100000 entries'])
  })

  test.each([5, null, 'a', ['http://a:1'], 'http://a..b:1', 'http://a:1/path'])(
    'say what an entry must be that is %j',
    (entry) => {
      expect(faults({ users: [entry] })).toEqual([`users[0]: ${EXPECTED}`])
    },
  )

  test('say what is missing in an entry, and what its texts must be', () => {
    expect(faults({ users: [{}, { host: 'a', port: 1, id: '', zone: '' }] })).toEqual([
      'users[0].host: a host name or an IP address',
      'users[0].port: a whole number from 1 to 65535',
      'users[1].id: a string of 1 to 1000 characters',
      'users[1].zone: a string of 1 to 1000 characters',
    ])
  })

  test('show the host that is none', () => {
    const make = (): unknown => readInstanceLists('StaticSource', { users: [{ host: 'a@b', port: 1 }] })

    expect(make).toThrow(/users\[0\]\.host: expected a host name or an IP address, received "a@b"/)
  })

  test('say which id occurs twice', () => {
    expect(faults({ users: ['http://a:1', { host: 'a', port: 1 }] })).toEqual([
      'users[1]: an id that does not occur twice, not a:1',
    ])
  })

  test('do not compare ids of entries that are wrong otherwise', () => {
    const wrong = { host: 'a', port: 1, weight: -1 }

    expect(faults({ users: [wrong, wrong] })).toEqual([
      'users[0].weight: a number from 0 to 1000000',
      'users[1].weight: a number from 0 to 1000000',
    ])
  })

  test.each(['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'])('may say %s', (status) => {
    const [instance] =
      readInstanceLists('StaticSource', { users: [{ host: 'a', port: 1, status }] }).get('users') ?? []

    expect(instance?.status).toBe(status)
    expect(instance).not.toHaveProperty('zone')
  })
})
