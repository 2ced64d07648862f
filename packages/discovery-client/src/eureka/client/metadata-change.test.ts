import { expect, test } from 'vitest'
import { testClient, USERS } from './client.model.js'

const SERVER = { serviceUrls: ['http://127.0.0.1:1/'] }
const refused = (path: string): object =>
  expect.objectContaining({ code: 'ERR_INVALID_OPTIONS', issues: [expect.objectContaining({ path })] })
const many = (count: number, prefix: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${String(index)}`, 'x']))

test.each([
  ['a class for Java', { '@class': 'x' }],
  ['no key', { '': 'x' }],
  ['a key of two lines', { 'a\nb': 'x' }],
  ['a key that is too long', { ['k'.repeat(1_025)]: 'x' }],
  ['a text that is too long', { key: 'x'.repeat(1_025) }],
  ['half a character', { key: '\ud800' }],
  ['a number', { key: 5 as unknown as string }],
])('what no instance could start with is no change either: %s', (_what, change) => {
  const { client } = testClient({ ...SERVER, instance: USERS })

  expect(() => testClient({ ...SERVER, instance: { ...USERS, metadata: change } })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }),
  )
  expect(() => client.updateMetadata(change)).toThrow(refused(Object.keys(change)[0]!))
  expect(client.self?.metadata).toEqual({})
})

test.each([5, 'ab', ['a'], new Map([['a', 'b']]), new Proxy({}, { ownKeys: () => ['a', 'a'] })])(
  'what is no change as a whole is refused as a whole (%#)',
  (change) => {
    const { client } = testClient({ ...SERVER, instance: USERS })

    expect(() => client.updateMetadata(change as never)).toThrow(refused(''))
  },
)

test('change by change no more metadata comes together than an instance may have', () => {
  const { client } = testClient({ ...SERVER, instance: { ...USERS, metadata: many(40, 'a') } })
  client.updateMetadata(many(24, 'b'))

  expect(() => client.updateMetadata({ c: 'x' })).toThrow(refused(''))
  client.updateMetadata({ c: 'x', a0: undefined, a1: 'y', unknown: undefined })

  expect(Object.keys(client.self!.metadata)).toHaveLength(64)
  expect(client.self!.metadata).toMatchObject({ a1: 'y', b23: 'x', c: 'x' })
})

test('a text as long as those that an instance may start with is taken', () => {
  const { client } = testClient({ ...SERVER, instance: USERS })

  client.updateMetadata({ ['k'.repeat(1_024)]: 'x'.repeat(1_024) })

  expect(Object.values(client.self!.metadata)).toEqual(['x'.repeat(1_024)])
})
