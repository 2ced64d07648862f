import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acquire, admits, edges } from './breaker-steps.model.js'
import type { CircuitBreakerSnapshot } from './circuit-breaker.js'
import { FORCED } from './circuit-breaker.model.js'
import { kinds, replay, runs } from './circuit-breaker-steps.model.js'
import type { Pair } from './circuit-breaker-steps.model.js'

const BY_ITSELF = ['closed > open', 'open > half-open', 'half-open > closed', 'half-open > open']
const COMMANDS = ['force', 'release', 'reset', 'openFor']

/** All of a snapshot that a result could change. */
function facts({ breaker }: Pair): Partial<CircuitBreakerSnapshot> {
  const { latency: _, ...rest } = breaker.snapshot()
  return rest
}

describe('a breaker, compared with one that counts all calls again at each step', () => {
  it('B1, B2, B3, B5, B8, B11, B14: agrees in admissions, state, counts, wait and edges', () => {
    fc.assert(
      fc.property(runs, (run) => {
        replay(run, ({ clock, breaker, naive, transitions }) => {
          const { state, successes, failures, retryAfterMs } = breaker.snapshot()
          const expected = { state: naive.state, ...naive.counts(clock.now()) }
          expect({ state, successes, failures }).toEqual(expected)
          expect(retryAfterMs).toBe(naive.waitMs(clock.now()))
          expect(edges(transitions)).toEqual(naive.edges)
        })
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('after any steps, a breaker', () => {
  it('B1: has taken legal edges only; held states are entered and left by command', () => {
    fc.assert(
      fc.property(runs, (run) => {
        let told = 0
        replay(run, ({ transitions }, step) => {
          const fresh = edges(transitions.slice(told))
          told = transitions.length
          if (COMMANDS.includes(step.do)) expect(fresh.length).toBeLessThanOrEqual(1)
          else for (const edge of fresh) expect(BY_ITSELF).toContain(edge)
        })
      }),
      { numRuns: 500 },
    )
  })

  it('B2: that is open admits nobody before its time is over, and somebody at that moment', () => {
    fc.assert(
      fc.property(runs, fc.double({ min: 0, max: 0.999_999, noNaN: true }), (run, part) => {
        const { clock, breaker } = replay(run)
        breaker.release()
        breaker.openFor(1_000)
        clock.stall(part * 1_000)
        const { retryAfterMs } = breaker.snapshot()
        expect(retryAfterMs).toBeGreaterThan(0)
        expect(admits(breaker)).toBe(false)

        clock.stall(retryAfterMs)

        expect(admits(breaker)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('B3: that is half-open has never more trials under a lease than its limit', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const startedAt = new Map<object, { readonly at: number; readonly period: number }>()
        replay(run, ({ clock, breaker, issued, transitions }) => {
          if (breaker.state !== 'half-open') return
          const period = transitions.length
          const running = issued.filter(({ permit, twin }) => {
            if (!startedAt.has(permit)) startedAt.set(permit, { at: clock.now(), period })
            const start = startedAt.get(permit)
            const isOfPeriod = start?.period === period && twin.trialUntil !== undefined
            return isOfPeriod && twin.settledAs === undefined && start.at + run.rules.leaseMs > clock.now()
          })
          expect(running.length).toBeLessThanOrEqual(run.rules.limit)
        })
      }),
      { numRuns: 500 },
    )
  })

  it('B4: has taken each permit once: as success, failure, ignored or late, unless it is still out', () => {
    fc.assert(
      fc.property(runs, kinds, (run, kind) => {
        const pair = replay(run)
        const { issued, late, naive } = pair
        const ended = issued.filter(({ twin }) => twin.settledAs !== undefined)
        expect(late).toHaveLength(ended.filter(({ twin }) => twin.fate === 'late').length)
        expect(issued).toHaveLength(naive.permits.length)
        const before = facts(pair)

        for (const { permit } of ended) permit.settle(kind)
        for (const { permit } of ended) permit[Symbol.dispose]()

        expect(facts(pair)).toEqual(before)
        expect(late).toHaveLength(ended.filter(({ twin }) => twin.fate === 'late').length)
      }),
      { numRuns: 500 },
    )
  })

  it('B5: hears no result of an earlier generation, nor of a lease that is over', () => {
    fc.assert(
      fc.property(runs, kinds, (run, kind) => {
        const pair = replay(run)
        const { clock, issued, naive, late } = pair
        const stale = issued.filter(
          ({ twin }) => twin.settledAs === undefined && naive.isStale(twin, clock.now()),
        )
        const before = facts(pair)
        const lateBefore = late.length

        for (const { permit } of stale) permit.settle(kind)

        expect(facts(pair)).toEqual(before)
        const isNeutral = ['rejected', 'cancelled', 'ignored'].includes(kind)
        expect(late.length - lateBefore).toBe(isNeutral ? 0 : stale.length)
      }),
      { numRuns: 500 },
    )
  })

  it('B8: has tripped at most once a generation, and told each edge once, each from where the last one led', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { transitions, breaker } = replay(run)

        const states = ['closed', ...transitions.map(({ to }) => to)]
        expect(transitions.map(({ from }) => from)).toEqual(states.slice(0, -1))
        expect(breaker.state).toBe(states.at(-1))
        for (const { from, to } of transitions) expect(from).not.toBe(to)
      }),
      { numRuns: 500 },
    )
  })

  it('B11: knows nothing but the closing trial when trials have closed it', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const pair = replay(run)
        const { breaker, clock } = pair
        breaker.reset()
        breaker.openFor(10)
        clock.stall(10)
        for (let trials = 0; trials < run.rules.closeAfter; trials++) acquire(breaker).settle('success')

        expect(breaker.snapshot()).toMatchObject({
          state: 'closed',
          successes: 1,
          failures: 0,
          slow: 0,
          consecutiveFailures: 0,
        })
      }),
      { numRuns: 500 },
    )
  })

  it('B14: goes by its window when a held state ends, and forced-open wins over forced-closed', () => {
    fc.assert(
      fc.property(runs, fc.constantFrom(...FORCED), (run, state) => {
        const { breaker, naive, clock } = replay(run)
        breaker.forceOpen()
        breaker.forceClosed()
        expect(breaker.state).toBe('forced-open')
        if (state === 'disabled') breaker.disable()
        if (state === 'metrics-only') breaker.observeOnly()

        breaker.release()

        expect(breaker.state).toBe(naive.isTooBad(clock.now()) ? 'open' : 'closed')
      }),
      { numRuns: 500 },
    )
  })
})
