import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { InvalidOptionsError, RateLimitedError } from '../errors.js'
import { guard } from '../guard.js'
import type { Call, CallOptions, Work } from '../call.js'
import type { Policy } from '../policy.js'
import { errorOf, never } from './deferred.model.js'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'

function issuesOf(compose: () => unknown): { path: string; expected: string }[] {
  try {
    compose()
  } catch (error) {
    if (error instanceof InvalidOptionsError)
      return error.issues.map(({ path, expected }) => ({ path, expected }))
    throw error
  }
  return []
}

/** A policy of somebody else: all that is known of it is `execute`. */
class Foreign {
  readonly seen: (AbortSignal | undefined)[] = []

  async execute<R>(work: Work<R>, options?: CallOptions): Promise<R> {
    this.seen.push(options?.signal)
    // A foreign policy has no call of ours to give.
    return await work({} as Call)
  }
}

const asPolicy = (foreign: unknown): Policy => foreign as Policy

describe('pipeline', () => {
  it('without policies just runs the work', async () => {
    const nothing = pipeline()

    expect(await nothing.execute(() => 'ran')).toBe('ran')
    expect(nothing.describe()).toEqual([])
  })

  it('describes its policies, outermost first, with options in force', () => {
    const stack = pipeline(
      new Fallback({ chain: [() => 0], name: 'cached' }),
      new Retry({ maxRetries: 3, name: 'again' }),
      new CircuitBreaker({ name: 'users' }),
      new Bulkhead({ limit: 7 }),
      guard({ name: 'hours', enter: () => undefined, exit: () => undefined }),
      new Timeout({ timeoutMs: 250 }),
    )

    expect(stack.describe().map(({ kind, name }) => [kind, name])).toEqual([
      ['fallback', 'cached'],
      ['retry', 'again'],
      ['circuit-breaker', 'users'],
      ['bulkhead', undefined],
      ['guard', 'hours'],
      ['timeout', undefined],
    ])
    expect(stack.describe()[1]?.options).toMatchObject({ maxRetries: 3 })
    expect(stack.describe()[5]?.options).toEqual({ timeoutMs: 250 })
    expect(Object.isFrozen(stack.describe()[5]?.options)).toBe(true)
  })

  it('describes a change of options', () => {
    const timeout = new Timeout({ timeoutMs: 250 })
    const stack = pipeline(timeout)

    timeout.update({ timeoutMs: 100 })

    expect(stack.describe()[0]?.options).toEqual({ timeoutMs: 100 })
  })

  it('runs calls though the time around a timeout has become the shorter one before the first of them', async () => {
    const outer = new Timeout({ timeoutMs: 1_000 })
    const stack = pipeline(outer, new Retry(), new Timeout({ timeoutMs: 500 }))

    outer.update({ timeoutMs: 300 })

    expect(await stack.execute(() => 'value')).toBe('value')
    expect(await stack.outcome(() => 'value')).toEqual({ kind: 'success', value: 'value' })
  })

  it('takes the name of its outermost named policy', async () => {
    const stack = pipeline(
      new Bulkhead(),
      new CircuitBreaker({ name: 'users' }),
      new Timeout({ timeoutMs: 9, name: 't' }),
    )

    expect(await stack.execute((call) => call.name)).toBe('users')
  })

  it('takes pipelines inside of pipelines apart', async () => {
    const bulkhead = new Bulkhead({ limit: 1 })
    const inner = pipeline(new CircuitBreaker(), bulkhead)
    const outer = pipeline(new Retry(), inner, new Timeout({ timeoutMs: 100 }))

    expect(outer.describe().map(({ kind }) => kind)).toEqual([
      'retry',
      'circuit-breaker',
      'bulkhead',
      'timeout',
    ])
    expect(await outer.execute(() => bulkhead.snapshot().running)).toBe(1)
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('shares the state of a policy that stands in two pipelines', async () => {
    const bulkhead = new Bulkhead({ limit: 1 })
    const fast = pipeline(bulkhead, new Timeout({ timeoutMs: 10 }))
    const slow = pipeline(new CircuitBreaker(), bulkhead)

    void slow.execute(never)

    expect(await errorOf(fast.execute(never))).toMatchObject({ code: 'ERR_BULKHEAD_FULL' })
    expect(await errorOf(bulkhead.execute(never))).toMatchObject({ code: 'ERR_BULKHEAD_FULL' })
  })
})

describe('pipeline refuses', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a function', () => 1],
    ['an object without execute', { run: () => 1 }],
    ['a string', 'timeout'],
  ])('%s', (_name, notAPolicy) => {
    expect(issuesOf(() => pipeline(new Bulkhead(), notAPolicy as Policy))).toEqual([
      { path: 'policies[1]', expected: 'a policy: an object with an execute function' },
    ])
    expect(() => pipeline(notAPolicy as Policy)).toThrow('Invalid arguments for pipeline:')
  })

  it('a fallback inside of a breaker, at composition', () => {
    const compose = (): unknown => pipeline(new CircuitBreaker(), new Fallback({ chain: [() => 0] }))

    expect(issuesOf(compose)).toEqual([
      { path: 'policies[1]', expected: expect.stringContaining('fallback outside of the breaker') as string },
    ])
  })

  it('the same policy twice, also when it hides in a pipeline', () => {
    const breaker = new CircuitBreaker()

    expect(issuesOf(() => pipeline(breaker, pipeline(new Bulkhead(), breaker)))).toEqual([
      { path: 'policies[2]', expected: expect.stringContaining('each policy once') as string },
    ])
  })

  it('a timeout that can never fire', () => {
    const compose = (): unknown =>
      pipeline(new Timeout({ timeoutMs: 10 }), new Retry(), new Timeout({ timeoutMs: 11 }))

    expect(issuesOf(compose).map(({ path }) => path)).toEqual(['policies[2]'])
  })

  it('policies on different clocks', () => {
    const compose = (): unknown =>
      pipeline(new Timeout({ timeoutMs: 10, clock: new SimClock() }), new Retry({ clock: new SimClock() }))

    expect(issuesOf(compose)).toEqual([
      { path: 'policies', expected: 'the same clock in all of its policies' },
    ])
    expect(compose).toThrow('Invalid arguments for pipeline:')
    expect(compose).toThrow('received "2 clocks"')
  })

  it('but lets policies without a clock of their own join one that has', async () => {
    const clock = new SimClock()
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 40 }), clock })
    const stack = pipeline(new Fallback({ chain: [({ attempt }) => attempt] }), retry)

    const answer = stack.execute(() => Promise.reject(new Error('down')))
    await clock.advance(40)

    expect(await answer).toBe(2)
  })
})

