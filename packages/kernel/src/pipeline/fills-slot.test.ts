import { Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import { expect, it } from 'vitest'
import { fillsSlot } from './fills-slot.js'
import { pipeline } from './pipeline.js'

it('knows a policy by the slot that it fills', () => {
  const policies = [new CircuitBreaker(), new Bulkhead()]

  expect(policies.map((policy) => fillsSlot(policy, 'breaker'))).toEqual([true, false])
  expect(policies.map((policy) => fillsSlot(policy, 'limit'))).toEqual([false, true])
})

it('knows nothing else, whatever it looks like, and never throws', () => {
  const unreadable = new (class {
    get stage(): never {
      throw new Error('not to be read')
    }
  })()
  const options = { stage: { slot: 'breaker' } }
  const unstaged = new (class {
    stage = null
  })()
  const values = [undefined, null, false, 'breaker', {}, options, unreadable, unstaged, new Map()]

  expect(values.filter((value) => fillsSlot(value, 'breaker'))).toEqual([])
  expect(fillsSlot(pipeline(new CircuitBreaker()), 'breaker')).toBe(false)
})
