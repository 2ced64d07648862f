import type { Outcome } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Retry } from './retry.js'
import { RetryBudget } from './retry-budget.js'

const DOWN = new Error('down')
const ASKED_MS = 7
const BUSY = Object.assign(new Error('busy'), { retryAfterMs: ASKED_MS })

/** How an attempt ends, and after how many microtasks. */
const attempt = fc.record({
  how: fc.constantFrom('value', 'error', 'error', 'throw', 'thenable', 'never', 'busy'),
  depth: fc.nat(6),
})
type Attempt = typeof attempt extends fc.Arbitrary<infer A> ? A : never

/** Where the user's code makes another call of the same retry, or aborts some of those that there are. */
const places = fc.constantFrom(
  'nowhere',
  'retry listener',
  'exhausted listener',
  'retryIf',
  'work',
  'finally',
  'then',
)
const reentry = fc.record({
  from: places,
  aborts: fc.option(fc.subarray([0, 1, 2, 3]), { nil: undefined }),
})
type Reentry = typeof reentry extends fc.Arbitrary<infer R> ? R : never

const actor = fc.record({
  comes: fc.nat(6),
  /** Before or after a wait. */
  aborts: fc.option(fc.record({ ms: fc.constantFrom(0, 1, 2), depth: fc.nat(6) }), { nil: undefined }),
  budgetMs: fc.constantFrom(undefined, undefined, 1, 2, 8, 20),
  script: fc.array(attempt, { maxLength: 4 }),
})
type Actor = typeof actor extends fc.Arbitrary<infer A> ? A : never

const setup = fc.record({
  maxRetries: fc.nat(3),
  percent: fc.constantFrom(0, 34, 100, 1_000),
  floor: fc.nat(2),
  waitMs: fc.nat(2),
})
type Setup = typeof setup extends fc.Arbitrary<infer S> ? S : never

interface Life {
  attempts: number
  /** When each attempt began and how long it had to be waited for at least. */
  readonly begun: { readonly at: number; readonly leastMs: number }[]
  readonly endsBy: number
  /** What the next attempt has to wait from now on. */
  failed: { readonly at: number; readonly waitMs: number }
  end: Outcome<unknown> | undefined
  aborted: boolean
  /** Nobody may begin what the caller has given up. */
  attemptsAfterAbort: number
}

class World {
  readonly clock = new SimClock()
  readonly lives: Life[] = []
  readonly retry: Retry
  announced = 0
  private readonly callers = new Map<Life, AbortController>()
  private readonly waitMs: number
  private left: number

  constructor(
    { maxRetries, percent, floor, waitMs }: Setup,
    private readonly reenters: Reentry,
  ) {
    this.waitMs = waitMs
    this.left = reenters.from === 'nowhere' ? 0 : 3
    this.retry = new Retry({
      maxRetries,
      backoff: constant({ ms: waitMs }),
      budget: new RetryBudget({ percent, minPerSecond: floor, windowMs: 1_000 }),
      retryIf: () => (this.mayReenter('retryIf'), true),
      clock: this.clock,
    })
    this.retry.on('retry', () => (this.announced++, this.mayReenter('retry listener')))
    this.retry.on('exhausted', () => this.mayReenter('exhausted listener'))
  }

  call(script: readonly Attempt[], budgetMs?: number, caller: AbortController = new AbortController()): Life {
    const { clock } = this
    const life: Life = {
      attempts: 0,
      begun: [],
      endsBy: clock.now() + (budgetMs ?? Infinity),
      failed: { at: clock.now(), waitMs: 0 },
      end: undefined,
      aborted: false,
      attemptsAfterAbort: 0,
    }
    this.lives.push(life)
    this.callers.set(life, caller)
    const work = (): unknown => {
      life.attempts++
      life.begun.push({ at: clock.now(), leastMs: life.failed.at + life.failed.waitMs })
      if (life.aborted) life.attemptsAfterAbort++
      this.mayReenter('work')
      const next = script[life.attempts - 1] ?? { how: 'error', depth: 0 }
      // Only microtasks lie between its begin and its end.
      life.failed = { at: clock.now(), waitMs: next.how === 'busy' ? ASKED_MS : this.waitMs }
      return this.run(next)
    }
    void this.retry.outcome(work, { signal: caller.signal, budgetMs }).then((end) => (life.end = end))
    return life
  }

  async act({ comes, aborts, budgetMs, script }: Actor): Promise<void> {
    const caller = new AbortController()
    await microtaskSteps(comes)
    const life = this.call(script, budgetMs, caller)
    if (aborts === undefined) return
    const abort = (): void => this.abort(life)
    if (aborts.ms === 0) void microtaskSteps(aborts.depth).then(abort)
    else this.clock.schedule(aborts.ms, () => void microtaskSteps(aborts.depth).then(abort))
  }

