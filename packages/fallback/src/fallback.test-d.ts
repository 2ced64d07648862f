import type { Call, FallbackCause, Policy } from '@breakwater/kernel'
import { describe, expectTypeOf, test } from 'vitest'
import { Fallback } from './fallback.js'
import type { FallbackAnswer } from './fallback.js'

describe('Fallback', () => {
  test('widens answers by what its handlers may answer, without their promises', () => {
    const fallback = new Fallback({ chain: [(): null => null, async (): Promise<'stale'> => 'stale'] })

    expectTypeOf(fallback.execute(() => 5)).toEqualTypeOf<Promise<number | null | 'stale'>>()
    expectTypeOf(fallback.wrap((id: string) => id)).toEqualTypeOf<(id: string) => Promise<string | null>>()
    expectTypeOf(fallback).toExtend<Policy<null | 'stale'>>()
  })

  test('widens by nothing when no handler answers', () => {
    const failing = new Fallback({
      chain: [
        (): never => {
          throw new Error('no')
        },
      ],
    })

    expectTypeOf(failing.execute(() => 5)).toEqualTypeOf<Promise<number>>()
  })

  test('answers anything when nothing is known of its handlers', () => {
    expectTypeOf<Fallback>().toExtend<Policy<unknown>>()
    expectTypeOf<FallbackAnswer<readonly []>>().toEqualTypeOf<never>()
  })

  test('gives its handlers the cause and the call', () => {
    new Fallback({
      chain: [
        (cause, call) => {
          expectTypeOf(cause).toEqualTypeOf<FallbackCause>()
          expectTypeOf(cause.kind).toEqualTypeOf<
            'failure' | 'timeout' | 'rejected' | 'cancelled' | 'ignored'
          >()
          expectTypeOf(call).toEqualTypeOf<Call>()
        },
      ],
    })
    const named = new Fallback({ chain: [(_cause, _call, id: string) => id.length] })
    expectTypeOf(named.wrap(async (id: string) => id)).toEqualTypeOf<
      (id: string) => Promise<string | number>
    >()
    // @ts-expect-error there is no fallback without a chain
    expectTypeOf(Fallback).toBeConstructibleWith({})
    // @ts-expect-error a value is no handler
    expectTypeOf(Fallback).toBeConstructibleWith({ chain: ['cached'] })
  })
})
