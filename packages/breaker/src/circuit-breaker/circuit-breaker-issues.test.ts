/**
 * What users of Hystrix asked for, played on all three lines: ours mends it, the other two do as Hystrix did. The order
 * is that of the complaints: stuck open (Netflix/Hystrix#1853, #1861, #1781, #1723, #1633, #1350), one probe and then a
 * stampede (#1647, #1739), bad requests and errors that nobody can classify (#674, #2005, #993, #1699, #1809).
 */
import type { OutcomeKind } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { acquire, admits, edges, end, times, transitionsOf } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import type { Compat } from './core/line.js'
import { Permit } from './permit.js'
import { errorRate } from './trip-rules.js'

const OURS = undefined
const CLASSIC = 'hystrix-1.5.18'
const TRI_STATE = 'hystrix-1.5.13'
const LINES = [OURS, CLASSIC, TRI_STATE] as const

/** Open since a moment ago, for 500 ms. */
function openBreaker(
  compat: Compat | undefined,
  options: CircuitBreakerOptions = {},
): { clock: SimClock; breaker: CircuitBreaker } {
  const clock = new SimClock()
  const probes = compat === undefined ? { probes: { limit: 1 } } : {}
  const trip = errorRate({ percent: 50, volume: 4, windowMs: 3_000, buckets: 30 })
  const breaker = new CircuitBreaker({ compat, trip, openMs: 500, clock, ...probes, ...options })
  end(breaker, 'failure', 'failure', 'failure', 'failure')
  clock.stall(100)
  expect(breaker.state).toBe('open')
  return { clock, breaker }
}

describe('#1853 #1861 #1781 a dependency that is well again, under steady traffic', () => {
  it.each([
    [OURS, 'closed'],
    [CLASSIC, 'closed'],
    [TRI_STATE, 'open'],
  ] as const)('%s: is %s ten seconds later', (compat, state) => {
    const { clock, breaker } = openBreaker(compat)
    let running: { readonly permit: Permit; readonly endsAt: number }[] = []

    for (let ms = 0; ms < 10_000; ms += 20) {
      clock.stall(20)
      for (const { permit } of running.filter(({ endsAt }) => endsAt <= clock.now())) permit.settle('success')
      running = running.filter(({ endsAt }) => endsAt > clock.now())
      const permit = breaker.tryAcquire()
      if (permit instanceof Permit) running.push({ permit, endsAt: clock.now() + 50 })
    }

    expect(breaker.state).toBe(state)
  })
})

describe('#1723 #1633 a trial that never ends', () => {
  it.each(LINES)('%s: does not keep all others out for ever', (compat) => {
    const { clock, breaker } = openBreaker(compat)
    clock.stall(501)
    acquire(breaker)
    let admitted = 0
    for (let ms = 0; ms < 11_000; ms += 100) {
      clock.stall(100)
      if (admits(breaker)) admitted++
    }

    expect(admitted).toBeGreaterThan(0)
  })
})

describe('#1350 a result of a call from before the opening', () => {
  it.each<[Compat | undefined, OutcomeKind, string]>([
    [OURS, 'success', 'half-open'],
    [OURS, 'failure', 'half-open'],
    [CLASSIC, 'success', 'closed'],
    [CLASSIC, 'failure', 'open'],
    [TRI_STATE, 'success', 'closed'],
    [TRI_STATE, 'failure', 'open'],
  ])('%s: with a %s while the trial runs leaves it %s', (compat, kind, state) => {
    const clock = new SimClock()
    const { breaker, early } = withEarlyCall(compat, clock)
    clock.stall(501)
    acquire(breaker)

    early.settle(kind)

    expect(breaker.state).toBe(state)
  })
})

describe('#1647 #1739 after the first good trial', () => {
  it('Hystrix lets everybody in at once, and ours can have more trials and a ramp', () => {
    const options = { probes: { limit: 3 }, ramp: { durationMs: 10_000 }, random: { next: () => 0.5 } }
    const ours = openBreaker(OURS, options)
    const theirs = [CLASSIC, TRI_STATE].map((compat) => openBreaker(compat as Compat))
    for (const { clock, breaker } of theirs) {
      clock.stall(501)
      end(breaker, 'success')
      expect(times(100, 0).filter(() => admits(breaker))).toHaveLength(100)
    }

    ours.clock.stall(500)
    const transitions = transitionsOf(ours.breaker)
    end(ours.breaker, 'success', 'success')
    expect(ours.breaker.state).toBe('half-open')
    end(ours.breaker, 'success')
    expect(edges(transitions)).toEqual(['open > half-open', 'half-open > closed'])
    expect(times(100, 0).filter(() => admits(ours.breaker)).length).toBeLessThan(10)
  })
})

describe('#674 #2005 a bad request as the trial', () => {
  it.each([
    [OURS, true],
    [CLASSIC, false],
    [TRI_STATE, false],
  ] as const)('%s: lets the next call be the trial: %s', (compat, isNext) => {
    const { clock, breaker } = openBreaker(compat)
    clock.stall(501)
    end(breaker, 'ignored')
    clock.stall(1)

    expect(admits(breaker)).toBe(isNext)
    clock.stall(501)
    expect(admits(breaker)).toBe(!isNext)
  })
})

describe('#993 #1699 #1809 which results are failures', () => {
  it.each(LINES)('%s: is for the user to say', async (compat) => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({
      compat,
      trip: errorRate({ percent: 50, volume: 2, windowMs: 1_000, buckets: 10 }),
      classify: (outcome) =>
        outcome.kind === 'success' ? (outcome.value === 503 ? 'failure' : 'success') : 'ignored',
      clock,
    })
    const missing = (): Promise<never> => Promise.reject(new Error('not found'))
    for (const work of [missing, missing, () => 200]) await breaker.outcome(work)
    clock.stall(100)
    expect(breaker.state).toBe('closed')

    for (const work of [() => 503, () => 503]) await breaker.outcome(work)
    clock.stall(100)
    expect(breaker.state).toBe('open')
  })
})

/** Open, with a call that came before. */
function withEarlyCall(
  compat: Compat | undefined,
  clock: SimClock,
): { readonly breaker: CircuitBreaker; readonly early: Permit } {
  const probes = compat === undefined ? { probes: { limit: 1 } } : {}
  const trip = errorRate({ percent: 50, volume: 4, windowMs: 3_000, buckets: 30 })
  const breaker = new CircuitBreaker({ compat, trip, openMs: 500, clock, ...probes })
  const early = acquire(breaker)
  end(breaker, 'failure', 'failure', 'failure', 'failure')
  clock.stall(100)
  expect(breaker.state).toBe('open')
  return { breaker, early }
}
