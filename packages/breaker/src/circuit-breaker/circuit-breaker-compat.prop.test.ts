import type { OutcomeKind } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { COMPATS, LEASED } from './hystrix-steps.model.js'
import { NaiveHystrix } from './naive-hystrix.model.js'
import type { Flag, NaiveCall, NaiveRules } from './naive-hystrix.model.js'
import { Permit } from './permit.js'
import { errorRate } from './trip-rules.js'

type Step =
  | { readonly do: 'call' }
  | { readonly do: 'workEnds' | 'ends'; readonly which: number; readonly kind: OutcomeKind }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'flag'; readonly flag: Flag | undefined }
  | { readonly do: 'look' }

const kind = fc.constantFrom<OutcomeKind[]>(
  'success',
  'failure',
  'failure',
  'timeout',
  'rejected',
  'ignored',
  'cancelled',
)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>({ do: 'call' }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('ends' as const), which: fc.nat(4), kind }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('workEnds' as const), which: fc.nat(4), kind }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(1, 9, 10, 11, 30, 35, 36, 100),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('flag' as const),
        flag: fc.constantFrom<(Flag | undefined)[]>('forced-open', 'forced-closed', 'disabled', undefined),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'look' }) },
  ),
  { maxLength: 80, size: 'max' },
)
const rules: fc.Arbitrary<NaiveRules> = fc.record({
  compat: fc.constantFrom(...COMPATS),
  percent: fc.integer({ min: 1, max: 100 }),
  volume: fc.integer({ min: 1, max: 4 }),
  bucketMs: fc.constant(10),
  buckets: fc.integer({ min: 1, max: 5 }),
  sleepMs: fc.constantFrom(0, 1, 35),
  leaseMs: fc.constantFrom(1, 10, 36),
})

/** A call that was admitted, with what was told of it. */
interface Running {
  readonly permit: Permit
  readonly twin: NaiveCall
  ranAs: OutcomeKind | undefined
}

function optionsOf(given: NaiveRules, clock: SimClock, windowMs: number): CircuitBreakerOptions {
  const { compat, percent, volume, buckets, sleepMs, leaseMs } = given
  const trip = errorRate({ percent, volume, windowMs, buckets })
  return { compat, trip, openMs: sleepMs, clock, ...(compat === LEASED ? { probes: { leaseMs } } : {}) }
}

class Pair {
  readonly clock = new SimClock()
  readonly breaker: CircuitBreaker
  readonly naive: NaiveHystrix
  readonly edges: string[] = []
  private running: Running[] = []

  constructor(given: NaiveRules) {
    const { bucketMs, buckets } = given
    this.naive = new NaiveHystrix(given)
    this.breaker = new CircuitBreaker(optionsOf(given, this.clock, bucketMs * buckets))
    this.breaker.on('transition', ({ from, to, at }) => this.edges.push(`${String(at)} ${from} > ${to}`))
  }

  take(step: Step): void {
    const { breaker, naive, clock } = this
    switch (step.do) {
      case 'call': {
        const permit = breaker.tryAcquire()
        const twin = naive.allows()
        expect(permit instanceof Permit).toBe(twin !== undefined)
        if (permit instanceof Permit && twin !== undefined)
          this.running.push({ permit, twin, ranAs: undefined })
        break
      }
      case 'workEnds':
      case 'ends':
        this.end(step.do, step.kind, this.running[step.which])
        break
      case 'wait':
        clock.stall(step.ms)
        naive.wait(step.ms)
        break
      case 'flag':
        this.flag(step.flag)
        naive.setFlag(step.flag)
        break
      case 'look':
        naive.look()
        this.compare()
    }
  }

  compare(): void {
    const { naive, breaker } = this
    const { state, health } = breaker.snapshot()
    expect({ state, health }).toEqual({
      state: naive.state,
      health: { ...naive.health(), isOpen: naive.isOpen },
    })
    expect(this.edges).toEqual(naive.edges)
  }

  private end(which: 'workEnds' | 'ends', ended: OutcomeKind, call: Running | undefined): void {
    if (call === undefined) return
    if (call.ranAs === undefined) this.naive.workEnded(ended, call.twin)
    if (which === 'workEnds') {
      call.permit.workEnded(ended)
      call.ranAs ??= ended
      return
    }
    call.permit.settle(ended)
    this.naive.commandEnded(call.ranAs ?? ended, call.twin)
    this.running = this.running.filter((other) => other !== call)
  }

  private flag(flag: Flag | undefined): void {
    if (flag === undefined) this.breaker.release()
    else if (flag === 'disabled') this.breaker.disable()
    else if (flag === 'forced-open') this.breaker.forceOpen()
    else this.breaker.forceClosed()
  }
}

describe('a breaker with compat', () => {
  it('B1 B2 B7 B8 B11 B14 does as Hystrix, told naively with a timer for each tick', () => {
    fc.assert(
      fc.property(rules, steps, (given, taken) => {
        const pair = new Pair(given)
        for (const step of taken) pair.take(step)
        pair.naive.look()
        pair.compare()
      }),
      { numRuns: 1_000 },
    )
  })

  it('B6 whose trial is leased admits some call within the window, a bucket, a sleep window and a lease', () => {
    fc.assert(
      fc.property(rules, steps, (given, taken) => {
        const pair = new Pair({ ...given, compat: LEASED })
        for (const step of taken) pair.take(step)
        pair.breaker.release()

        // It may open as late as that, when the good ends are counted no more and the bad ones still are.
        const opensWithinMs = given.bucketMs * (given.buckets + 1)
        pair.clock.stall(opensWithinMs + given.sleepMs + given.leaseMs)

        expect(pair.breaker.tryAcquire()).toBeInstanceOf(Permit)
      }),
      { numRuns: 300 },
    )
  })

  it('W3 W4 catches up with any gap at once, and is empty then', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 1_000, max: 1e15 }), (given, gapMs) => {
        const { breaker, clock } = new Pair({ ...given, volume: 4 })
        for (let calls = 0; calls < 3; calls++) (breaker.tryAcquire() as Permit).settle('failure')
        clock.stall(gapMs)

        expect(breaker.snapshot()).toMatchObject({ state: 'closed', total: 0 })
      }),
    )
  })

  it('B13 decides the same whatever the wall clock does, and from whatever time on', () => {
    fc.assert(
      fc.property(rules, steps, fc.double({ min: 0, max: 1e9, noNaN: true }), (given, taken, startsAt) => {
        const moves = [0, startsAt].map((ms) => {
          const pair = new Pair(given)
          pair.clock.stall(Math.floor(ms))
          const breaker = new CircuitBreaker(optionsOf({ ...given, buckets: 5 }, pair.clock, 50))
          return movesOf(breaker, pair.clock, taken, ms > 0)
        })
        expect(moves[1]).toEqual(moves[0])
      }),
    )
  })
})

/** Where the breaker moves, in milliseconds from now. */
function movesOf(
  breaker: CircuitBreaker,
  clock: SimClock,
  taken: readonly Step[],
  shifts: boolean,
): string[] {
  const moves: string[] = []
  const start = clock.now()
  breaker.on('transition', ({ to, at }) => moves.push(`${String(at - start)} ${to}`))
  for (const step of taken) {
    if (step.do === 'wait') clock.stall(step.ms)
    if (step.do === 'ends') {
      const permit = breaker.tryAcquire()
      if (permit instanceof Permit) permit.settle(step.kind)
    }
    if (shifts) clock.shiftEpoch(-1_000)
  }
  return moves
}
