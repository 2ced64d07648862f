import { Bulkhead, CircuitBreaker, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { describe, expect, it } from 'vitest'
import { guard } from '../guard.js'
import type { Policy } from '../policy.js'
import { errorOf } from './deferred.model.js'
import { pipeline } from './pipeline.js'

/** Every shape of run: nothing settles early, a record, an inner stretch, something foreign. */
const shapes: [string, () => Policy<unknown>][] = [
  ['no policy', () => pipeline()],
  ['guards only', () => pipeline(new CircuitBreaker(), new Bulkhead())],
  ['a queue', () => new Bulkhead({ limit: 1, queue: { limit: 1 } })],
  ['a timeout', () => new Timeout({ timeoutMs: 1_000 })],
  ['a retry', () => new Retry({ maxRetries: 0 })],
  ['own guards', () => guard({ enter: () => undefined, exit: () => undefined })],
  ['two stretches', () => pipeline(new Bulkhead(), new CircuitBreaker(), new Timeout({ timeoutMs: 1_000 }))],
  [
    'three stretches',
    () => pipeline(new Bulkhead(), new CircuitBreaker(), new Retry({ maxRetries: 0 }), new CircuitBreaker()),
  ],
  ['something foreign', () => pipeline({ execute: (work: () => unknown) => work() } as unknown as Policy)],
  [
    'a fallback for rejections',
    () => pipeline(new Fallback({ chain: [() => 'fb'], when: ({ kind }) => kind === 'rejected' })),
  ],
]

const trap = (): never => {
  throw new Error('trap')
}

describe.each(shapes)('execute through %s', (_name, make) => {
  it.each<[string, () => unknown]>([
    ['a value', () => 7],
    ['a promise', () => Promise.resolve(7)],
    ['a bare thenable', () => ({ then: (resolve: (value: number) => void) => resolve(7) })],
    [
      'a thenable that answers later',
      () => ({ then: (resolve: (value: number) => void) => queueMicrotask(() => resolve(7)) }),
    ],
    ['a promise of a promise', () => new Promise((resolve) => resolve(Promise.resolve(7)))],
  ])('answers with %s', async (_kind, work) => {
    expect(await make().execute(work)).toBe(7)
    expect(await make().outcome(work)).toEqual({ kind: 'success', value: 7 })
  })

  it.each([undefined, null, 0, '', false, NaN])('passes %s on', async (value) => {
    expect(await make().execute(() => value)).toBe(value)
    expect(await make().execute(() => Promise.resolve(value))).toBe(value)
  })

  it('returns a genuine promise, whatever the work returns', () => {
    class OtherPromise<T> extends Promise<T> {}

    for (const work of [() => 1, () => Promise.resolve(1), () => OtherPromise.resolve(1)]) {
      expect(Object.getPrototypeOf(make().execute(work))).toBe(Promise.prototype)
    }
  })

  it.each<[string, unknown]>([
    ['an error', new Error('down')],
    ['a string', 'down'],
    ['undefined', undefined],
    ['null', null],
    ['a frozen object', Object.freeze({ down: true })],
    ['an object that cannot be read', new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap })],
  ])('lets %s of the work through as the same thing', async (_kind, thrown) => {
    const throwing = (): never => {
      throw thrown
    }
    const rejecting = (): Promise<never> => new Promise((_resolve, reject) => reject(thrown))

    const same: boolean[] = []
    for (const work of [throwing, rejecting]) {
      await make()
        .execute(work)
        .then(undefined, (error: unknown) => same.push(error === thrown))
      const outcome = await make().outcome(work)
      same.push(outcome.kind === 'failure' && outcome.error === thrown)
    }

    expect(same).toEqual([true, true, true, true])
  })

  it('calls the work once, in the turn of the call', async () => {
    let calls = 0

    const answer = make().execute(() => ++calls)

    expect(calls).toBe(1)
    expect(await answer).toBe(1)
    expect(calls).toBe(1)
  })

  it.each([undefined, null, 'work', {}, Promise.resolve(1)])('refuses %s as work', async (work) => {
    const expected = { code: 'ERR_INVALID_OPTIONS', issues: [{ path: 'work', expected: 'a function' }] }

    expect(await errorOf(make().execute(work as () => void))).toMatchObject(expected)
    expect(await make().outcome(work as () => void)).toMatchObject({ kind: 'failure', error: expected })
  })
})

