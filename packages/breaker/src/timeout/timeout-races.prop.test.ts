import { CallTimeoutError } from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Timeout } from './timeout.js'

const LIMIT_MS = 10
const QUIET = { timers: 0, background: 0, io: 0, afterPoll: 0 }

/** So many milliseconds and then so many microtasks after the call began; absent: never. */
const moment = fc.option(fc.record({ ms: fc.constantFrom(0, 5, 10, 15), depth: fc.nat(6) }), {
  nil: undefined,
})
type Moment = typeof moment extends fc.Arbitrary<infer M> ? M : never

const caller = fc.record({
  comes: fc.record({ ms: fc.constantFrom(0, 5, 10), depth: fc.nat(6) }),
  ends: moment,
  how: fc.constantFrom('answers', 'fails', 'throws', 'thenable'),
  aborts: moment,
  /** The whole time that the caller gives. */
  budgetMs: fc.constantFrom<number | undefined>(undefined, undefined, 0, 5, 10, 15),
  /** The work asks for its signal when it begins, and so hears of the abort. */
  listens: fc.boolean(),
})
type Caller = typeof caller extends fc.Arbitrary<infer C> ? C : never

/** Where the user's code makes another call with the same timeout. */
const reentry = fc.constantFrom('nowhere', 'work', 'abort listener', 'finally', 'then', 'end')
type Reentry = typeof reentry extends fc.Arbitrary<infer R> ? R : never

interface Life {
  readonly began: number
  readonly limitMs: number
  started: boolean
  readonly reasons: unknown[]
  end: Outcome<unknown> | undefined
  endedAt: number
  abortedAt: number
}

class World {
  readonly clock = new SimClock()
  readonly timeout = new Timeout({ timeoutMs: LIMIT_MS, clock: this.clock })
  readonly lives: Life[] = []
  private left = 3

  constructor(private readonly reenters: Reentry) {}

  at({ ms, depth }: NonNullable<Moment>, act: () => void): void {
    this.clock.schedule(this.clock.now() + ms, () => void microtaskSteps(depth).then(act))
  }

  call({ ends, how, aborts, listens, budgetMs }: Omit<Caller, 'comes'>): void {
    const controller = new AbortController()
    const life: Life = {
      began: this.clock.now(),
      limitMs: Math.min(LIMIT_MS, budgetMs ?? Infinity),
      started: false,
      reasons: [],
      end: undefined,
      endedAt: -1,
      abortedAt: Infinity,
    }
    this.lives.push(life)
    void this.timeout
      .outcome(
        (call) => {
          life.started = true
          if (!listens) return this.run(ends, how)
          call.signal.addEventListener('abort', () => {
            life.reasons.push(call.signal.reason)
            this.mayReenter('abort listener')
          })
          return this.run(ends, how, call.signal)
        },
        { signal: controller.signal, budgetMs },
      )
      .then((end) => {
        life.end = end
        life.endedAt = this.clock.now()
        this.mayReenter('end')
      })
    if (aborts === undefined) return
    this.at(aborts, () => {
      life.abortedAt = this.clock.now()
      controller.abort('caller')
    })
  }

  private run(ends: Moment, how: Caller['how'], signal?: AbortSignal): unknown {
    this.mayReenter('work')
    if (how === 'throws') throw new Error('down')
    const end = new Promise((resolve, reject) => {
      // Work that hears of the abort ends by it, late.
      signal?.addEventListener('abort', () => reject(new Error('aborted')))
      if (ends === undefined) return
      this.at(ends, () => (how === 'fails' ? reject(new Error('down')) : resolve('up')))
    }).finally(() => this.mayReenter('finally'))
    if (how !== 'thenable') return end
    const then: Promise<unknown>['then'] = (...handlers) => {
      this.mayReenter('then')
      return end.then(...handlers)
    }
    return { then }
  }

  private mayReenter(from: Reentry): void {
    if (from !== this.reenters || this.left-- <= 0) return
    const budgetMs = [undefined, 0, 5][this.left]
    this.call({ ends: undefined, how: 'answers', aborts: undefined, listens: true, budgetMs })
  }
}

function expectSound({ end, began, limitMs, started, endedAt, abortedAt, reasons }: Life): void {
  expect(end).toBeDefined()
  expect(started).toBe(limitMs > 0)
  expect(endedAt - began).toBeLessThanOrEqual(limitMs)
  if (end?.kind === 'timeout') expect(endedAt - began).toBe(limitMs)
  if (end?.kind === 'timeout') expect(abortedAt).toBeGreaterThanOrEqual(endedAt)
  if (end?.kind === 'cancelled') expect([end.error, endedAt]).toEqual(['caller', abortedAt])
  // The signal aborts once where the call ended early, with its error, and not at all where it did not.
  const early = end?.kind === 'timeout' || end?.kind === 'cancelled'
  if (reasons.length > 0) expect([early, reasons]).toEqual([true, [(end as { error: unknown }).error]])
}

describe('calls of one timeout', () => {
  it('T1 T3 T4 T5 T6 T7 T8: end once and in time, whichever microtask they come, end, are aborted or make others in', async () => {
    const callers = fc.array(caller, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(reentry, callers, async (reenters, list) => {
        const world = new World(reenters)
        for (const one of list) world.at(one.comes, () => world.call(one))

        for (let step = 0; step < 12; step++) await world.clock.advance(5)

        world.lives.forEach(expectSound)
        const ofThePolicy = world.lives.filter(
          ({ end }) => end?.kind === 'timeout' && end.error instanceof CallTimeoutError,
        )
        expect(world.timeout.expirations).toBe(ofThePolicy.length)
        expect(world.clock.pending).toEqual(QUIET)
      }),
      { numRuns: 500 },
    )
  })
})
