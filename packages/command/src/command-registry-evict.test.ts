import {
  Bulkhead,
  CircuitBreaker,
  consecutiveFailures,
  countRate,
  errorRate,
  slowCalls,
  tripWhen,
} from '@breakwater/breaker'
import type { CircuitBreakerOptions } from '@breakwater/breaker'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import type { CommandTuning } from './command-options.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import { never, watch, world } from './command.model.js'
import { CommandRegistry, OTHER_KEYS } from './command-registry.js'
import { keep } from './command-registry.model.js'
import type { Mood } from './command-registry.model.js'

describe('a registry that makes room', () => {
  it.each<[string, CommandTuning, (command: Command<[mood?: Mood], string>) => unknown]>([
    ['with a call in flight', {}, (command) => watch(command.execute('never'))],
    ['with a failure in its window', {}, (command) => command.outcome('bad')],
    ['that is open', {}, (command) => command.breaker?.openFor(1_000_000)],
    ['that is disabled', {}, (command) => command.breaker?.disable()],
    ['that is forced closed', {}, (command) => command.breaker?.forceClosed()],
    ['that is only observed', {}, (command) => command.breaker?.observeOnly()],
  ])('never throws out a command %s', async (_what, tuning, use) => {
    const { registry, made } = keep(1, tuning)

    await use(registry.get('held'))
    const other = registry.get('next')

    expect(other.name).toBe(OTHER_KEYS)
    registry.get('held')
    expect(made).toEqual(['held', OTHER_KEYS])
  })

  it.each<[string, CircuitBreakerOptions]>([
    ['a row of failures', { trip: consecutiveFailures(5) }],
    ['the last calls', { trip: countRate({ size: 50 }) }],
    ['a longer second window', { trip: [errorRate(), errorRate({ windowMs: 60_000, percent: 90 })] }],
  ])('remembers failures that %s still knows after 20 s', async (_what, breaker) => {
    const { registry, clock } = keep(1, { breaker })

    await registry.get('held').outcome('bad')
    await clock.advance(20_000)

    expect(registry.get('next').name).toBe(OTHER_KEYS)
  })

  it('remembers calls that are slow', async () => {
    const { registry, clock } = keep(1, {
      attemptTimeoutMs: false,
      bulkhead: false,
      breaker: { trip: slowCalls({ slowerThanMs: 10 }) },
    })
    const caller = new AbortController()

    watch(registry.get('held').with({ signal: caller.signal }).execute('never'))
    await clock.advance(20)
    caller.abort()
    await clock.flush()

    expect(registry.get('next').name).toBe(OTHER_KEYS)
  })

  it('remembers work that runs on after its call', async () => {
    const { registry, clock } = keep(1, { breaker: false })

    watch(registry.get('held').execute('never'))
    await clock.advance(60_000)

    expect(registry.get('held').snapshot().inFlight).toBe(0)
    expect(registry.get('next').name).toBe(OTHER_KEYS)
  })

  it('remembers fallbacks that are under way', async () => {
    const { registry, clock } = keep(1, { breaker: false }, true, never)

    watch(registry.get('held').execute('bad'))
    await clock.flush()

    expect(registry.get('held').snapshot().inFlight).toBe(0)
    expect(registry.get('next').name).toBe(OTHER_KEYS)
  })

  it('remembers that a dependency is just coming back', async () => {
    const { registry, clock, made } = keep(1, { breaker: { trip: consecutiveFailures(1), openMs: 1_000 } })
    const held = registry.get('held')
    await held.outcome('bad')
    await clock.advance(1_000)
    for (let trial = 0; trial < 3; trial++) await held.outcome()
    expect(held.breaker).toBeClosed()

    await clock.advance(9_999)
    expect(registry.get('next').name).toBe(OTHER_KEYS)
    await clock.advance(1)
    expect(registry.get('next').name).toBe('next')
    expect(made).toEqual(['held', OTHER_KEYS, 'next'])
  })

  it('has nothing to remember of a recovery without a ramp', async () => {
    const { registry, clock } = keep(1, {
      breaker: { ramp: false, trip: consecutiveFailures(1), openMs: 100 },
    })
    await registry.get('held').outcome('bad')
    await clock.advance(100)
    for (let trial = 0; trial < 3; trial++) await registry.get('held').outcome()

    expect(registry.get('next').name).toBe('next')
  })

  it('does not mind what shared policies hold, which stay', async () => {
    const { clock } = world()
    const breaker = new CircuitBreaker({ clock })
    const bulkhead = new Bulkhead({ clock })
    breaker.forceClosed()
    watch(bulkhead.execute(never))
    const registry = new CommandRegistry({
      max: 1,
      keysFromInput: true,
      define: (name) => createCommand({ name, run: never, clock, breaker, bulkhead }),
    })

    registry.get('held')

    expect(registry.get('next').name).toBe('next')
    registry.dispose()
  })

  it.each<Mood>(['good', 'bad'])(
    'throws out what has forgotten its failures, the last call having been %s',
    async (mood) => {
      const { registry, clock } = keep(1)

      await registry.get('held').outcome('bad')
      await registry.get('held').outcome(mood)
      await clock.advance(10_000)

      expect(registry.get('next').name).toBe('next')
    },
  )

  it('remembers failures in a row for a rule of its own', async () => {
    const trip = tripWhen(({ consecutiveFailures: row }) => row >= 3)
    const { registry, clock } = keep(1, { breaker: { trip } })

    await registry.get('held').outcome('bad')
    await clock.advance(20_000)

    expect(registry.get('next').name).toBe(OTHER_KEYS)
  })
})