  private abort(life: Life): void {
    life.aborted = true
    this.callers.get(life)?.abort('caller')
  }

  private run({ how, depth }: Attempt): unknown {
    if (how === 'throw') throw DOWN
    if (how === 'busy') throw BUSY
    if (how === 'never') return new Promise(() => undefined)
    const later = microtaskSteps(depth)
      .then(() => (how === 'error' ? Promise.reject(DOWN) : 'up'))
      .finally(() => this.mayReenter('finally'))
    if (how !== 'thenable') return later
    return {
      then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
        this.mayReenter('then')
        void later.then(resolve, reject)
      },
    }
  }

  private mayReenter(from: Reentry['from']): void {
    if (from !== this.reenters.from || this.left-- <= 0) return
    const { aborts } = this.reenters
    if (aborts === undefined) this.call([{ how: 'throw', depth: 0 }])
    else for (const life of this.lives.filter((_, id) => aborts.includes(id))) this.abort(life)
  }
}

/** Everything that has to hold when all is quiet. */
function expectSound({ lives, retry, clock, announced }: World, { maxRetries, percent, floor }: Setup): void {
  const retries = lives.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0)
  expect(Math.max(...lives.map(({ attempts }) => attempts))).toBeLessThanOrEqual(maxRetries + 1)
  expect(announced).toBeLessThanOrEqual(Math.ceil((percent / 100) * lives.length + floor))
  for (const { begun, endsBy } of lives) {
    for (const { at, leastMs } of begun) expect(at).toBeGreaterThanOrEqual(leastMs)
    for (const { at } of begun) expect(at).toBeLessThan(endsBy)
  }
  expect(lives.filter(({ attemptsAfterAbort }) => attemptsAfterAbort > 0)).toEqual([])
  expect(lives.filter(({ aborted, end }) => aborted && end === undefined)).toEqual([])
  // A wait that ends by an abort has spent its retry.
  expect(retries).toBeLessThanOrEqual(announced)
  const { attempts, success, failure, exhausted } = retry.counts
  expect(attempts).toBe(announced)
  const retried = lives.filter(
    ({ attempts: made, end }) => made > 1 && end !== undefined && end.kind !== 'cancelled',
  )
  expect(success + failure + exhausted).toBe(retried.length)
  expect(success).toBe(retried.filter(({ end }) => end?.kind === 'success').length)
  expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
}

describe('calls of one retry', () => {
  it('R1 R2 R3 R4 R5 R6 R7: keep its limits, whichever microtask they come, end, are aborted or make others in', async () => {
    const actors = fc.array(actor, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(setup, reentry, actors, async (given, reenters, list) => {
        const world = new World(given, reenters)

        await Promise.all(list.map((one) => world.act(one)))
        await world.clock.advance(100)

        expectSound(world, given)
      }),
      { numRuns: 500 },
    )
  })

  it('R1 R5: keep its limits, in whatever order their attempts end', async () => {
    const calls = fc.array(fc.array(fc.boolean(), { maxLength: 4 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(setup, calls, fc.scheduler(), async (given, scripts, scheduler) => {
        const world = new World(given, { from: 'nowhere', aborts: undefined })
        const ends: (string | undefined)[] = scripts.map(() => undefined)
        const attempts = scripts.map(() => 0)
        scripts.forEach((script, id) => {
          const work = (): Promise<unknown> => {
            const made = attempts[id] ?? 0
            attempts[id] = made + 1
            const answers = script[made] ?? false
            return scheduler.schedule(Promise.resolve(), `attempt of ${String(id)}`).then(() => {
              if (!answers) throw DOWN
            })
          }
          void world.retry.outcome(work).then(({ kind }) => (ends[id] = kind))
        })

        while (scheduler.count() > 0) {
          await scheduler.waitOne()
          await world.clock.advance(given.waitMs)
        }

        const { maxRetries, percent, floor } = given
        const retries = attempts.reduce((sum, count) => sum + count - 1, 0)
        expect(Math.max(...attempts)).toBeLessThanOrEqual(maxRetries + 1)
        expect(retries).toBeLessThanOrEqual(Math.ceil((percent / 100) * scripts.length + floor))
        expect(world.retry.counts.attempts).toBe(retries)
        // The last attempt decides.
        const last = (script: readonly boolean[], id: number): boolean =>
          script[(attempts[id] ?? 0) - 1] ?? false
        expect(ends).toEqual(scripts.map((script, id) => (last(script, id) ? 'success' : 'failure')))
      }),
      { numRuns: 300 },
    )
  })
})
