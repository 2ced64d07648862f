import { Bulkhead, CircuitBreaker, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { Policy } from '../policy.js'
import { again, caller, ContextClock, fail, strangers, watch, whoDid } from './context.model.js'
import { never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

describe('attempts run in the async context of their caller', () => {
  it.each<[string, (clock: ContextClock) => Policy<unknown>, () => unknown]>([
    ['after a failure', (clock) => again(clock), fail],
    [
      'after a failure at once',
      (clock) => again(clock),
      () => {
        throw new Error('down')
      },
    ],
    ['after a timeout', (clock) => pipeline(again(clock), new Timeout({ timeoutMs: 30, clock })), never],
    [
      'under a whole time',
      (clock) =>
        pipeline(new Timeout({ timeoutMs: 500, clock }), again(clock), new Timeout({ timeoutMs: 30, clock })),
      never,
    ],
    [
      'after the timeout of an inner stretch',
      (clock) =>
        pipeline(
          again(clock),
          new Bulkhead({ clock }),
          new CircuitBreaker({ clock }),
          new Timeout({ timeoutMs: 30, clock }),
        ),
      never,
    ],
    [
      'after the timeout of an innermost stretch',
      (clock) =>
        pipeline(
          again(clock),
          new Bulkhead({ clock }),
          new CircuitBreaker({ clock }),
          new Bulkhead({ clock }),
          new CircuitBreaker({ clock }),
          new Timeout({ timeoutMs: 30, clock }),
        ),
      never,
    ],
    [
      'after the timeout of a wrapped policy',
      (clock) => {
        const inner = new Timeout({ timeoutMs: 30, clock })
        return pipeline(again(clock), { execute: inner.execute.bind(inner) } as Policy)
      },
      never,
    ],
  ])('%s', async (_name, make, work) => {
    const clock = new ContextClock()

    const seen = await watch(clock, () => make(clock), work)

    expect(strangers(seen)).toEqual([])
    expect(whoDid(seen, 'attempt 3')).toEqual(['ann', 'bob'])
  })

  it('after a back-off on a clock that keeps no context', async () => {
    const clock = new SimClock()
    const seen: unknown[] = []
    const call = caller.run('ann', () =>
      again(clock).outcome(() => {
        seen.push(caller.getStore())
        throw new Error('down')
      }),
    )

    await clock.advance(1_000)

    expect(await call).toMatchObject({ kind: 'failure' })
    expect(seen).toEqual(['ann', 'ann', 'ann'])
  })

  it('after a wait in a queue, which another caller’s end finishes', async () => {
    const clock = new ContextClock()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 5 }, clock })

    const seen = await watch(
      clock,
      () => bulkhead,
      () => new Promise<void>((resolve) => clock.io(clock.now() + 10, resolve)),
    )

    expect(strangers(seen)).toEqual([])
    expect(whoDid(seen, 'attempt 1')).toEqual(['ann', 'bob'])
  })

  it('after a wait in the queue of an inner stretch', async () => {
    const clock = new ContextClock()
    const stack = pipeline(
      again(clock),
      new Bulkhead({ clock }),
      new CircuitBreaker({ clock }),
      new Bulkhead({ limit: 1, queue: { limit: 5 }, clock }),
    )

    const seen = await watch(
      clock,
      () => stack,
      () =>
        new Promise<void>((_resolve, reject) => clock.io(clock.now() + 10, () => reject(new Error('down')))),
    )

    expect(strangers(seen)).toEqual([])
    expect(whoDid(seen, 'attempt 3')).toEqual(['ann', 'bob'])
  })
})
