import { openRequestScope, pipeline, RequestScopeError, withRequestContext } from '@breakwater/kernel'
import { Retry } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { startRuns, stateOf, turn } from '../load.model.js'
import { RequestCache } from './request-cache.js'

const boom = new Error('boom')
const inProcess = (options: object = {}): RequestCache =>
  new RequestCache({ scope: 'process', clock: new SimClock(), ...options })

describe('a request cache', () => {
  it('makes one call for all who ask for the same while it is under way', async () => {
    const runs = startRuns()
    const cache = inProcess()

    const both = [cache.load('k', runs.work), cache.load('k', runs.work)]
    const other = cache.load('other', runs.work)
    await runs.answer(0, 'answer')

    expect(await stateOf([...both, other])).toEqual(['answer', 'answer', 'pending'])
    expect(runs.calls).toHaveLength(2)
  })

  it('gives the answer for the rest of the request, and to no other request', async () => {
    const work = vi.fn(() => ({}))
    const cache = new RequestCache()
    const [one, other] = [openRequestScope(), openRequestScope()]

    const answer = await one.run(() => cache.load('k', work))

    expect(await one.run(() => cache.load('k', work))).toBe(answer)
    expect(one.run(() => cache.size)).toBe(1)
    expect(await other.run(() => cache.load('k', work))).not.toBe(answer)
    expect(work).toHaveBeenCalledTimes(2)
  })

  it('in the process, gives it as long as it is told to: by default only while under way', async () => {
    const clock = new SimClock()
    const work = vi.fn(() => 'answer')
    const [shared, lasting] = [inProcess({ clock }), inProcess({ clock, ttlMs: 100 })]
    const ask = (cache: RequestCache): Promise<unknown> => cache.load('k', work)

    await ask(shared)
    await ask(shared)
    expect(work).toHaveBeenCalledTimes(2)
    await ask(lasting)
    await clock.advance(99)
    await ask(lasting)
    expect(work).toHaveBeenCalledTimes(3)
    await clock.advance(1)
    await ask(lasting)
    expect(work).toHaveBeenCalledTimes(4)
  })

  it('makes its keys of the call and of the arguments of a wrapped function, alone and in a pipeline', async () => {
    const find = vi.fn((id: string, from: number) => `${id}${from}`)
    const key = vi.fn((_call: unknown, id: string) => id)
    const [alone, inside] = [inProcess({ key, ttlMs: 50 }), inProcess({ key, ttlMs: 50 })]
    const wrapped = [alone.wrap(find), pipeline(inside, new Retry()).wrap(find)]

    for (const ask of wrapped) {
      expect([await ask('a', 1), await ask('a', 2), await ask('b', 3)]).toEqual(['a1', 'a1', 'b3'])
    }
    expect(find).toHaveBeenCalledTimes(4)
    expect(key).toHaveBeenCalledTimes(6)
  })

  it.each([undefined, null])('leaves calls with the key %s alone', async (key) => {
    const work = vi.fn(() => 'answer')
    const cache = inProcess({ ttlMs: 50 })

    await Promise.all([cache.load(key, work), cache.load(key, work)])

    expect(work).toHaveBeenCalledTimes(2)
    expect(cache.size).toBe(0)
  })

  it('outside of any request fails, and so it does after the end of its own', async () => {
    const cache = new RequestCache()
    const scope = openRequestScope()
    scope.end()
    const work = vi.fn()

    const errors = await stateOf([cache.load('k', work), scope.run(() => cache.load('k', work))])

    expect(errors.map((error) => error instanceof RequestScopeError && error.reason)).toEqual([
      'missing',
      'ended',
    ])
    expect(work).not.toHaveBeenCalled()
  })

  it('without a key says so', async () => {
    await expect(inProcess().execute(() => 1)).rejects.toMatchObject({ issues: [{ path: 'key' }] })
    await expect(inProcess().load('k', 5 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS' })
  })

  it('whose key throws fails the call with that', async () => {
    const cache = inProcess({
      key: () => {
        throw boom
      },
    })

    await expect(cache.execute(() => 1)).rejects.toBe(boom)
  })

  it('hides its own input from the work', async () => {
    const work = vi.fn().mockReturnValue(1)

    await inProcess().load('k', work)

    expect(work.mock.calls[0]).toHaveLength(1)
  })

  it('tells of hits, shared calls and misses', async () => {
    const cache = inProcess({ ttlMs: 50 })
    const events: unknown[] = []
    for (const event of ['hit', 'shared', 'miss'] as const) {
      cache.on(event, ({ key }) => events.push([event, key]))
    }

    await Promise.all([cache.load(['k', 1], () => 1), cache.load(['k', 1], () => 1)])
    await cache.load(['k', 1], () => 1)

    expect(events).toEqual([
      ['miss', ['k', 1]],
      ['shared', ['k', 1]],
      ['hit', ['k', 1]],
    ])
  })
})

describe('failures', () => {
  it('reach all who share the call, and are not kept', async () => {
    const runs = startRuns()
    const cache = inProcess({ ttlMs: 50 })
    const both = [cache.load('k', runs.work), cache.load('k', runs.work)]

    runs.fail(0, boom)
    expect(await stateOf(both)).toEqual([boom, boom])
    const again = cache.load('k', runs.work)
    await runs.answer(1, 'answer')

    expect(await again).toBe('answer')
  })

  it('of work that throws at once are failures like others', async () => {
    const cache = inProcess()

    const thrown = cache.load('k', () => {
      throw boom
    })

    await expect(thrown).rejects.toBe(boom)
    expect(await cache.load('k', () => 'answer')).toBe('answer')
  })

  it('are kept for the request where Hystrix is followed (S29)', async () => {
    const cache = new RequestCache({ compat: 'hystrix-1.5.18' })
    const work = vi.fn(() => Promise.reject(boom))

    const seen = await withRequestContext(async () => [
      ...(await stateOf([cache.load('k', work)])),
      ...(await stateOf([cache.load('k', work)])),
    ])

    expect(seen).toEqual([boom, boom])
    expect(work).toHaveBeenCalledTimes(1)
  })
})

describe('clear', () => {
  it('forgets one key, or all', async () => {
    const cache = inProcess({ ttlMs: 50 })
    const work = vi.fn((): number => work.mock.calls.length)
    const ask = (): Promise<number[]> => Promise.all([cache.load(['k', 1], work), cache.load('k', work)])

    expect(await ask()).toEqual([1, 2])
    cache.clear(['k', 1])
    expect(await ask()).toEqual([3, 2])
    cache.clear()
    expect(await ask()).toEqual([4, 5])
    expect(cache.size).toBe(2)
  })

  it('makes who comes later wait for a new call, and leaves those who wait theirs', async () => {
    const runs = startRuns()
    const cache = inProcess({ ttlMs: 50 })
    const before = cache.load('k', runs.work)

    cache.clear('k')
    const after = cache.load('k', runs.work)
    await runs.answer(1, 'new')
    await runs.answer(0, 'old')

    expect(await stateOf([before, after, cache.load('k', runs.work)])).toEqual(['old', 'new', 'new'])
  })

  it('outside of any request does nothing', () => {
    expect(() => new RequestCache().clear('k')).not.toThrow()
  })
})

describe('the end of the request', () => {
  it('forgets its answers, also those still to come, which their callers get', async () => {
    const runs = startRuns()
    const cache = new RequestCache()
    const scope = openRequestScope()
    const answer = scope.run(() => cache.load('k', runs.work))
    await turn()

    scope.end()
    await runs.answer(0, 'late')

    expect(await answer).toBe('late')
    expect(runs.calls[0]?.signal.aborted).toBe(false)
    expect(scope.run(() => cache.size)).toBe(0)
  })
})
