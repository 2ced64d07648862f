import {
  BreakwaterError,
  BulkheadFullError,
  CircuitOpenError,
  guard,
  pipeline,
  RateLimitedError,
} from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { Timeout } from '../timeout/timeout.js'
import { Retry } from './retry.js'

const DOWN = new Error('down')
/** Refusals that the work met further on, as its own errors. */
const MET = {
  'met an open circuit': new CircuitOpenError('open'),
  'met a full bulkhead': new BulkheadFullError('full'),
  'met a rate limit': new RateLimitedError('slow down'),
}
const FINAL = [
  ...(Object.keys(MET) as (keyof typeof MET)[]),
  'circuit open',
  'bulkhead full',
  'guarded',
  'abort',
] as const
type Fate = (typeof FINAL)[number] | 'down' | 'timeout'

/** A stack in which each attempt meets its fate. */
class Fates {
  readonly clock = new SimClock()
  readonly retry: Retry
  private readonly breaker = new CircuitBreaker({ clock: this.clock })
  private readonly bulkhead = new Bulkhead({ limit: 1, releaseOnTimeout: true, clock: this.clock })
  private readonly caller = new AbortController()
  private readonly guard = guard({
    enter: () => (this.fate === 'guarded' ? new BreakwaterError('closed') : undefined),
    exit: () => undefined,
  })
  private fate: Fate | undefined = undefined
  private next = 0

  constructor(
    private readonly fates: readonly Fate[],
    waitMs: number,
  ) {
    const maxRetries = fates.length - 1
    this.retry = new Retry({ maxRetries, backoff: constant({ ms: waitMs }), clock: this.clock })
    this.retry.on('retry', () => this.prepare())
  }

  run(): Promise<Outcome<unknown>> {
    this.prepare()
    const attemptTime = new Timeout({ timeoutMs: 30, clock: this.clock })
    const stack = pipeline(this.retry, this.guard, this.breaker, this.bulkhead, attemptTime)
    return stack.outcome(({ attempt }) => this.meet(this.fates[attempt - 1] ?? 'down'), {
      signal: this.caller.signal,
    })
  }

  /** What stands in the way of the next attempt is there before it. */
  private prepare(): void {
    const fate = this.fates[this.next++]
    this.fate = fate
    if (fate === 'circuit open') this.breaker.forceOpen()
    if (fate === 'bulkhead full') void this.bulkhead.outcome(() => new Promise(() => undefined))
  }

  private meet(fate: Fate): Promise<never> {
    if (fate === 'abort') this.caller.abort(DOWN)
    const error = fate in MET ? MET[fate as keyof typeof MET] : DOWN
    return new Promise((_, reject) => {
      if (fate === 'timeout') this.clock.io(this.clock.now() + 31, () => reject(DOWN))
      else reject(error)
    })
  }
}

function endOf(fate: Fate | undefined): Partial<Outcome<unknown>> {
  if (fate === 'abort') return { kind: 'cancelled', error: DOWN }
  if (fate === 'timeout') return { kind: 'timeout' }
  if (fate === 'circuit open' || fate === 'bulkhead full' || fate === 'guarded') return { kind: 'rejected' }
  return { kind: 'failure', error: fate === undefined || fate === 'down' ? DOWN : MET[fate] }
}

describe('retries', () => {
  it('R4: are not made after an open circuit, a full bulkhead or an abort, whichever attempt meets it', async () => {
    const passing = fc.array(fc.constantFrom<Fate>('down', 'timeout'), { maxLength: 5 })
    const fate = fc.constantFrom<Fate>(...FINAL)
    await fc.assert(
      fc.asyncProperty(passing, fate, passing, fc.constantFrom(5, 10), async (first, last, rest, waitMs) => {
        const fates = new Fates([...first, last, ...rest], waitMs)

        const outcome = fates.run()
        await fates.clock.advance(10_000)

        expect(await outcome).toMatchObject(endOf(last))
        expect(fates.retry.counts.attempts).toBe(first.length)
        expect(fates.clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
      }),
      { numRuns: 500 },
    )
  })

  it('R7: end in the turn of an abort, wherever in their waits it comes', async () => {
    const times = fc.record({
      worksMs: fc.nat(20),
      waitMs: fc.constantFrom(0, 1, 50, 1_000),
      abortsMs: fc.nat(400),
      depth: fc.nat(6),
      reason: fc.string(),
    })
    await fc.assert(
      fc.asyncProperty(times, async ({ worksMs, waitMs, abortsMs, depth, reason }) => {
        const clock = new SimClock()
        const caller = new AbortController()
        const ends: Outcome<unknown>[] = []
        let attempts = 0
        const retry = new Retry({ maxRetries: 3, backoff: constant({ ms: waitMs }), clock })
        const work = (): Promise<never> => {
          attempts++
          return new Promise((_, reject) => clock.io(clock.now() + worksMs, () => reject(DOWN)))
        }
        void retry.outcome(work, { signal: caller.signal }).then((end) => ends.push(end))
        await clock.advance(abortsMs)
        await microtaskSteps(depth)
        const [endedBefore] = ends
        const attemptsBefore = attempts

        caller.abort(reason)
        await microtaskSteps(2)

        expect(ends).toEqual([endedBefore ?? { kind: 'cancelled', error: reason }])
        expect(clock.pending.timers).toBe(0)
        await clock.advance(10_000)
        expect(attempts).toBe(attemptsBefore)
        expect(ends).toHaveLength(1)
      }),
      { numRuns: 500 },
    )
  })
})
