import type { Outcome, OutcomeKind } from '@breakwater/kernel'
import { CircuitOpenError } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edges } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { ModelPermit, ModelRules } from './circuit-breaker.model.js'
import { NaiveBreaker } from './circuit-breaker.model.js'
import { kinds, optionsOf, rulesets } from './circuit-breaker-steps.model.js'
import type { Transition } from './core/machine-data.js'
import { Permit } from './permit.js'

/** What somebody does after so many microtasks, or a listener in the middle of another step. */
interface Act {
  readonly after: number
  readonly does:
    'acquire' | 'settle' | 'call' | 'throwing call' | 'forceOpen' | 'forceClosed' | 'release' | 'reset'
  readonly kind: OutcomeKind
  /** Of a call: how long its work takes, in microtasks. */
  readonly takes: number
}

const act: fc.Arbitrary<Act> = fc.record({
  after: fc.nat(6),
  does: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('acquire', 'settle', 'call', 'throwing call') },
    { weight: 1, arbitrary: fc.constantFrom('forceOpen', 'forceClosed', 'release', 'reset') },
  ),
  kind: kinds,
  takes: fc.nat(4),
})

const rounds = fc.array(
  fc.record({
    acts: fc.array(act, { minLength: 1, maxLength: 10 }),
    thenMs: fc.constantFrom(0, 1, 29, 30, 49, 50, 100, 500, 1_000),
    wallMs: fc.constantFrom(0, -3_600_000, 86_400_000),
  }),
  { minLength: 1, maxLength: 6 },
)

class Failed extends Error {
  constructor(readonly twin: ModelPermit) {
    super('failed')
  }
}

/** A breaker and its naive twin, which takes each step just before. */
class Twins {
  readonly clock = new SimClock()
  readonly naive: NaiveBreaker
  readonly breaker: CircuitBreaker
  readonly told: Transition[] = []
  /** What did not agree, with the step. */
  readonly faults: string[] = []
  /** Works that ended whose end the breaker has not judged. */
  unheard = 0
  private depth = 0
  private readonly open: { readonly permit: Permit; readonly twin: ModelPermit }[] = []

  constructor(
    rules: ModelRules,
    private readonly nested: Act[],
  ) {
    this.naive = new NaiveBreaker(rules)
    this.breaker = new CircuitBreaker({
      ...optionsOf(rules, this.clock),
      classify: (outcome) => this.judge(outcome),
    })
    const reenter = (): void => {
      const next = this.nested.shift()
      if (next === undefined) return
      this.depth++
      this.play(next)
      this.depth--
    }
    this.breaker.on('transition', (transition) => void this.told.push(transition))
    this.breaker.on('transition', reenter)
    this.breaker.on('rejected', reenter)
    this.breaker.on('late', reenter)
  }

  play({ does, kind, takes }: Act): void {
    const { breaker, naive, clock } = this
    if (does === 'acquire') this.acquire()
    else if (does === 'settle') {
      const chosen = this.open.shift()
      if (chosen === undefined) return
      naive.settle(chosen.twin, kind, clock.now())
      chosen.permit.settle(kind)
    } else if (does === 'call' || does === 'throwing call')
      this.call(kind === 'success', takes, does !== 'call')
    else if (does === 'release') {
      naive.release(clock.now())
      breaker.release()
    } else if (does === 'reset') {
      naive.reset()
      breaker.reset()
    } else {
      naive.force(does === 'forceOpen' ? 'forced-open' : 'forced-closed')
      breaker[does]()
    }
    this.compare(does)
  }

  private acquire(): void {
    const waitMs = this.naive.waitMs(this.clock.now())
    const undisturbed = this.nested.length
    const twin = this.naive.acquire(this.clock.now())
    const permit = this.breaker.tryAcquire()
    if (permit instanceof Permit && twin !== undefined) this.open.push({ permit, twin })
    else if (permit instanceof Permit || twin !== undefined)
      this.faults.push(`acquire: ${String(twin !== undefined)}`)
    // A refusal tells how things stand when it is read: a listener may have changed them.
    else if (this.nested.length === undisturbed && (permit.retryAfterMs ?? Infinity) !== waitMs)
      this.faults.push(`retry after ${String(permit.retryAfterMs)}, not ${waitMs}`)
  }

  private call(isGood: boolean, takes: number, throws: boolean): void {
    const twin = this.naive.acquire(this.clock.now())
    let ran = false
    const outcome = this.breaker.outcome(() => {
      ran = true
      if (throws && !isGood) {
        this.unheard++
        throw new Failed(twin as ModelPermit)
      }
      return microtaskSteps(takes).then(() => {
        this.unheard++
        if (!isGood) throw new Failed(twin as ModelPermit)
        return twin
      })
    })
    if (ran !== (twin !== undefined)) this.faults.push(`call: ran ${ran}`)
    void outcome.then((end) => {
      if (end.kind === 'rejected' && !(end.error instanceof CircuitOpenError))
        this.faults.push(String(end.error))
    })
  }

  /** Asked in the very step in which the breaker hears of an end. */
  private judge(outcome: Outcome<unknown>): 'success' | 'failure' | 'ignored' {
    if (outcome.kind === 'ignored') return 'ignored'
    const kind = outcome.kind === 'success' ? 'success' : 'failure'
    const told = outcome.kind === 'success' ? outcome.value : outcome.error
    // A permit tells no value; its twin was told before.
    if (told === undefined) return kind
    const twin = told instanceof Failed ? told.twin : (told as ModelPermit)
    this.unheard--
    this.naive.settle(twin, kind, this.clock.now())
    return kind
  }

  compare(step: string): void {
    const now = this.clock.now()
    const { state, successes, failures, retryAfterMs } = this.breaker.snapshot()
    const { naive } = this
    const counts = naive.counts(now)
    const real: unknown[] = [state, successes, failures, String(retryAfterMs)]
    const expected: unknown[] = [naive.state, counts.successes, counts.failures, String(naive.waitMs(now))]
    // What happens in a listener is told when all have heard of the step before.
    if (this.depth === 0) {
      real.push(edges(this.told))
      expected.push(naive.edges)
    }
    const [is, shouldBe] = [JSON.stringify(real), JSON.stringify(expected)]
    if (is !== shouldBe) this.faults.push(`${step}: ${is}, not ${shouldBe}`)
  }
}

describe('steps that end in any order, at any depth of microtasks, and in the middle of each other', () => {
  it('B1, B2, B3, B4, B5, B7, B8, B11, B12, B13, B14: have the effects of the same steps one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(rulesets, rounds, fc.array(act, { maxLength: 6 }), async (rules, list, nested) => {
        const twins = new Twins(rules, [...nested])
        for (const { acts, thenMs, wallMs } of list) {
          await Promise.all(
            acts.map(async (each) => {
              await microtaskSteps(each.after)
              twins.play(each)
            }),
          )
          await microtaskSteps(20)
          twins.clock.shiftEpoch(wallMs)
          twins.clock.stall(thenMs)
          twins.compare('time')
        }
        expect(twins.faults).toEqual([])
        expect(twins.unheard).toBe(0)
      }),
      { numRuns: 1_000 },
    )
  })
})