describe('a guard that refuses', () => {
  it.each([
    ['its name', 'hours', 'hours'],
    ['what it is, where it has no name', undefined, 'guard'],
  ])('is told to a fallback by %s', async (_how, name, expected) => {
    const enter = (): RateLimitedError => new RateLimitedError('closed')
    const closed = guard({ ...(name === undefined ? {} : { name }), enter, exit: () => undefined })

    expect(await pipeline(new Fallback({ chain: [({ policy }) => policy] }), closed).execute(never)).toBe(
      expected,
    )
  })
})

describe('a foreign policy', () => {
  it('runs the work through its execute', async () => {
    const foreign = new Foreign()
    const stack = pipeline(new Bulkhead(), asPolicy(foreign))

    expect(await stack.execute(({ attempt }) => `attempt ${attempt}`)).toBe('attempt 1')
    expect(foreign.seen).toEqual([expect.any(AbortSignal)])
    expect(stack.describe().map(({ kind }) => kind)).toEqual(['bulkhead', 'foreign'])
  })

  it('hears through its signal that the time is over', async () => {
    const clock = new SimClock()
    const foreign = new Foreign()
    const stack = pipeline(new Timeout({ timeoutMs: 10, clock }), asPolicy(foreign))

    const error = errorOf(stack.execute(never))
    await clock.advance(10)

    expect(foreign.seen[0]?.reason).toBe(await error)
  })

  it('has ours around it and inside of it', async () => {
    const clock = new SimClock()
    const foreign = new Foreign()
    const inner = new Timeout({ timeoutMs: 10, clock })
    const stack = pipeline(
      new Retry({ maxRetries: 2, backoff: constant({ ms: 1 }), clock }),
      asPolicy(foreign),
      inner,
    )

    const error = errorOf(stack.execute(never))
    await clock.advance(100)

    expect(await error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(foreign.seen).toHaveLength(3)
    expect(inner.expirations).toBe(3)
  })

  it('that throws at once fails the call and keeps no slot', async () => {
    const boom = new Error('foreign')
    const bulkhead = new Bulkhead({ limit: 1 })
    const throwing = asPolicy({
      execute: () => {
        throw boom
      },
    })

    expect(await errorOf(pipeline(bulkhead, throwing).execute(() => 1))).toBe(boom)
    expect(bulkhead.snapshot().running).toBe(0)
  })
})

describe('buildRunner', () => {
  it('names the runner as told', async () => {
    const runner = buildRunner(stagesOf(new Timeout({ timeoutMs: 10 }), 0), 'GetUser')

    expect(await runner.execute((call) => call.name, undefined)).toBe('GetUser')
  })

  it('refuses what pipeline refuses', () => {
    const retry = new Retry()
    const stages = [...stagesOf(retry, 0), ...stagesOf(retry, 1)]

    expect(() => buildRunner(stages, undefined)).toThrow('each policy once')
  })
})
