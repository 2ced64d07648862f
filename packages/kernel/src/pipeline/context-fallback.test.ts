import { Bulkhead, CircuitBreaker, Timeout } from '@breakwater/breaker'
import { Fallback, RequestCache } from '@breakwater/fallback'
import { describe, expect, it } from 'vitest'
import type { Work } from '../call.js'
import type { Policy } from '../policy.js'
import { again, caller, ContextClock, fail, strangers, watch, whoDid } from './context.model.js'
import { never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

describe('a fallback runs in the async context of its caller', () => {
  it.each<[string, (clock: ContextClock, fallback: Policy<unknown>) => Policy<unknown>, () => unknown]>([
    ['after a failure', (_clock, fallback) => fallback, fail],
    [
      'after a timeout',
      (clock, fallback) => pipeline(fallback, new Timeout({ timeoutMs: 30, clock })),
      never,
    ],
    [
      'after the whole time',
      (clock, fallback) => pipeline(fallback, new Timeout({ timeoutMs: 30, clock }), again(clock)),
      never,
    ],
    [
      'after a whole time that ended a wait between attempts',
      (clock, fallback) => pipeline(fallback, new Timeout({ timeoutMs: 30, clock }), again(clock)),
      fail,
    ],
    [
      'after the timeout of an inner stretch',
      (clock, fallback) =>
        pipeline(
          fallback,
          new Bulkhead({ clock }),
          new CircuitBreaker({ clock }),
          new Timeout({ timeoutMs: 30, clock }),
        ),
      never,
    ],
    [
      'after the timeout of an innermost stretch, with nothing but breakers around it',
      (clock, fallback) => {
        const breaker = (): CircuitBreaker => new CircuitBreaker({ clock })
        return pipeline(fallback, breaker(), breaker(), breaker(), new Timeout({ timeoutMs: 30, clock }))
      },
      never,
    ],
    [
      'after the timeout of a run that a cache shares',
      (clock, fallback) => {
        const cache = new RequestCache({ key: () => 'one', scope: 'process', clock })
        return pipeline(fallback, cache, new Timeout({ timeoutMs: 30, clock }))
      },
      never,
    ],
    [
      'after a timeout inside of a policy that is not ours',
      (clock, fallback) => {
        const timeout = new Timeout({ timeoutMs: 30, clock })
        const foreign = { execute: (work: Work<unknown>) => timeout.execute(work) }
        return pipeline(fallback, foreign as Policy<unknown>)
      },
      never,
    ],
    [
      'after an open circuit',
      (clock, fallback) => {
        const open = new CircuitBreaker({ clock })
        open.forceOpen()
        return pipeline(fallback, open)
      },
      fail,
    ],
  ])('%s', async (_name, make, work) => {
    const clock = new ContextClock()

    const seen = await watch(clock, (handler) => make(clock, new Fallback({ chain: [handler] })), work)

    expect(strangers(seen)).toEqual([])
    expect(whoDid(seen, 'fallback')).toEqual(['ann', 'bob'])
  })

  it.each<[string, (clock: ContextClock, queue: Bulkhead) => Policy<unknown>]>([
    ['a queue', (_clock, queue) => queue],
    [
      'the queue of an inner stretch',
      (clock, queue) => pipeline(new Bulkhead({ clock }), new CircuitBreaker({ clock }), queue),
    ],
  ])('after it waited too long in %s', async (_name, make) => {
    const clock = new ContextClock()
    const queue = new Bulkhead({ limit: 1, queue: { limit: 5, maxWaitMs: 10 }, clock })
    void queue.execute(() => new Promise((resolve) => clock.io(5_000, () => resolve(1))))

    const seen = await watch(
      clock,
      (handler) => pipeline(new Fallback({ chain: [handler] }), make(clock, queue)),
      never,
    )

    expect(strangers(seen)).toEqual([])
    expect(whoDid(seen, 'fallback')).toEqual(['ann', 'bob'])
  })

  it('after the caller’s budget', async () => {
    const clock = new ContextClock()
    const contexts: unknown[] = []
    const fallback = new Fallback({ chain: [() => contexts.push(caller.getStore())] })

    const calls = ['ann', 'bob'].map((who) =>
      caller.run(who, () => fallback.execute(never, { budgetMs: 10 })),
    )
    await clock.advance(10)

    expect(await Promise.all(calls)).toEqual([1, 2])
    expect(contexts).toEqual(['ann', 'bob'])
  })
})

describe('the shared timer', () => {
  it('tells listeners in nobody’s context, rather than in that of whoever came first', async () => {
    const clock = new ContextClock()
    const timeout = new Timeout({ timeoutMs: 10, clock })
    const contexts: unknown[] = []
    timeout.on('timeout', () => contexts.push(caller.getStore()))

    void caller.run('ann', () => timeout.outcome(never))
    await clock.advance(5)
    void caller.run('bob', () => timeout.outcome(never))
    await clock.advance(20)

    expect(contexts).toEqual([undefined, undefined])
  })
})
