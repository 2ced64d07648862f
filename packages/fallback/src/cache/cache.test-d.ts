import { pipeline } from '@breakwater/kernel'
import type { Call, Policy } from '@breakwater/kernel'
import { describe, expectTypeOf, test } from 'vitest'
import { RequestCache } from './request-cache.js'
import { StaleCache } from './stale-cache.js'

const find = async (id: string): Promise<{ id: string }> => ({ id })

describe('caches', () => {
  test('answer what the work answers', () => {
    const cache = new RequestCache()

    expectTypeOf(cache.load('k', () => 5)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(cache.load('k', async () => 'later')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(cache.wrap(find)).toEqualTypeOf<(id: string) => Promise<{ id: string }>>()
    expectTypeOf(pipeline(new StaleCache(), cache).wrap(find)).toEqualTypeOf<typeof find>()
    expectTypeOf(cache).toExtend<Policy>()
  })

  test('make keys of the call and of arguments', () => {
    new RequestCache({
      key: (call, id: string) => {
        expectTypeOf(call).toEqualTypeOf<Call>()
        return [id, 1, undefined]
      },
    })
    // @ts-expect-error a list of lists cannot be compared
    new StaleCache({ key: () => [['a']] })
    // @ts-expect-error a promise is no key
    new StaleCache({ key: async () => 'k' })
  })

  test('know their events', () => {
    new StaleCache().on('stale', ({ ageMs }) => expectTypeOf(ageMs).toEqualTypeOf<number>())
    // @ts-expect-error there is none of that name
    new RequestCache().on('mis', () => undefined)
  })
})
