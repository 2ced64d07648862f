import type { CircuitOpenError, Outcome, OutcomeKind } from '@breakwater/kernel'
import { describe, expectTypeOf, it } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.js'
import type { HystrixHealth } from './core/health.js'
import type { BreakerStats } from './core/trip-rule.js'
import type { Permit } from './permit.js'
import { consecutiveFailures, errorRate } from './trip-rules.js'

const breaker = new CircuitBreaker()

describe('the types of CircuitBreaker', () => {
  it('carry what the work answers, awaited', () => {
    expectTypeOf(breaker.execute(() => 5)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(breaker.execute(() => Promise.resolve('x'))).toEqualTypeOf<Promise<string>>()
    expectTypeOf(breaker.outcome(() => Promise.resolve('x'))).toEqualTypeOf<Promise<Outcome<string>>>()
    expectTypeOf(breaker.executeSync(() => 5)).toEqualTypeOf<number>()
  })

  it('keep the parameters of a wrapped function', () => {
    const get = breaker.wrap((id: number, deep?: boolean) => Promise.resolve({ id, deep }))

    expectTypeOf(get).parameters.toEqualTypeOf<[id: number, deep?: boolean | undefined]>()
    expectTypeOf(get).returns.toEqualTypeOf<Promise<{ id: number; deep: boolean | undefined }>>()
  })

  it('tell a permit from a refusal', () => {
    expectTypeOf(breaker.tryAcquire()).toEqualTypeOf<Permit | CircuitOpenError>()
    expectTypeOf<Permit['settle']>().parameters.toEqualTypeOf<
      [kind: OutcomeKind, durationMs?: number | undefined]
    >()
    expectTypeOf<Permit>().toExtend<Disposable>()
  })

  it('know what each event carries', () => {
    breaker.on('transition', ({ from, to, reason, counts, at }) => {
      expectTypeOf(from).toEqualTypeOf(breaker.state)
      expectTypeOf(to).toEqualTypeOf(breaker.state)
      expectTypeOf(reason).toBeString()
      expectTypeOf(counts).toEqualTypeOf<BreakerStats>()
      expectTypeOf(at).toExtend<number>()
    })
    breaker.on('rejected', ({ error }) => expectTypeOf(error).toEqualTypeOf<CircuitOpenError>())
    breaker.on('late', ({ kind }) => expectTypeOf(kind).toEqualTypeOf<OutcomeKind>())
    // @ts-expect-error: there is no such event
    breaker.on('open', () => undefined)
  })

  it('name the versions of Hystrix, whose health is told where there is any', () => {
    expectTypeOf(CircuitBreaker).toBeConstructibleWith({ compat: 'hystrix-1.5.18', trip: errorRate() })
    expectTypeOf(CircuitBreaker).toBeConstructibleWith({ compat: undefined })
    expectTypeOf(breaker.snapshot().health).toEqualTypeOf<HystrixHealth | undefined>()
    expectTypeOf(breaker.begin()).toEqualTypeOf<Permit>()
    expectTypeOf<Permit['refusal']>().toEqualTypeOf<CircuitOpenError | undefined>()
    expectTypeOf<Permit['workEnded']>().parameters.toEqualTypeOf<
      [kind: OutcomeKind, durationMs?: number | undefined]
    >()
    // @ts-expect-error: there is no line of that version
    new CircuitBreaker({ compat: 'hystrix-1.5.12' })
    // @ts-expect-error: it cannot be changed
    breaker.update({ compat: 'hystrix-1.5.18' })
  })

  it('take one rule or a list, and refuse what is none', () => {
    expectTypeOf(CircuitBreaker).toBeConstructibleWith({ trip: errorRate() })
    expectTypeOf(CircuitBreaker).toBeConstructibleWith({ trip: [errorRate(), consecutiveFailures(5)] })
    // @ts-expect-error: a rule is made by its function
    new CircuitBreaker({ trip: 'error-rate' })
    // @ts-expect-error: the name cannot be changed
    breaker.update({ name: 'other' })
  })
})
