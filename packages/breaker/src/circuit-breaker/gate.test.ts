import { GATE_ASK, GATE_FREE, GATE_SHUT } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.js'
import type { Gate } from './gate.js'
import { consecutiveFailures, slowCalls } from './trip-rules.js'

function opened(): { readonly breaker: CircuitBreaker; readonly gate: Gate; readonly clock: SimClock } {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ clock })
  breaker.openFor(1_000, 'test')
  // A breaker fills the slot of the breaker with its gate, and no other.
  return { clock, breaker, gate: breaker.stage.part as Gate }
}

describe('the gate of an open breaker', () => {
  it('refuses without a ticket, all with one error, until a trial may begin', () => {
    const { gate, clock, breaker } = opened()
    const first = gate.refuse(clock.now())
    const second = gate.refuse(clock.now() + 999)

    expect(first?.error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN' })
    expect(second).toBe(first)
    expect(breaker.snapshot().rejections).toBe(2)
    expect(gate.refuse(clock.now() + 1_000)).toBeUndefined()
    expect(breaker.snapshot().rejections).toBe(2)
  })

  it('tells each refusal, once somebody listens', () => {
    const { gate, clock, breaker } = opened()
    const told: unknown[] = []
    gate.refuse(clock.now())
    breaker.on('rejected', ({ error }) => told.push(error))
    const refusals = [gate.refuse(clock.now()), gate.refuse(clock.now())]

    expect(told).toEqual(refusals.map((refusal) => refusal?.error))
    expect(told).toHaveLength(2)
  })

  it('of a closed one refuses nobody', () => {
    const { gate, clock, breaker } = opened()
    breaker.reset()

    expect(gate.refuse(clock.now())).toBeUndefined()
  })
})

describe('a gate', () => {
  it('lets pass without a question while nothing is known, shuts while open, and asks about trials', async () => {
    const { breaker, gate, clock } = opened()
    const seen = [gate.gate]
    await clock.advance(1_000)
    using trial = breaker.tryAcquire() as Disposable
    seen.push(gate.gate)
    trial[Symbol.dispose]()
    breaker.reset()
    seen.push(gate.gate)

    expect(seen).toEqual([GATE_SHUT, GATE_ASK, GATE_FREE])
  })

  it('gives each its own error where stacks are wanted', () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock, captureStack: true })
    breaker.openFor(1_000, 'test')
    const gate = breaker.stage.part as Gate

    expect(gate.refuse(clock.now())?.error).not.toBe(gate.refuse(clock.now())?.error)
  })

  it('gives another error after an update', () => {
    const { gate, clock, breaker } = opened()
    const before = gate.refuse(clock.now())
    breaker.update({ openMs: 5 })

    expect(gate.refuse(clock.now())).not.toBe(before)
  })

  it('names as the cause the failure that was heard, not one that came too late', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1), openMs: 1_000 })
    const [first, late] = [new Error('first'), new Error('late')]
    const slow = breaker.outcome(
      () => new Promise((_, reject) => clock.io(clock.now() + 10, () => reject(late))),
    )
    await breaker.outcome(() => Promise.reject(first))
    expect((await refusalOf(breaker)).cause).toBe(first)
    await clock.advance(10)
    await slow
    breaker.update({ openMs: 999 })

    expect((await refusalOf(breaker)).cause).toBe(first)
  })

  it('tells at once when calls that are still under way have become too slow', async () => {
    const clock = new SimClock()
    const trip = slowCalls({ percent: 50, slowerThanMs: 50, volume: 2, windowMs: 1_000 })
    const breaker = new CircuitBreaker({ clock, trip })
    const told: string[] = []
    breaker.on('transition', ({ from, to }) => told.push(`${from} > ${to}`))
    for (let call = 0; call < 2; call++) breaker.tryAcquire()
    await clock.advance(51)

    expect(told).toEqual(['closed > open'])
  })

  it('forgets a call that has ended: it becomes slow no more', async () => {
    const clock = new SimClock()
    const trip = slowCalls({ percent: 50, slowerThanMs: 50, volume: 2, windowMs: 1_000 })
    const breaker = new CircuitBreaker({ clock, trip })
    for (let call = 0; call < 3; call++) await breaker.execute(() => 'ok')
    await clock.advance(500)

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 0, successes: 3 })
  })
})

async function refusalOf(breaker: CircuitBreaker): Promise<Error> {
  const outcome = await breaker.outcome(() => 'never asked')
  if (outcome.kind !== 'rejected') throw new Error(`expected a refusal, not ${outcome.kind}`)
  return outcome.error as Error
}
