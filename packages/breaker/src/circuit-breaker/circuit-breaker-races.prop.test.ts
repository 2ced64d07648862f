import { guard, onInternalError, pipeline } from '@breakwater/kernel'
import type { Outcome, OutcomeKind } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Retry } from '../retry/retry.js'
import { Timeout } from '../timeout/timeout.js'
import { DOWN, end, transitionsOf } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { consecutiveFailures, errorRate, tripWhen } from './trip-rules.js'

/** A call that comes, ends and is aborted after so many microtasks; absent: never. */
interface Actor {
  readonly comes: number
  readonly ends: number | undefined
  readonly aborts: number | undefined
  readonly how: 'value' | 'error' | 'throw' | 'thenable'
}

const depth = fc.integer({ min: 0, max: 6 })
const maybe = fc.oneof(depth, fc.constant(undefined))
const actors: fc.Arbitrary<Actor[]> = fc.array(
  fc.record({
    comes: depth,
    ends: maybe,
    aborts: fc.oneof(fc.constant(undefined), depth),
    how: fc.constantFrom('value', 'error', 'throw', 'thenable'),
  }),
  { minLength: 1, maxLength: 8 },
)

const fail = (): never => {
  throw DOWN
}

function work({ ends, how }: Actor): () => unknown {
  return () => {
    if (how === 'throw') throw DOWN
    if (ends === undefined) return new Promise(() => undefined)
    const later = microtaskSteps(ends).then(() => (how === 'error' ? fail() : 'up'))
    return how === 'thenable' ? { then: later.then.bind(later) } : later
  }
}

async function act(
  actor: Actor,
  execute: (run: () => unknown, signal: AbortSignal) => Promise<Outcome<unknown>>,
): Promise<OutcomeKind> {
  const caller = new AbortController()
  await microtaskSteps(actor.comes)
  const outcome = execute(work(actor), caller.signal)
  if (actor.aborts !== undefined) void microtaskSteps(actor.aborts).then(() => caller.abort())
  return (await outcome).kind
}

function halfOpen(options: CircuitBreakerOptions): { clock: SimClock; breaker: CircuitBreaker } {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), openMs: 50, clock, ...options })
  end(breaker, 'failure')
  clock.stall(50)
  return { clock, breaker }
}

/** Counts works that run and whose callers still wait, up to the very microtask in which one ends. */
class Trials {
  most = 0
  private running = 0

  counting(run: () => unknown, signal: AbortSignal): () => unknown {
    let isRunning = false
    const ended = (): void => {
      if (isRunning) this.running--
      isRunning = false
    }
    // Listens before the breaker does.
    signal.addEventListener('abort', ended)
    return () => {
      isRunning = true
      this.most = Math.max(this.most, ++this.running)
      try {
        const answer = run() as PromiseLike<unknown>
        return answer.then(
          (value) => (ended(), value),
          (error: unknown) => (ended(), Promise.reject(error as Error)),
        )
      } catch (error) {
        ended()
        throw error
      }
    }
  }
}

/** The slots that are free in a half-open breaker. */
function freeSlots(breaker: CircuitBreaker): number {
  let free = 0
  while ('settle' in breaker.tryAcquire()) free++
  return free
}

describe('calls that come, end and are aborted between two microtasks', () => {
  it('B3: never run as more trials at once than there are slots', async () => {
    await fc.assert(
      fc.asyncProperty(actors, fc.integer({ min: 1, max: 3 }), async (list, limit) => {
        const { clock, breaker } = halfOpen({ probes: { limit, leaseMs: 100, closeAfter: 100 } })
        const trials = new Trials()
        const kinds = list.map((actor) =>
          act(actor, (run, signal) => breaker.outcome(trials.counting(run, signal), { signal })),
        )
        await clock.flush()
        expect(trials.most).toBeGreaterThan(0)
        expect(trials.most).toBeLessThanOrEqual(limit)

        clock.stall(100)
        expect(breaker.state).not.toBe('closed')
        if (breaker.state === 'open') clock.stall(50)

        expect(freeSlots(breaker)).toBe(limit)
        void Promise.allSettled(kinds)
      }),
      { numRuns: 500 },
    )
  })

  it('B10: that are cancelled are no failures, and give their slots back at once', async () => {
    await fc.assert(
      fc.asyncProperty(actors, fc.boolean(), async (list, isHalfOpen) => {
        const { clock, breaker } = halfOpen({ probes: { limit: 3, closeAfter: 100 } })
        if (!isHalfOpen) breaker.reset()
        const guarded = pipeline(breaker, new Timeout({ timeoutMs: 30, clock }))

        const cancelled = list.map((actor) =>
          act({ ...actor, how: 'error', ends: undefined, aborts: actor.aborts ?? 0 }, (run, signal) =>
            // Work that hears of the abort fails late, as most do.
            guarded.outcome(
              (call) => {
                call.signal.addEventListener('abort', () => undefined)
                return Promise.race([run(), rejectedBy(call.signal)])
              },
              { signal },
            ),
          ),
        )
        await clock.advance(20)

        const kinds = new Set(await Promise.all(cancelled))
        kinds.delete('rejected')
        expect([...kinds]).toEqual(['cancelled'])
        expect(breaker.snapshot().failures).toBe(isHalfOpen ? 1 : 0)
        expect(breaker.state).toBe(isHalfOpen ? 'half-open' : 'closed')
        if (isHalfOpen) expect(freeSlots(breaker)).toBe(3)
      }),
      { numRuns: 500 },
    )
  })
})

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')))
  })
}

