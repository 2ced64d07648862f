import { CircuitBreaker, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { describe, expectTypeOf, test } from 'vitest'
import type { Call, CallOptions, Work } from './call.js'
import { guard } from './guard.js'
import type { Guard } from './guard.js'
import type { Outcome } from './outcome.js'
import { pipeline } from './pipeline/pipeline.js'
import type { Pipeline, Policy, WidenedBy } from './policy.js'

interface User {
  readonly name: string
}
declare const policy: Policy
declare const findUser: (call: Call) => Promise<User | undefined>

describe('execute', () => {
  test('answers what the work answers, without its promise', () => {
    expectTypeOf(policy.execute(() => 5)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(policy.execute(async () => 'text')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(policy.execute(findUser)).toEqualTypeOf<Promise<User | undefined>>()
    expectTypeOf(policy.execute((): PromiseLike<User> => Promise.resolve({ name: 'Ada' }))).toEqualTypeOf<
      Promise<User>
    >()
    expectTypeOf(policy.execute(() => undefined)).toEqualTypeOf<Promise<undefined>>()
    expectTypeOf(policy.execute(() => Promise.reject(new Error('never answers')))).toEqualTypeOf<
      Promise<never>
    >()
  })

  test('gives the work its call, and takes options', () => {
    void policy.execute((call) => {
      expectTypeOf(call).toEqualTypeOf<Call>()
      expectTypeOf(call.signal).toEqualTypeOf<AbortSignal>()
      expectTypeOf(call.attempt).toEqualTypeOf<number>()
    })
    expectTypeOf<Parameters<typeof policy.execute<number>>>().toEqualTypeOf<
      [work: Work<number>, options?: CallOptions | undefined]
    >()
    void policy.execute(() => 1, { signal: new AbortController().signal, budgetMs: 50 })
    // @ts-expect-error there is no such option
    void policy.execute(() => 1, { timeoutMs: 50 })
    // @ts-expect-error what is no function cannot run
    void policy.execute(Promise.resolve(1))
  })
})

describe('outcome', () => {
  test('has the value of a success, or an error that may be anything', async () => {
    const outcome = await policy.outcome(findUser)

    expectTypeOf(outcome).toEqualTypeOf<Outcome<User | undefined>>()
    if (outcome.kind === 'success') expectTypeOf(outcome.value).toEqualTypeOf<User | undefined>()
    else expectTypeOf(outcome.error).toEqualTypeOf<unknown>()
  })
})

describe('wrap', () => {
  test('keeps the parameters, and the result without its promise', () => {
    expectTypeOf(policy.wrap((id: string, deep?: boolean) => [id, deep])).toEqualTypeOf<
      (id: string, deep?: boolean) => Promise<(string | boolean | undefined)[]>
    >()
    expectTypeOf(policy.wrap(async (...ids: number[]) => ids.length)).toEqualTypeOf<
      (...ids: number[]) => Promise<number>
    >()
    expectTypeOf(policy.wrap(findUser)).toEqualTypeOf<(call: Call) => Promise<User | undefined>>()
    expectTypeOf(policy.wrap(() => undefined)).toEqualTypeOf<() => Promise<undefined>>()
  })
})

describe('pipeline', () => {
  const cached = new Fallback({ chain: [(): 'cached' => 'cached'] })
  const empty = new Fallback({ chain: [(): null => null, async (): Promise<0> => 0] })

  test('widens by what its fallbacks may answer, and by nothing else', () => {
    expectTypeOf(pipeline()).toEqualTypeOf<Pipeline>()
    expectTypeOf(pipeline(new Retry(), new Timeout({ timeoutMs: 5 }))).toEqualTypeOf<Pipeline>()
    expectTypeOf(pipeline(cached, new CircuitBreaker())).toEqualTypeOf<Pipeline<'cached'>>()
    expectTypeOf(pipeline(empty, cached, new CircuitBreaker())).toEqualTypeOf<Pipeline<'cached' | null | 0>>()
    expectTypeOf(pipeline(pipeline(cached), new Retry())).toEqualTypeOf<Pipeline<'cached'>>()
    expectTypeOf(pipeline(guard({ enter: () => undefined, exit: () => undefined }))).toEqualTypeOf<Pipeline>()
  })

  test('shows it in every answer', async () => {
    const stack = pipeline(cached, new Timeout({ timeoutMs: 5 }))

    expectTypeOf(stack.execute(() => 5)).toEqualTypeOf<Promise<number | 'cached'>>()
    expectTypeOf(await stack.outcome(findUser)).toEqualTypeOf<Outcome<User | undefined | 'cached'>>()
    expectTypeOf(stack.wrap((id: string) => id.length)).toEqualTypeOf<
      (id: string) => Promise<number | 'cached'>
    >()
  })

  test('takes policies only', () => {
    // @ts-expect-error a function is no policy
    pipeline(() => 1)
    // @ts-expect-error the rule of a guard is no policy before guard() made it one
    pipeline({ enter: () => undefined, exit: () => undefined } satisfies Guard)
  })
})

describe('Policy', () => {
  test('one that adds nothing serves where any is asked for, not the other way round', () => {
    expectTypeOf<Policy>().toExtend<Policy<unknown>>()
    expectTypeOf<Policy<'cached'>>().toExtend<Policy<unknown>>()
    expectTypeOf<Policy>().toExtend<Policy<'cached'>>()
    expectTypeOf<Policy<unknown>>().not.toExtend<Policy>()
    expectTypeOf<Policy<'cached'>>().not.toExtend<Policy>()
    expectTypeOf<Timeout>().toExtend<Policy>()
    expectTypeOf<Fallback<[() => 'cached']>>().not.toExtend<Policy>()
  })

  test('says by what it widens', () => {
    expectTypeOf<WidenedBy<Policy>>().toEqualTypeOf<never>()
    expectTypeOf<WidenedBy<Policy<'cached'>>>().toEqualTypeOf<'cached'>()
    expectTypeOf<WidenedBy<Policy | Policy<'cached'>>>().toEqualTypeOf<'cached'>()
    expectTypeOf<WidenedBy<never>>().toEqualTypeOf<never>()
    expectTypeOf<WidenedBy<{ execute: () => void }>>().toEqualTypeOf<never>()
  })
})