describe.each(shapes)('wrap with %s', (_name, make) => {
  it('keeps the arguments, their number, and this', async () => {
    const seen: unknown[][] = []
    const greeter = {
      greeting: 'hello',
      greet: make().wrap(function (this: { greeting: string }, ...names: string[]) {
        seen.push(names)
        return [this.greeting, ...names].join(' ')
      }),
    }

    expect(await greeter.greet('a', 'b')).toBe('hello a b')
    expect(await greeter.greet()).toBe('hello')
    expect(seen).toEqual([['a', 'b'], []])
  })

  it('keeps the name of the function and the number of its parameters', () => {
    function onError(_error: unknown, _request: unknown, _response: unknown, next: () => void) {
      next()
    }
    const wrapped = make().wrap(onError)

    expect(wrapped).toHaveLength(4)
    expect(Object.getOwnPropertyDescriptor(wrapped, 'name')).toEqual(
      Object.getOwnPropertyDescriptor(onError, 'name'),
    )
    expect(Object.getOwnPropertyDescriptor(wrapped, 'length')).toEqual(
      Object.getOwnPropertyDescriptor(onError, 'length'),
    )
  })

  it('gives the function what it is called with, and no call of ours', async () => {
    const wrapped = make().wrap((...args: unknown[]) => args.length)

    expect(await wrapped(undefined)).toBe(1)
  })

  it('turns a throw into a rejection', async () => {
    const boom = new Error('boom')
    const wrapped = make().wrap((): number => {
      throw boom
    })

    expect(await errorOf(wrapped())).toBe(boom)
  })

  it('refuses what is no function, at once', () => {
    expect(() => make().wrap(undefined as unknown as () => void)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_OPTIONS',
        message: expect.stringContaining('for wrap:') as string,
        issues: [expect.objectContaining({ path: 'fn', expected: 'a function' })],
      }) as Error,
    )
  })
})

describe('outcome', () => {
  it('names each way to end', async () => {
    const aborted = AbortSignal.abort('enough')
    const open = new CircuitBreaker()
    open.forceOpen()
    const ignoring = new CircuitBreaker({ classify: () => 'ignored' })
    const fail = (): never => {
      throw new Error('x')
    }

    expect(await open.outcome(() => 1)).toMatchObject({
      kind: 'rejected',
      error: { code: 'ERR_CIRCUIT_OPEN' },
    })
    expect(await ignoring.outcome(fail)).toMatchObject({ kind: 'ignored', error: { message: 'x' } })
    expect(await pipeline().outcome(() => 1, { signal: aborted })).toEqual({
      kind: 'cancelled',
      error: 'enough',
    })
    expect(await pipeline().outcome(() => 1, { budgetMs: 0 })).toMatchObject({ kind: 'timeout' })
  })

  it('is a success when a fallback answered', async () => {
    const fallback = new Fallback({ chain: [() => 'instead'] })

    expect(await fallback.outcome(() => Promise.reject(new Error('x')))).toEqual({
      kind: 'success',
      value: 'instead',
    })
  })

  it('keeps the kind of the call when its fallback failed', async () => {
    const open = new CircuitBreaker()
    open.forceOpen()
    const fallback = new Fallback({ chain: [() => Promise.reject(new Error('no answer'))] })

    expect(await pipeline(fallback, open).outcome(() => 1)).toMatchObject({
      kind: 'rejected',
      error: { code: 'ERR_FALLBACK_FAILED' },
    })
  })
})