describe('listeners and predicates of the user', () => {
  const throws = fc.record({
    transition: fc.boolean(),
    rejected: fc.boolean(),
    late: fc.boolean(),
    classify: fc.boolean(),
    tripWhen: fc.boolean(),
    backoff: fc.boolean(),
    retryIf: fc.boolean(),
    guard: fc.boolean(),
  })

  it('B9: may throw as they like: no outcome changes, and no permit is lost', async () => {
    const unsubscribe = onInternalError(() => undefined)
    await fc.assert(
      fc.asyncProperty(actors, throws, fc.integer({ min: 1, max: 3 }), async (list, faults, limit) => {
        const seen: (readonly OutcomeKind[])[] = []
        for (const throwing of [false, true]) {
          const mayThrow = (isFaulty: boolean): void => (throwing && isFaulty ? fail() : undefined)
          const { clock, breaker } = halfOpen({
            trip: [consecutiveFailures(1), tripWhen(() => (mayThrow(faults.tripWhen), false))],
            openMs: { kind: 'mine', delayMs: () => (mayThrow(faults.backoff), 5_000) },
            probes: { limit, leaseMs: 1_000 },
            classify: ({ kind }) => (mayThrow(faults.classify), kind === 'success' ? 'success' : 'failure'),
          })
          breaker.on('transition', () => mayThrow(faults.transition))
          breaker.on('rejected', () => mayThrow(faults.rejected))
          breaker.on('late', () => mayThrow(faults.late))
          const asked = guard({
            enter: () => (mayThrow(faults.guard), undefined),
            exit: () => mayThrow(faults.guard),
          })
          const retry = new Retry({ maxRetries: 1, clock, retryIf: () => (mayThrow(faults.retryIf), false) })
          const guarded = pipeline(retry, asked, breaker, new Timeout({ timeoutMs: 40, clock }))
          clock.stall(5_000)

          const kinds = list.map((actor) => act(actor, (run, signal) => guarded.outcome(run, { signal })))
          await clock.advance(40)
          seen.push(await Promise.all(kinds))

          breaker.reset()
          breaker.openFor(0)
          expect(freeSlots(breaker)).toBe(limit)
        }
        expect(seen[1]).toEqual(seen[0])
      }),
      { numRuns: 500 },
    )
    unsubscribe()
  })

  it('B8: may command and call the breaker: every edge is told once, in order, to all', async () => {
    const commands = fc.array(
      fc.constantFrom('forceOpen', 'forceClosed', 'release', 'reset', 'tryAcquire', 'execute', 'disable'),
      { maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(actors, commands, async (list, todo) => {
        const { clock, breaker } = halfOpen({
          trip: errorRate({ percent: 50, volume: 2 }),
          probes: { limit: 2 },
        })
        breaker.openFor(0)
        const left = [...todo]
        const begun = breaker.state
        breaker.on('transition', () => {
          const command = left.shift()
          if (command === 'execute') void breaker.outcome(() => fail())
          else if (command !== undefined) breaker[command]()
        })
        const told = transitionsOf(breaker)

        const kinds = list.map((actor) => act(actor, (run, signal) => breaker.outcome(run, { signal })))
        await clock.advance(60)
        void Promise.allSettled(kinds)

        const froms = told.map(({ from }) => from)
        expect(froms).toEqual([begun, ...told.map(({ to }) => to)].slice(0, -1))
        expect(breaker.state).toBe(told.at(-1)?.to ?? begun)
      }),
      { numRuns: 500 },
    )
  })
})
