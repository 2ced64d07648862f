import { Bulkhead, CircuitBreaker, Timeout } from '@breakwater/breaker'
import { onInternalError, pipeline } from '@breakwater/kernel'
import type { FallbackCause, Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { boom, errorOf, fail, never, throwing } from './failing.model.js'
import { Fallback } from './fallback.js'
import type { FallbackHandler } from './fallback-options.js'

describe('a fallback', () => {
  it('is not asked when the call succeeds', async () => {
    const handler = vi.fn()

    expect(await new Fallback({ chain: [handler] }).execute(() => 'fine')).toBe('fine')
    expect(handler).not.toHaveBeenCalled()
  })

  it.each<[string, FallbackHandler]>([
    ['at once', () => 'instead'],
    ['with a promise', () => Promise.resolve('instead')],
    ['with a thenable', () => ({ then: (resolve: (value: string) => void) => resolve('instead') })],
  ])('answers in place of a failure, %s', async (_name, handler) => {
    const fallback = new Fallback({ chain: [handler] })

    expect(await fallback.execute(fail)).toBe('instead')
    expect(await fallback.execute(throwing(boom))).toBe('instead')
    expect(fallback.running).toBe(0)
  })

  it.each([undefined, null, 0, '', false])('may answer %s', async (answer) => {
    expect(await new Fallback({ chain: [() => answer, () => 'next'] }).execute(fail)).toBe(answer)
  })

  it('is told why: the kind, the same error, the policy and the attempt', async () => {
    const clock = new SimClock()
    const causes: FallbackCause[] = []
    const fallback = (): Fallback => new Fallback({ chain: [(cause) => causes.push(cause)] })
    const open = new CircuitBreaker()
    open.forceOpen()
    const full = new Bulkhead({ limit: 1 })
    void full.execute(never)

    await fallback().execute(fail)
    await pipeline(fallback(), open).execute(() => 1)
    await pipeline(fallback(), full).execute(() => 1)
    const late = pipeline(fallback(), new Timeout({ timeoutMs: 10, clock })).execute(never)
    await clock.advance(10)
    await late

    expect(causes[0]).toEqual({ kind: 'failure', error: boom, policy: undefined, attempt: 1 })
    expect(causes[0]?.error).toBe(boom)
    expect(causes.slice(1)).toMatchObject([
      { kind: 'rejected', error: { code: 'ERR_CIRCUIT_OPEN' }, policy: 'breaker' },
      { kind: 'rejected', error: { code: 'ERR_BULKHEAD_FULL' }, policy: 'bulkhead' },
      { kind: 'timeout', error: { code: 'ERR_TIMEOUT' }, policy: 'timeout' },
    ])
  })

  it('gets the arguments of the wrapped function behind the call, each handler the same', async () => {
    const asked: unknown[] = []
    const fallback = new Fallback({
      chain: [
        (_cause, _call, ...args: unknown[]) => {
          asked.push(args)
          return Promise.reject(boom)
        },
        (_cause, _call, id: string, list: readonly number[]) => `guest ${id} of ${String(list?.length)}`,
      ],
    })
    const find = pipeline(fallback, new CircuitBreaker()).wrap((id: string, list: number[]): string =>
      throwing(new Error(id + String(list)))(),
    )

    expect(await find('42', [1, 2])).toBe('guest 42 of 2')
    expect(await fallback.execute(fail)).toBe('guest undefined of undefined')
    expect(asked).toEqual([['42', [1, 2]], []])
  })

  it('gets the call', async () => {
    const names: unknown[] = []
    const fallback = new Fallback({
      chain: [(_cause, call) => names.push([call.name, call.attempt, call.deadline, call.remainingMs()])],
    })
    const open = new CircuitBreaker({ name: 'users' })
    open.forceOpen()

    await pipeline(fallback, open).execute(() => 1)
    await pipeline(fallback, open).execute(() => 1, {})

    expect(names).toEqual([
      ['users', 1, undefined, Infinity],
      ['users', 1, undefined, Infinity],
    ])
    open.dispose()
  })
})

describe('the chain', () => {
  it('F1: asks one after the other until one answers, each with the same cause', async () => {
    const asked: [number, unknown][] = []
    const note =
      (index: number, answer: () => unknown): FallbackHandler =>
      (cause) => {
        asked.push([index, cause.error])
        return answer()
      }
    const fallback = new Fallback({
      chain: [
        note(0, throwing(new Error('a'))),
        note(1, () => Promise.reject(new Error('b'))),
        note(2, () => 'third'),
        note(3, () => 'fourth'),
      ],
    })

    expect(await fallback.execute(fail)).toBe('third')
    expect(asked).toEqual([
      [0, boom],
      [1, boom],
      [2, boom],
    ])
  })

  it('F1: when none answers, fails with both: why the call failed, and why the last handler did', async () => {
    const last = new Error('last')
    const fallback = new Fallback({ chain: [throwing(new Error('first')), () => Promise.reject(last)] })

    const error = await errorOf(fallback.execute(fail))

    expect(error).toMatchObject({ code: 'ERR_FALLBACK_FAILED', status: 503 })
    expect(error.cause).toBe(boom)
    expect(error.fallbackError).toBe(last)
    expect(fallback.running).toBe(0)
  })

  it('of a hundred handlers that throw at once ends', async () => {
    const fallback = new Fallback({ chain: Array.from({ length: 100 }, () => throwing(boom)) })

    expect((await errorOf(fallback.execute(fail))).fallbackError).toBe(boom)
  })

  it('asks no further handler when the caller has given up', async () => {
    const controller = new AbortController()
    const second = vi.fn()
    const fallback = new Fallback({
      chain: [
        async () => {
          controller.abort('bye')
          throw new Error('first')
        },
        second,
      ],
    })

    expect(await fallback.outcome(fail, { signal: controller.signal })).toEqual({
      kind: 'cancelled',
      error: 'bye',
    })
    await new Promise(setImmediate)

    expect(second).not.toHaveBeenCalled()
    expect(fallback.running).toBe(0)
  })
})

describe('F1: a fallback is there', () => {
  const ways: [string, () => Policy<unknown>, () => unknown, boolean][] = [
    ['a failure', () => new Bulkhead(), fail, true],
    [
      'a rejection',
      () => {
        const open = new CircuitBreaker()
        open.forceOpen()
        return open
      },
      fail,
      true,
    ],
    ['an ignored error', () => new CircuitBreaker({ classify: () => 'ignored' }), fail, false],
  ]

  it.each(ways)('for %s or not', async (_name, make, work, isAsked) => {
    const handler = vi.fn(() => 'instead')

    const outcome = await pipeline(new Fallback({ chain: [handler] }), make()).outcome(work)

    expect(handler).toHaveBeenCalledTimes(isAsked ? 1 : 0)
    expect(outcome.kind).toBe(isAsked ? 'success' : 'ignored')
  })

  it('never for a caller who aborts, whatever when says', async () => {
    const controller = new AbortController()
    const when = vi.fn(() => true)
    const handler = vi.fn()
    const outcome = new Fallback({ chain: [handler], when }).outcome(never, { signal: controller.signal })

    controller.abort('bye')

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'bye' })
    expect(when).not.toHaveBeenCalled()
    expect(handler).not.toHaveBeenCalled()
  })

  it('for what when says, ignored errors too; otherwise the error passes as it is', async () => {
    const seen: unknown[] = []
    const when = (cause: FallbackCause): boolean => {
      seen.push(cause.kind)
      return cause.kind === 'ignored'
    }
    const fallback = new Fallback({ chain: [() => 'instead'], when })
    const ignoring = new CircuitBreaker({ classify: () => 'ignored' })

    expect(await pipeline(fallback, ignoring).outcome(fail)).toEqual({ kind: 'success', value: 'instead' })
    const untouched = await fallback.outcome(fail)

    expect(untouched.kind === 'failure' && untouched.error).toBe(boom)
    expect(seen).toEqual(['ignored', 'failure'])
  })

  it('not when when throws or answers nonsense; a throw is reported', async () => {
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))

    const outcomes = [
      await new Fallback({ chain: [() => 1], when: throwing(new Error('mine')) }).outcome(fail),
      await new Fallback({ chain: [() => 1], when: () => 'yes' as unknown as boolean }).outcome(fail),
    ]
    unsubscribe()

    expect(outcomes).toEqual([
      { kind: 'failure', error: boom },
      { kind: 'failure', error: boom },
    ])
    expect(reported).toEqual(['when'])
  })
})
