import { guard, pipeline } from '@breakwater/kernel'
import type { Call, Outcome } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { tripWhen } from '../circuit-breaker/trip-rules.js'
import { RetryBudget } from '../retry/retry-budget.js'
import { Timeout } from '../timeout/timeout.js'
import { Hedge } from './hedge.js'

const DOWN = new Error('down')

/** How an attempt ends: when, after how many microtasks more, and whether it stops when told. */
const attempt = fc.record({
  how: fc.constantFrom('value', 'value', 'error', 'throw', 'never'),
  ms: fc.constantFrom(0, 0, 1, 2, 3),
  depth: fc.nat(6),
  obeys: fc.boolean(),
})
type Attempt = typeof attempt extends fc.Arbitrary<infer A> ? A : never

/** Where foreign code aborts some of the calls there are, or makes another. */
const places = fc.constantFrom('nowhere', 'hedge', 'won', 'denied', 'hedgeIf', 'work', 'abort', 'exit')
const reentry = fc.record({
  from: places,
  aborts: fc.option(fc.subarray([0, 1, 2, 3]), { nil: undefined }),
})
type Reentry = typeof reentry extends fc.Arbitrary<infer R> ? R : never

const actor = fc.record({
  comes: fc.nat(6),
  aborts: fc.option(fc.record({ ms: fc.constantFrom(0, 1, 2), depth: fc.nat(6) }), { nil: undefined }),
  script: fc.array(attempt, { maxLength: 4 }),
})
type Actor = typeof actor extends fc.Arbitrary<infer A> ? A : never

const setup = fc.record({
  maxHedges: fc.nat(3),
  delayMs: fc.nat(2),
  percent: fc.constantFrom(0, 34, 100, 1_000),
  budget: fc.option(fc.constantFrom(0, 50, 1_000), { nil: undefined }),
  limit: fc.constantFrom(1, 2, 100),
  queue: fc.nat(2),
  timeoutMs: fc.constantFrom(2, 5),
})
type Setup = typeof setup extends fc.Arbitrary<infer S> ? S : never

interface Life {
  attempts: number
  calls: Call[]
  end: Outcome<unknown> | undefined
  ends: number
  aborted: boolean
  attemptsAfterEnd: number
}

class World {
  readonly clock = new SimClock()
  readonly lives: Life[] = []
  readonly hedge: Hedge
  /** Stays closed: it would not count what ends after it has opened. */
  readonly breaker = new CircuitBreaker({ clock: this.clock, trip: tripWhen(() => false) })
  readonly bulkhead: Bulkhead
  announced = 0
  entered = 0
  exits: string[] = []
  open = 0
  private readonly stack
  private readonly callers = new Map<Life, AbortController>()
  private left: number

  constructor(
    { maxHedges, delayMs, percent, budget, limit, queue, timeoutMs }: Setup,
    private readonly reenters: Reentry,
  ) {
    this.left = reenters.from === 'nowhere' ? 0 : 3
    const { clock } = this
    this.hedge = new Hedge({
      maxHedges,
      delayMs,
      maxExtraPercent: percent,
      budget: budget === undefined ? undefined : new RetryBudget({ percent: budget, minPerSecond: 0 }),
      hedgeIf: () => (this.mayReenter('hedgeIf'), true),
      clock,
    })
    this.hedge.on('hedge', () => (this.announced++, this.mayReenter('hedge')))
    this.hedge.on('won', () => this.mayReenter('won'))
    this.hedge.on('denied', () => this.mayReenter('denied'))
    this.bulkhead = new Bulkhead({ clock, limit, queue: { limit: queue } })
    const watcher = guard({
      enter: () => void this.entered++,
      exit: (_call, { kind }) => (this.exits.push(kind), this.mayReenter('exit')),
    })
    const timeout = new Timeout({ timeoutMs, clock })
    this.stack = pipeline(this.hedge, watcher, this.breaker, this.bulkhead, timeout)
  }

  call(script: readonly Attempt[], caller: AbortController = new AbortController()): Life {
    const life: Life = {
      attempts: 0,
      calls: [],
      end: undefined,
      ends: 0,
      aborted: false,
      attemptsAfterEnd: 0,
    }
    this.lives.push(life)
    this.callers.set(life, caller)
    const work = (call: Call): unknown => {
      life.calls.push(call)
      if (life.end !== undefined || life.aborted) life.attemptsAfterEnd++
      this.mayReenter('work')
      return this.run(script[life.attempts++] ?? { how: 'error', ms: 0, depth: 0, obeys: true }, call)
    }
    void this.stack.outcome(work, { signal: caller.signal }).then((end) => {
      life.end = end
      life.ends++
    })
    return life
  }

