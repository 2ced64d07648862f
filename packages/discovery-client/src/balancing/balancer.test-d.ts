import { describe, expectTypeOf, test } from 'vitest'
import type { Instance } from '../instance.js'
import { createBalancer } from './balancer.js'
import type { BalancerOptions } from './balancer-options.js'
import type { Ask, Candidate, Strategy } from './core/strategy.js'

const balancer = createBalancer({} as BalancerOptions)

describe('a balancer', () => {
  test('gives back what the work gives', () => {
    expectTypeOf(balancer.execute(() => 5)).resolves.toEqualTypeOf<number>()
    expectTypeOf(balancer.execute(() => Promise.resolve('x'))).resolves.toEqualTypeOf<string>()
  })

  test('gives the work an instance and a call', () => {
    void balancer.execute((instance, call) => {
      expectTypeOf(instance).toEqualTypeOf<Instance>()
      expectTypeOf(call.signal).toEqualTypeOf<AbortSignal>()
    })
  })

  test('takes the names of strategies, strategies, and nothing else', () => {
    expectTypeOf<'adaptive' | 'maglev'>().toExtend<NonNullable<BalancerOptions['strategy']>>()
    expectTypeOf<Strategy>().toExtend<NonNullable<BalancerOptions['strategy']>>()
    expectTypeOf<'best'>().not.toExtend<NonNullable<BalancerOptions['strategy']>>()
  })

  test('lets a strategy choose among what it was given, by what it is asked', () => {
    const strategy = {
      name: 'first',
      picker: (all: readonly Candidate[]) => ({ pick: (ask: Ask) => all[ask.key === undefined ? 0 : 1] }),
    }
    expectTypeOf(strategy).toExtend<Strategy>()
  })
})
