import { FallbackFailedError } from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'
import { microtaskSteps, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fallback } from './fallback.js'
import type { FallbackHandler } from './fallback-options.js'

const ANSWER = 'instead'

/** How something ends, and after how many microtasks. */
const part = fc.record({
  how: fc.constantFrom('answers', 'fails', 'throws', 'thenable'),
  depth: fc.nat(6),
})
type Part = typeof part extends fc.Arbitrary<infer P> ? P : never

const caller = fc.record({
  comes: fc.nat(6),
  aborts: fc.option(fc.nat(6), { nil: undefined }),
  work: part,
  chain: fc.array(part, { minLength: 2, maxLength: 2 }),
})
type Caller = typeof caller extends fc.Arbitrary<infer C> ? C : never

/** Where the user's code makes another call with the same fallback. */
const reentry = fc.constantFrom('nowhere', 'when', 'handler', 'then', 'finally')
type Reentry = typeof reentry extends fc.Arbitrary<infer R> ? R : never

class World {
  /** By the number of the call, which is its error too. */
  readonly callers: Caller[] = []
  readonly ends: (Outcome<unknown> | undefined)[] = []
  readonly asked: number[] = []
  mostRunning = 0
  readonly fallback: Fallback
  private left = 2

  constructor(
    private readonly limit: number,
    private readonly reenters: Reentry,
  ) {
    const handler =
      (index: number): FallbackHandler =>
      ({ error }) => {
        const id = error as number
        this.asked.push(id)
        this.mostRunning = Math.max(this.mostRunning, this.fallback.running)
        this.mayReenter('handler')
        return this.run(this.callers[id]?.chain[index] ?? { how: 'fails', depth: 0 }, `no ${index}`)
      }
    this.fallback = new Fallback({
      chain: [handler(0), handler(1)],
      when: () => (this.mayReenter('when'), true),
      limit: this.limit,
    })
  }

  async act(one: Caller): Promise<void> {
    await microtaskSteps(one.comes)
    this.call(one)
  }

  private call(one: Caller): void {
    const id = this.callers.push(one) - 1
    const controller = new AbortController()
    void this.fallback
      .outcome(() => this.run(one.work, id), { signal: controller.signal })
      .then((end) => (this.ends[id] = end))
    if (one.aborts !== undefined) void microtaskSteps(one.aborts).then(() => controller.abort('caller'))
  }

  private run({ how, depth }: Part, error: unknown): unknown {
    if (how === 'throws') throw error
    const later = microtaskSteps(depth)
      .then(() => (how === 'fails' ? Promise.reject(error as Error) : ANSWER))
      .finally(() => this.mayReenter('finally'))
    if (how !== 'thenable') return later
    const then: Promise<unknown>['then'] = (...handlers) => {
      this.mayReenter('then')
      return later.then(...handlers)
    }
    return { then }
  }

  private mayReenter(from: Reentry): void {
    if (from !== this.reenters || this.left-- <= 0) return
    this.call({
      comes: 0,
      aborts: undefined,
      work: { how: 'throws', depth: 0 },
      chain: [{ how: 'fails', depth: 1 }],
    })
  }
}

const fails = ({ how }: Part): boolean => how === 'fails' || how === 'throws'

function expectSound({ callers, ends, asked }: World, id: number): void {
  const { work, chain, aborts } = callers[id] as Caller
  const end = ends[id]
  if (!fails(work)) expect(asked).not.toContain(id)
  if (end?.kind === 'cancelled') {
    expect(aborts).toBeDefined()
  } else if (end?.kind === 'success') {
    expect(end.value).toBe(ANSWER)
    expect(fails(work) && chain.every(fails)).toBe(false)
  } else {
    expect(end?.error).toBeInstanceOf(FallbackFailedError)
    const { cause, fallbackError } = end?.error as FallbackFailedError
    expect(cause).toBe(id)
    const isRefused = (fallbackError as { code?: string }).code === 'ERR_BULKHEAD_FULL'
    expect([isRefused, chain.every(fails), asked.includes(id)]).toEqual(
      isRefused ? [true, expect.any(Boolean), false] : [false, true, true],
    )
  }
}

describe('calls of one fallback', () => {
  it('F1 F2: get an answer or both reasons, never with more fallbacks than the limit, whichever microtask they come, end, are aborted or make others in', async () => {
    const callers = fc.array(caller, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(fc.nat(3), reentry, callers, async (limit, reenters, list) => {
        const world = new World(limit, reenters)

        await Promise.all(list.map((one) => world.act(one)))
        await new SimClock().flush()
        await microtaskSteps(60)

        expect(world.mostRunning).toBeLessThanOrEqual(limit)
        world.callers.forEach((_, id) => expectSound(world, id))
        expect(world.fallback.running).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})
