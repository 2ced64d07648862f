import { describe, expect, it } from 'vitest'
import { newLease } from '../breaker-steps.model.js'
import { LINES } from './line.js'
import type { Compat } from './line.js'
import { hystrixOf } from './machine.model.js'

const COMPATS = Object.keys(LINES) as Compat[]

describe.each(COMPATS)('the machine of %s', (compat) => {
  it('is never free, for any result may matter', () => {
    const machine = hystrixOf(compat)
    const frees = [machine.isFree]
    for (const state of ['forced-closed', 'disabled', 'metrics-only'] as const) {
      machine.force(state, 'test', 0)
      frees.push(machine.isFree)
      machine.release(0)
    }

    expect(frees).toEqual([false, false, false, false])
  })

  it('counts ends of whom it did not ask anything like all others, at the time told', () => {
    const machine = hystrixOf(compat)
    machine.advance(5)
    expect(machine.freeSuccess()).toBe(true)
    machine.freeFailure(7)
    machine.advance(9)
    expect(machine.stats()).toMatchObject({ total: 0 })
    machine.judge(10)

    expect(machine.stats()).toEqual({
      successes: 1,
      failures: 1,
      slow: 0,
      total: 2,
      errorPercent: 50,
      consecutiveFailures: 1,
    })
    expect(machine.takeTransitions()).toMatchObject([{ from: 'closed', to: 'open', at: 10, openMs: 50 }])
  })

  it('takes no notice of a call that becomes slow', () => {
    const machine = hystrixOf(compat)
    const lease = newLease()
    expect(machine.admit(lease, 0)).toBe(true)
    machine.slowInFlight()

    expect([machine.state, machine.hasMoved, lease.isCountedSlow]).toEqual(['closed', false, false])
  })

  it('asks its rule at the time last told, where no other is given', () => {
    const machine = hystrixOf(compat)
    machine.freeFailure(0)
    machine.freeFailure(0)
    machine.advance(30)
    machine.judge()

    expect(machine.state).toBe('open')
    expect(machine.since).toBe(LINES[compat].opensBy === 'asking' ? 30 : 10)
  })
})
