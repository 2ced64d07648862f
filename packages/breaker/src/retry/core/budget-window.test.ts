import { describe, expect, it } from 'vitest'
import { TimeWindow } from '../../circuit-breaker/core/time-window.js'
import { BUDGET_BUCKETS, BudgetWindow } from './budget-window.js'

function retriesAt(budget: BudgetWindow, now: number): number {
  let retries = 0
  while (retries < 1_000 && budget.tryRetry(now)) retries++
  return retries
}

describe('BudgetWindow', () => {
  it('allows the floor without any call', () => {
    const budget = new BudgetWindow(20, 3, 10_000)

    expect(retriesAt(budget, 0)).toBe(30)
  })

  it('allows a share of the calls above the floor', () => {
    const budget = new BudgetWindow(20, 3, 10_000)
    for (let call = 0; call < 100; call++) budget.call(5_000)

    expect(retriesAt(budget, 5_000)).toBe(50)
    expect([budget.calls, budget.retries]).toEqual([100, 50])
  })

  it('says no to every retry when both terms are 0', () => {
    const budget = new BudgetWindow(0, 0, 10_000)
    for (let call = 0; call < 100; call++) budget.call(0)

    expect(budget.tryRetry(0)).toBe(false)
    expect(budget.retries).toBe(0)
  })

  it('compares exactly where a rate would be rounded', () => {
    const budget = new BudgetWindow(7, 0, 10_000)
    for (let call = 0; call < 100; call++) budget.call(0)

    expect(retriesAt(budget, 0)).toBe(7)
  })

  it('compares exactly where a product is rounded', () => {
    const budget = new BudgetWindow(16.1, 0, 10_000)
    for (let call = 0; call < 1_000; call++) budget.call(0)

    expect(retriesAt(budget, 0)).toBe(161)
  })

  it('can be asked without spending', () => {
    const budget = new BudgetWindow(10, 0, 10_000)
    for (let call = 0; call < 10; call++) budget.call(0)

    expect([budget.allows(0), budget.allows(0)]).toEqual([true, true])
    expect(retriesAt(budget, 0)).toBe(1)
    expect(budget.allows(0)).toBe(false)
  })

  it('earns again when the calls and retries of the past leave the window', () => {
    const budget = new BudgetWindow(20, 0, 10_000)
    for (let call = 0; call < 10; call++) budget.call(500)
    expect(retriesAt(budget, 9_999)).toBe(2)

    expect(retriesAt(budget, 10_000)).toBe(0)
    expect([budget.calls, budget.retries]).toEqual([0, 2])

    for (let call = 0; call < 10; call++) budget.call(19_000)
    expect(retriesAt(budget, 19_000)).toBe(2)
  })

  it('earns again also where the clock has yet to come to its zero', () => {
    const budget = new BudgetWindow(0, 1, 10_000)
    expect(retriesAt(budget, -100_000)).toBe(10)

    expect(retriesAt(budget, -80_000)).toBe(10)
  })

  it('never spends a retry that it does not count, when the time it is told goes back', () => {
    const budget = new BudgetWindow(0, 1, 10_000)
    budget.call(100_000)

    expect(retriesAt(budget, 1_000)).toBe(10)
  })

  it('cuts its window into at least ten buckets', () => {
    expect(BUDGET_BUCKETS).toBeGreaterThanOrEqual(10)
    expect(TimeWindow.problem(10_000, BUDGET_BUCKETS)).toBeUndefined()
  })
})
