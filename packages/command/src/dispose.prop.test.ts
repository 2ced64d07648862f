import { CircuitBreaker } from '@breakwater/breaker'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instrumentsOf, watch, world } from './command.model.js'
import type { World } from './command.model.js'
import { createCommand } from './command.js'

const EVENTS = ['execution', 'fallback', 'transition', 'rejected'] as const
const LONGEST_MS = 60_000

const tuning = fc.record({
  breaker: fc.constantFrom('own', 'shared', 'none'),
  attemptTimeoutMs: fc.constantFrom(10, 500),
  bulkhead: fc.constantFrom(false as const, { limit: 1 }),
  retry: fc.constantFrom(false as const, { maxRetries: 2 }),
})
type Tuning = typeof tuning extends fc.Arbitrary<infer T> ? T : never

const step = fc.oneof(
  fc.record({
    do: fc.constant('call' as const),
    how: fc.constantFrom('answer', 'fail', 'hang'),
    ms: fc.nat(600),
  }),
  fc.record({ do: fc.constant('listen' as const), to: fc.constantFrom(...EVENTS) }),
  fc.record({ do: fc.constant('unlisten' as const), which: fc.nat(3) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat(800) }),
  fc.record({ do: fc.constant('trip' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Counts who listens to the breaker from now on. */
function countListeners(breaker: CircuitBreaker): () => number {
  const subscribe = breaker.on.bind(breaker)
  const listening = new Set<object>()
  breaker.on = (event, listener) => {
    const stop = subscribe(event, listener)
    const subscription = {}
    listening.add(subscription)
    return () => {
      listening.delete(subscription)
      stop()
    }
  }
  return () => listening.size
}

function commandOf(
  around: World,
  shared: CircuitBreaker,
  { breaker, ...rest }: Tuning,
): ReturnType<typeof make> {
  const chosen = breaker === 'own' ? {} : { breaker: breaker === 'shared' ? shared : (false as const) }
  return make(around, { ...rest, ...chosen })
}

function make(around: World, options: object) {
  return createCommand({
    name: 'gone',
    run: (_call, how: string, ms: number) =>
      new Promise((resolve, reject) => {
        if (how === 'answer') around.clock.io(around.clock.now() + ms, () => resolve('up'))
        if (how === 'fail') around.clock.io(around.clock.now() + ms, () => reject(new Error('down')))
      }),
    ...around,
    ...options,
  })
}

class Life {
  heard = 0
  private readonly stops: (() => void)[] = []

  constructor(
    private readonly around: World,
    private readonly command: ReturnType<typeof make>,
  ) {}

  async do(one: Step): Promise<void> {
    const { command } = this
    if (one.do === 'call') watch(command.execute(one.how, one.ms))
    else if (one.do === 'listen') this.stops.push(command.on(one.to, () => this.heard++))
    else if (one.do === 'unlisten') this.stops[one.which]?.()
    else if (one.do === 'pass') await this.around.clock.advance(one.ms)
    else {
      command.breaker?.forceOpen()
      command.breaker?.release()
    }
  }
}

describe('a command that is disposed of', () => {
  it('K4: leaves no instrument, no listener and, once its calls have ended, no timer, whatever it did', async () => {
    const steps = fc.array(step, { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(tuning, steps, steps, async (tuned, before, after) => {
        const around = world()
        const shared = new CircuitBreaker({ clock: around.clock })
        const listeners = countListeners(shared)
        const command = commandOf(around, shared, tuned)
        const life = new Life(around, command)
        for (const one of before) await life.do(one)

        command.dispose()

        expect(instrumentsOf(around.runtime)).toEqual([])
        expect(listeners()).toBe(0)
        const { heard } = life
        for (const one of after) if (one.do !== 'listen') await life.do(one)
        expect(life.heard).toBe(heard)
        await around.clock.advance(LONGEST_MS)
        expect(around.clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
        expect(instrumentsOf(around.runtime)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
