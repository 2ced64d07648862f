import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { Cancel, ScheduleOptions } from '../clock.js'
import type { Policy } from '../policy.js'
import { never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

const caller = new AsyncLocalStorage<string>()

/** Runs each timer in the context in which it was set, as the timers of Node do. */
class ContextClock extends SimClock {
  override schedule(at: number, run: () => void, options?: ScheduleOptions): Cancel {
    return super.schedule(at, AsyncResource.bind(run), options)
  }

  override afterPoll(run: () => void): Cancel {
    return super.afterPoll(AsyncResource.bind(run))
  }
}

interface Seen {
  readonly who: string
  readonly what: string
  readonly context: string | undefined
}

/** Two callers at once, the second a moment later; each notes in whose context what of its call ran. */
async function watch(
  clock: ContextClock,
  make: (see: (what: string) => string) => Policy<unknown>,
  work: (attempt: number) => unknown,
): Promise<Seen[]> {
  const seen: Seen[] = []
  const policies = new Map(['ann', 'bob'].map((who) => [who, who] as const))
  const see = (what: string): string => {
    const context = caller.getStore()
    seen.push({ who: context ?? 'nobody', what, context })
    return 'instead'
  }
  const policy = make(see)
  const calls = [...policies.keys()].map((who) =>
    caller.run(who, () =>
      policy.outcome(({ attempt }) => {
        seen.push({ who, what: `attempt ${attempt}`, context: caller.getStore() })
        return work(attempt)
      }),
    ),
  )
  await clock.advance(10_000)
  await Promise.all(calls)
  return seen
}

const strangers = (seen: readonly Seen[]): Seen[] => seen.filter(({ who, context }) => who !== context)
const count = (seen: readonly Seen[], what: string): string[] =>
  seen.filter((entry) => entry.what === what).map(({ who }) => who)

const again = (clock: ContextClock): Retry =>
  new Retry({ maxRetries: 2, backoff: constant({ ms: 20 }), clock })
const fail = (): Promise<never> => Promise.reject(new Error('down'))

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
    expect(count(seen, 'attempt 3')).toEqual(['ann', 'bob'])
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
    expect(count(seen, 'attempt 1')).toEqual(['ann', 'bob'])
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
    expect(count(seen, 'attempt 3')).toEqual(['ann', 'bob'])
  })
})

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

    const seen = await watch(
      clock,
      (see) => make(clock, new Fallback({ chain: [() => see('fallback')] })),
      work,
    )

    expect(strangers(seen)).toEqual([])
    expect(count(seen, 'fallback')).toEqual(['ann', 'bob'])
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
      (see) => pipeline(new Fallback({ chain: [() => see('fallback')] }), make(clock, queue)),
      never,
    )

    expect(strangers(seen)).toEqual([])
    expect(count(seen, 'fallback')).toEqual(['ann', 'bob'])
  })

  it('after the caller’s budget', async () => {
    const clock = new ContextClock()
    const contexts: unknown[] = []
    const fallback = new Fallback({ chain: [() => contexts.push(caller.getStore())] })

    const calls = ['ann', 'bob'].map((who) =>
      caller.run(who, () => fallback.execute(never, { budgetMs: 10 })),
    )
    await clock.advance(10)

    expect(
      await Promise.race([Promise.all(calls), new Promise((resolve) => setTimeout(resolve, 2_000))]),
    ).toEqual([1, 2])
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
