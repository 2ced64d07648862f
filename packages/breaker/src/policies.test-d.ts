import type { Outcome, Policy } from '@breakwater/kernel'
import { describe, expectTypeOf, test } from 'vitest'
import { Bulkhead } from './bulkhead/bulkhead.js'
import { countRate, errorRate, slowCalls } from './circuit-breaker/trip-rules.js'
import { Retry } from './retry/retry.js'
import { Timeout } from './timeout/timeout.js'

describe('policies', () => {
  test('add nothing to what the work answers', () => {
    expectTypeOf<Bulkhead>().toExtend<Policy>()
    expectTypeOf<Retry>().toExtend<Policy>()
    expectTypeOf<Timeout>().toExtend<Policy>()
    expectTypeOf(new Timeout({ timeoutMs: 5 }).execute(async () => 5)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(new Bulkhead().outcome(() => 'x')).toEqualTypeOf<Promise<Outcome<string>>>()
    expectTypeOf(new Retry().wrap((id: string) => id.length)).toEqualTypeOf<(id: string) => Promise<number>>()
  })

  test('tell their events by name', () => {
    expectTypeOf(
      new Bulkhead().on('queued', ({ size }) => expectTypeOf(size).toEqualTypeOf<number>()),
    ).toEqualTypeOf<() => void>()
    new Retry().on('exhausted', ({ reason }) =>
      expectTypeOf(reason).toEqualTypeOf<'attempts' | 'budget' | 'time'>(),
    )
    // @ts-expect-error there is no such event
    new Timeout({ timeoutMs: 5 }).on('success', () => undefined)
  })

  test('need the options without which they mean nothing', () => {
    // @ts-expect-error a timeout needs a time
    expectTypeOf(Timeout).toBeConstructibleWith({})
    // @ts-expect-error a misspelt option
    expectTypeOf(Bulkhead).toBeConstructibleWith({ limt: 5 })
  })
  test('take undefined for the default, in rules too', () => {
    const unset = undefined as number | undefined
    errorRate({ percent: unset, volume: unset, windowMs: unset, buckets: unset })
    countRate({ percent: unset, size: unset, volume: unset })
    slowCalls({ slowerThanMs: 5, percent: unset, volume: unset, windowMs: unset, buckets: unset })
  })
})
