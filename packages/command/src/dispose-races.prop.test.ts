import { CircuitBreaker, consecutiveFailures, constant } from '@breakwater/breaker'
import { microtaskSteps } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instrumentsOf, watch, world } from './command.model.js'
import type { World } from './command.model.js'
import { createCommand } from './command.js'

const LONGEST_MS = 60_000
const NOTHING = { timers: 0, background: 0, io: 0, afterPoll: 0 }

/** Where the command is disposed of from inside of one of its calls. */
const PLACES = [
  'nowhere',
  'work',
  'retryIf',
  'fallback',
  'execution listener',
  'fallback listener',
  'transition listener',
  'then',
  'finally',
] as const
type Place = (typeof PLACES)[number]

const HOWS = ['value', 'error', 'throw', 'thenable', 'never'] as const
const end = fc.record({ how: fc.constantFrom(...HOWS), depth: fc.nat(6) })
type End = typeof end extends fc.Arbitrary<infer E> ? E : never

const setup = fc.record({
  isShared: fc.boolean(),
  queue: fc.nat(2),
  maxRetries: fc.nat(2),
  waitMs: fc.nat(1),
  from: fc.constantFrom(...PLACES),
})
type Setup = typeof setup extends fc.Arbitrary<infer S> ? S : never

class Life {
  readonly around: World = world()
  readonly breaker: CircuitBreaker
  readonly command: ReturnType<Life['make']>
  /** Events after the end. */
  late = 0
  private isGone = false

  constructor(
    private readonly given: Setup,
    private readonly until: (ending: End) => Promise<unknown> = ({ depth }) => microtaskSteps(depth),
  ) {
    const { clock } = this.around
    this.breaker = new CircuitBreaker({ trip: consecutiveFailures(2), openMs: 5, clock })
    this.command = this.make()
    const hear = (place: Place) => (): void => {
      if (this.isGone) this.late++
      this.reach(place)
    }
    this.command.on('execution', hear('execution listener'))
    this.command.on('fallback', hear('fallback listener'))
    this.command.on('transition', hear('transition listener'))
  }

  call(ending: End): void {
    const call = this.command.execute(ending)
    watch(call.then(() => this.reach('then')))
    watch(call.finally(() => this.reach('finally')))
  }

  dispose(): void {
    this.command.dispose()
    this.isGone = true
    expect(instrumentsOf(this.around.runtime)).toEqual([])
  }

  /** When all has ended that can end, nothing is there any more. */
  async over(): Promise<void> {
    this.dispose()
    await this.around.clock.advance(LONGEST_MS)
    expect(this.around.clock.pending).toEqual(NOTHING)
    expect(instrumentsOf(this.around.runtime)).toEqual([])
    expect(this.late).toBe(0)
    expect(this.command.snapshot().inFlight).toBe(0)
  }

  private reach(place: Place): void {
    if (place === this.given.from && !this.isGone) this.dispose()
  }

  private make() {
    const { isShared, queue, maxRetries, waitMs } = this.given
    return createCommand({
      name: 'gone',
      run: (_call, ending: End) => this.work(ending),
      fallback: () => {
        this.reach('fallback')
        return 'instead'
      },
      attemptTimeoutMs: 3,
      retry: { maxRetries, backoff: constant({ ms: waitMs }), retryIf: () => (this.reach('retryIf'), true) },
      bulkhead: { limit: 1, queue: { limit: queue } },
      breaker: isShared ? this.breaker : { trip: consecutiveFailures(2), openMs: 5 },
      ...this.around,
    })
  }

  private work(ending: End): unknown {
    this.reach('work')
    if (ending.how === 'throw') throw new Error('down')
    if (ending.how === 'never') return new Promise(() => undefined)
    const settled = this.until(ending).then(() => {
      if (ending.how === 'error') throw new Error('down')
      return 'up'
    })
    return ending.how === 'thenable' ? { then: settled.then.bind(settled) } : settled
  }
}

describe('a command that is disposed of while calls are under way', () => {
  it('K4: leaves nothing, at whatever microtask, and from inside of whatever the user gave it', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('call' as const), ending: end, depth: fc.nat(6) }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.nat(6), depth: fc.nat(6) }),
    )
    await fc.assert(
      fc.asyncProperty(setup, fc.array(step, { maxLength: 6 }), async (given, steps) => {
        const life = new Life(given)
        for (const one of steps) {
          if (one.do === 'call') life.call(one.ending)
          else await life.around.clock.advance(one.ms)
          await microtaskSteps(one.depth)
        }

        await life.over()
      }),
      { numRuns: 400 },
    )
  })

  it('K4: leaves nothing, in whatever order its calls end around it', async () => {
    await fc.assert(
      fc.asyncProperty(setup, fc.array(end, { maxLength: 5 }), fc.scheduler(), async (given, endings, s) => {
        const life = new Life(given, ({ how }) => s.schedule(Promise.resolve(), how))
        const calls = endings.map((ending) => ({
          label: ending.how,
          builder: () => Promise.resolve(life.call(ending)),
        }))
        s.scheduleSequence(calls)
        s.scheduleSequence([{ label: 'dispose', builder: () => Promise.resolve(life.dispose()) }])
        await s.waitIdle()

        await life.over()
      }),
      { numRuns: 300 },
    )
  })
})