  async act({ comes, aborts, script }: Actor): Promise<void> {
    const caller = new AbortController()
    await microtaskSteps(comes)
    const life = this.call(script, caller)
    if (aborts === undefined) return
    const abort = (): void => this.abort(life)
    if (aborts.ms === 0) void microtaskSteps(aborts.depth).then(abort)
    else this.clock.schedule(aborts.ms, () => void microtaskSteps(aborts.depth).then(abort))
  }

  private abort(life: Life): void {
    life.aborted = true
    this.callers.get(life)?.abort('caller')
  }

  private run({ how, ms, depth, obeys }: Attempt, call: Call): unknown {
    if (how === 'throw') throw DOWN
    return new Promise((resolve, reject) => {
      this.open++
      const settle = (): void => {
        this.open--
        if (how === 'error') reject(DOWN)
        else resolve('up')
      }
      // What never answers and does not obey ends at last, as everything does.
      const endsAt = how === 'never' ? 50 : ms
      const stop = this.clock.io(this.clock.now() + endsAt, () => void microtaskSteps(depth).then(settle))
      if (!obeys) return
      call.signal.addEventListener('abort', () => {
        this.mayReenter('abort')
        stop()
        reject(call.signal.reason as Error)
      })
    })
  }

  private mayReenter(from: Reentry['from']): void {
    if (from !== this.reenters.from || this.left-- <= 0) return
    const { aborts } = this.reenters
    if (aborts === undefined) this.call([{ how: 'throw', ms: 0, depth: 0, obeys: true }])
    else for (const life of this.lives.filter((_, id) => aborts.includes(id))) this.abort(life)
  }
}

function expectSound(world: World, { maxHedges, percent, budget }: Setup): void {
  const { lives, hedge, clock, announced, bulkhead, breaker } = world
  for (const life of lives) {
    expect(life.ends).toBe(1)
    expect(life.attempts).toBeLessThanOrEqual(maxHedges + 1)
    expect(life.attemptsAfterEnd).toBe(0)
    expect(new Set(life.calls.map(({ attempt: number }) => number)).size).toBe(life.attempts)
  }
  const share = Math.min(percent, budget ?? Infinity) / 100
  expect(announced).toBeLessThanOrEqual(Math.ceil(share * lives.length))
  expect(hedge.counts.hedges).toBe(announced)
  expect(hedge.counts.calls).toBeLessThanOrEqual(lives.length)
  // Each that was admitted is heard of once; of the ends of calls, only those of one attempt each are good.
  expect(world.exits).toHaveLength(world.entered)
  expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  const heard = world.exits.filter((kind) => kind === 'failure' || kind === 'timeout').length
  expect(breaker.snapshot().failures).toBe(heard)
  expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
}

describe('calls of one hedge', () => {
  it('R1 R5 R7 B4 B10 H6: end once and leave nothing, whatever ends, aborts or comes in which microtask', async () => {
    const actors = fc.array(actor, { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(setup, reentry, actors, async (given, reenters, list) => {
        const world = new World(given, reenters)

        await Promise.all(list.map((one) => world.act(one)))
        await world.clock.advance(200)

        expectSound(world, given)
      }),
      { numRuns: 400 },
    )
  })

  it('R1: answer with the first that succeeds, in whatever order attempts end', async () => {
    const scripts = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(scripts, fc.scheduler(), async (script, scheduler) => {
        const clock = new SimClock()
        const ended: number[] = []
        const hedge = new Hedge({
          clock,
          delayMs: 0,
          maxHedges: script.length - 1,
          maxExtraPercent: 1_000,
          hedgeIf: () => false,
        })
        const work = ({ attempt: number }: Call): Promise<number> =>
          scheduler.schedule(Promise.resolve(), `attempt ${String(number)}`).then(() => {
            ended.push(number)
            if (script[number - 1] !== true) throw new Error(String(number))
            return number
          })

        const pending = hedge.outcome(work)
        await scheduler.waitAll()
        const outcome = await pending

        const winner = ended.find((number) => script[number - 1])
        if (outcome.kind === 'success') expect(outcome.value).toBe(winner)
        else expect([outcome.kind, String(outcome.error), winner]).toEqual(['failure', 'Error: 1', undefined])
        expect(hedge.counts.won).toBe(winner !== undefined && winner > 1 ? 1 : 0)
      }),
      { numRuns: 200 },
    )
  })
})
