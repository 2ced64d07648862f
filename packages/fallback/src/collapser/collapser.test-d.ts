import type { Call } from '@breakwater/kernel'
import { describe, expectTypeOf, test } from 'vitest'
import { createCollapser } from './collapser.js'
import type { Collapser } from './collapser.js'

interface User {
  readonly id: number
}

describe('createCollapser', () => {
  test('takes its requests and answers from the batch', () => {
    const listed = createCollapser({ batch: async (ids: readonly number[]) => ids.map(String) })
    expectTypeOf(listed).toEqualTypeOf<Collapser<number, string>>()
    expectTypeOf(listed.load(1)).toEqualTypeOf<Promise<string>>()

    const mapped = createCollapser({
      batch: (ids: readonly number[]) => new Map(ids.map((id): [number, User] => [id, { id }])),
    })
    expectTypeOf(mapped).toEqualTypeOf<Collapser<number, User>>()
  })

  test('knows that errors are no answers', () => {
    const users = createCollapser({
      batch: async (ids: readonly number[]) =>
        ids.map((id): User | Error => (id > 0 ? { id } : new Error('no such user'))),
    })

    expectTypeOf(users.load(1)).toEqualTypeOf<Promise<User>>()
  })

  test('takes them from the key, too', () => {
    createCollapser({
      key: ({ id }: User) => id,
      batch: (users, call) => {
        expectTypeOf(users).toEqualTypeOf<readonly User[]>()
        expectTypeOf(call).toEqualTypeOf<Call>()
        return users
      },
    })
  })

  test('refuses what cannot be', () => {
    const users = createCollapser({ batch: async (ids: readonly number[]) => ids.map(String) })
    // @ts-expect-error another kind of request
    void users.load('1')
    // @ts-expect-error answers of nobody
    createCollapser({ batch: () => 5 })
  })
})
