import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Call } from './call.js'
import { RateLimitedError } from './errors.js'
import { guard } from './guard.js'
import type { Guard } from './guard.js'
import { onInternalError } from './internal-errors.js'
import type { Outcome } from './outcome.js'
import { pipeline } from './pipeline/pipeline.js'
import type { Policy } from './policy.js'

const reported = vi.fn()
let unsubscribe = (): void => undefined
beforeEach(() => {
  reported.mockReset()
  unsubscribe = onInternalError((error, where) => reported(where, (error as Error).message))
})
afterEach(() => unsubscribe())

/** A guard that notes what it is asked and told. */
function noting(log: string[], name: string, refuse?: () => RateLimitedError | undefined): Guard {
  return {
    name,
    enter: ({ attempt }) => {
      log.push(`${name} enter ${attempt}`)
      return refuse?.()
    },
    exit: ({ attempt }, { kind }) => void log.push(`${name} exit ${attempt} ${kind}`),
  }
}

const never = (): Promise<never> => new Promise(() => undefined)

describe('a guard of one’s own', () => {
  it('is asked before the work and told its end, once, with the same call', async () => {
    const calls: Call[] = []
    const outcomes: Outcome<unknown>[] = []
    const rule = guard({
      enter: (call) => void calls.push(call),
      exit: (call, outcome) => {
        calls.push(call)
        outcomes.push(outcome)
      },
    })

    await rule.execute((call) => {
      calls.push(call)
      return 'answer'
    })

    expect(outcomes).toEqual([{ kind: 'success', value: 'answer' }])
    expect(calls).toHaveLength(3)
    expect(new Set(calls).size).toBe(1)
  })

  it('sees the time that the work will have', async () => {
    const seen: unknown[] = []
    const rule = guard({ enter: ({ deadline }) => void seen.push(deadline), exit: () => undefined })
    const clock = new SimClock({ startMs: 1_000 })

    await pipeline(rule, new Timeout({ timeoutMs: 50, clock })).execute(({ deadline }) => seen.push(deadline))

    expect(seen).toEqual([1_050, 1_050])
  })

  it('refuses a call with its error: the work does not start', async () => {
    const error = new RateLimitedError('closed')
    const work = vi.fn()
    const exit = vi.fn()

    const outcome = await guard({ enter: () => error, exit }).outcome(work)

    expect(outcome).toEqual({ kind: 'rejected', error })
    expect(work).not.toHaveBeenCalled()
    expect(exit).not.toHaveBeenCalled()
  })

  it('is asked from the outside in and told from the inside out', async () => {
    const log: string[] = []

    await pipeline(guard(noting(log, 'a')), guard(noting(log, 'b')), guard(noting(log, 'c'))).execute(() => 1)

    expect(log).toEqual([
      'a enter 1',
      'b enter 1',
      'c enter 1',
      'c exit 1 success',
      'b exit 1 success',
      'a exit 1 success',
    ])
  })

  it('that had admitted is told when one inside refuses', async () => {
    const log: string[] = []
    const refuse = (): RateLimitedError => new RateLimitedError('no')
    const stack = pipeline(
      guard(noting(log, 'a')),
      guard(noting(log, 'b')),
      guard(noting(log, 'c', refuse)),
      guard(noting(log, 'd')),
    )

    expect((await stack.outcome(() => 1)).kind).toBe('rejected')
    expect(log).toEqual(['a enter 1', 'b enter 1', 'c enter 1', 'b exit 1 rejected', 'a exit 1 rejected'])
  })

  it('hears of each attempt, once', async () => {
    const clock = new SimClock()
    const log: string[] = []
    const stack = pipeline(
      new Retry({ maxRetries: 1, backoff: constant({ ms: 5 }), clock }),
      guard(noting(log, 'a')),
      new Timeout({ timeoutMs: 10, clock }),
    )

    const outcome = stack.outcome(({ attempt }) =>
      attempt === 1 ? new Promise((resolve) => clock.io(30, resolve as () => void)) : 2,
    )
    await clock.advance(100)

    expect((await outcome).kind).toBe('success')
    expect(log).toEqual(['a enter 1', 'a exit 1 timeout', 'a enter 2', 'a exit 2 success'])
  })

  it.each<[string, (log: string[]) => Policy[], string]>([
    [
      'an open circuit',
      (log) => {
        const open = new CircuitBreaker()
        open.forceOpen()
        return [guard(noting(log, 'a')), open]
      },
      'rejected',
    ],
    [
      'a full bulkhead',
      (log) => {
        const full = new Bulkhead({ limit: 1 })
        void full.execute(never)
        return [guard(noting(log, 'a')), full]
      },
      'rejected',
    ],
    [
      'an ignored error',
      (log) => [guard(noting(log, 'a')), new CircuitBreaker({ classify: () => 'ignored' })],
      'ignored',
    ],
    [
      'an inner stretch',
      (log) => [guard(noting(log, 'a')), new Bulkhead(), guard(noting(log, 'b')), new Bulkhead()],
      'failure',
    ],
  ])('hears of %s inside of it', async (_name, make, kind) => {
    const log: string[] = []

    await pipeline(...make(log)).outcome(() => Promise.reject(new Error('down')))

    expect(log.filter((entry) => entry.startsWith('a'))).toEqual(['a enter 1', `a exit 1 ${kind}`])
  })

  it('hears cancelled from who leaves a queue, and from who is aborted while running', async () => {
    const log: string[] = []
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 } })
    const controller = new AbortController()
    const stack = pipeline(guard(noting(log, 'a')), bulkhead)
    const options = { signal: controller.signal }

    const outcomes = [stack.outcome(never, options), stack.outcome(never, options)]
    controller.abort()
    await Promise.all(outcomes)

    expect(log).toEqual(['a enter 1', 'a enter 1', 'a exit 1 cancelled', 'a exit 1 cancelled'])
  })

  it('hears cancelled, and no timeout, from who never left a queue: of the dependency that says nothing', async () => {
    const clock = new SimClock()
    const log: string[] = []
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 9 }, clock })
    void bulkhead.execute(never)
    const whole = new Timeout({ timeoutMs: 10, clock })

    const ends = [
      pipeline(whole, guard(noting(log, 'a')), bulkhead).outcome(never),
      pipeline(
        whole,
        guard(noting(log, 'b')),
        new CircuitBreaker({ clock }),
        new Retry({ clock }),
        bulkhead,
      ).outcome(never),
    ]
    await clock.advance(10)

    expect((await Promise.all(ends)).map(({ kind }) => kind)).toEqual(['timeout', 'timeout'])
    expect(log.filter((entry) => entry.includes('exit'))).toEqual([
      'a exit 1 cancelled',
      'b exit 1 cancelled',
    ])
  })

  it('that throws when asked admits, and is told as if it had', async () => {
    const exit = vi.fn()
    const rule = guard({
      name: 'hours',
      enter: () => {
        throw new Error('enter')
      },
      exit,
    })

    expect(await rule.execute(() => 'served')).toBe('served')
    expect(exit).toHaveBeenCalledTimes(1)
    expect(reported.mock.calls).toEqual([['guard hours', 'enter']])
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a word', 'no'],
    ['a promise', Promise.resolve(new RateLimitedError('too late'))],
  ])('that answers %s, which is no error, refuses nobody with it', async (_, answer) => {
    const rule = guard({ name: 'hours', enter: () => answer as undefined, exit: () => undefined })

    expect(await rule.execute(() => 'served')).toBe('served')
    expect(reported.mock.calls).toEqual([['guard hours', 'enter must answer undefined or an error, at once']])
  })

  it('hears one end of a call that is aborted by who hears that it waited too long', async () => {
    const clock = new SimClock()
    const log: string[] = []
    const caller = new AbortController()
    const full = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 5 }, clock })
    void full.execute(never)
    full.on('rejected', () => caller.abort('gone'))

    const outcome = pipeline(guard(noting(log, 'a')), full).outcome(() => 1, { signal: caller.signal })
    await clock.advance(5)

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'gone' })
    expect(log).toEqual(['a enter 1', 'a exit 1 cancelled'])
  })

  it('that throws when told changes nothing for the call and for others', async () => {
    const log: string[] = []
    const rule = guard({
      enter: () => undefined,
      exit: () => {
        throw new Error('exit')
      },
    })

    expect(await pipeline(guard(noting(log, 'a')), rule).execute(() => 'served')).toBe('served')
    expect(log).toEqual(['a enter 1', 'a exit 1 success'])
    expect(reported.mock.calls).toEqual([['guard guard', 'exit']])
  })
})
