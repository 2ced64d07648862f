import { CallTimeoutError, openRequestScope, RequestScopeError, withRequestContext } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { faultsIn } from '../command.model.js'
import type { HystrixRuntimeError } from './hystrix-errors.js'
import { short, watched } from './hystrix.model.js'
import type { Step } from './hystrix.model.js'
import { currentRequest } from './request-context.js'

const boom = new Error('boom')
const keyed = { cacheKey: (step: Step): string | undefined => step.key }

describe('the cache of a request', () => {
  it('shares one run among equal keys, in flight and afterwards', async () => {
    const { command, clock, hooks, heard } = watched()
    const asked = command(keyed)
    await withRequestContext(async () => {
      const first = asked.start({ key: 'k', afterMs: 100, returns: 1 })
      const inFlight = asked.start({ key: 'k', returns: 2 })
      await clock.advance(100)
      hooks.length = 0
      const hit = asked.start({ key: 'k', returns: 3 })
      const other = asked.start({ key: 'k2', returns: 4 })
      const unkeyed = asked.start({ returns: 5 })
      const executions = [first, inFlight, hit, other, unkeyed]
      expect(await Promise.all(executions.map(({ result }) => result))).toEqual([1, 1, 1, 4, 5])
      expect(executions.map(({ isResponseFromCache }) => isResponseFromCache)).toEqual([
        ...[false, true, true, false, false],
      ])
      expect(hit).toMatchObject({ events: ['SUCCESS', 'RESPONSE_FROM_CACHE'], latencyMs: -1 })
      expect(hooks[0]).toBe('onCacheHit')
      expect(currentRequest()?.log.toString()).toBe(
        'A[SUCCESS][100ms]x3, A[SUCCESS, RESPONSE_FROM_CACHE][0ms]x2',
      )
    })
    expect(heard.filter((event) => event === 'RESPONSE_FROM_CACHE')).toHaveLength(2)
    await clock.advance(1_000)
    expect(asked.metrics()).toMatchObject({
      ...{ cumulative: { SUCCESS: 3, RESPONSE_FROM_CACHE: 2 }, health: { total: 3 } },
    })
  })

  it('lets who waits for a run know only that he does, until it is over', async () => {
    const { command, clock } = watched()
    const asked = command({ ...keyed, timeoutMs: 50 })
    await withRequestContext(async () => {
      asked.start({ key: 'k', afterMs: 100 }, { afterMs: 100, returns: 'late' })
      const waiting = asked.start({ key: 'k' })
      await clock.advance(80)

      expect(waiting).toMatchObject({ events: ['RESPONSE_FROM_CACHE'], executionError: undefined })
      expect(String(currentRequest()?.log)).toBe('A[TIMEOUT][50ms], A[RESPONSE_FROM_CACHE][0ms]')

      await clock.advance(100)
      expect(waiting.events).toEqual(['TIMEOUT', 'FALLBACK_SUCCESS', 'RESPONSE_FROM_CACHE'])
      expect(waiting.executionError).toBeInstanceOf(CallTimeoutError)
    })
  })

  it('keeps errors and the answers of fallbacks too', async () => {
    const { command } = watched()
    await withRequestContext(async () => {
      const asked = command(keyed)
      const failing = command({ ...keyed, name: 'B' }, false)
      expect(await asked.execute({ key: 'k', throws: boom })).toBe('fb')
      const again = asked.start({ key: 'k', returns: 'new' })
      expect(await again.result).toBe('fb')
      expect(again.events).toEqual(['FAILURE', 'FALLBACK_SUCCESS', 'RESPONSE_FROM_CACHE'])
      const errors = [failing.execute({ key: 'k', throws: boom }), failing.execute({ key: 'k' })].map(
        (result) => result.catch((error: unknown) => error),
      )
      const [first, second] = await Promise.all(errors)
      expect(second).toBe(first)
      expect((first as HystrixRuntimeError).cause).toBe(boom)
    })
  })

  it('M4: is of one request, and can be cleared by key', async () => {
    const { command } = watched()
    const asked = command(keyed)
    const run = (returns: number): Promise<unknown> => asked.execute({ key: 'k', returns })
    await withRequestContext(async () => {
      expect([await run(1), await run(2)]).toEqual([1, 1])
      expect(await withRequestContext(() => run(3))).toBe(3)
      currentRequest()?.clear('A', 'other')
      currentRequest()?.clear('A', 'k')
      expect(await run(4)).toBe(4)
    })
  })

  it('comes before the circuit', async () => {
    const { command } = watched()
    const asked = command(keyed)
    await withRequestContext(async () => {
      await asked.execute({ key: 'k', returns: 1 })
      asked.update({ properties: { 'circuitBreaker.forceOpen': true } })
      expect(await asked.execute({ key: 'k' })).toBe(1)
    })
  })

  it('needs a request: without one the call fails, without events and without a fallback', async () => {
    const { command } = watched()
    const execution = command(keyed).start({ key: 'k' })
    const error = await execution.result.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ failureType: 'COMMAND_EXCEPTION', message: 'A failed while executing.' })
    expect((error as Error).cause).toBeInstanceOf(RequestScopeError)
    expect(execution).toMatchObject({ events: [], latencyMs: -1 })
  })

  it('can be switched off', async () => {
    const { command } = watched()
    const asked = command({ ...keyed, properties: { 'requestCache.enabled': false } })
    await withRequestContext(async () => {
      await asked.execute({ key: 'k', returns: 1 })
      expect(await asked.execute({ key: 'k', returns: 2 })).toBe(2)
    })
  })

  it('C4: lets one caller leave, and cancels the run when the last has left', async () => {
    const { command, clock, hooks } = watched()
    const asked = command(keyed)
    await withRequestContext(async () => {
      const [one, two] = [new AbortController(), new AbortController()]
      const step = { key: 'k', afterMs: 100 }
      const first = asked.with({ signal: one.signal }).start(step)
      const second = asked.with({ signal: two.signal }).start(step)
      one.abort(boom)
      await expect(first.result).rejects.toBe(boom)
      expect(first.events).toEqual([])
      two.abort(boom)
      await expect(second.result).rejects.toBe(boom)
      expect(first.events).toEqual(['CANCELLED'])
      expect(short(hooks)).toContain('Unsubscribe')
      const next = asked.execute({ key: 'k', returns: 'again' })
      await clock.advance(100)
      expect(await next).toBe('again')
    })
  })
})

describe('the log of a request', () => {
  it('#92 #1653: follows the request through timers and threads', async () => {
    const { command, clock } = watched()
    const inner = command({ name: 'inner', pool: 'inner' })
    const fallback = (): Promise<unknown> => inner.execute({ returns: 'inner' })
    const asked = command({ fallback, timeoutMs: 50, threadPool: { coreSize: 1, maxQueueSize: 5 } }, false)
    const ended = withRequestContext(async () => {
      await Promise.all([asked.execute({ afterMs: 100 }), asked.execute({ afterMs: 100 })])
      return currentRequest()?.log.toString()
    })
    await clock.advance(500)
    expect(await ended).toBe('A[TIMEOUT, FALLBACK_SUCCESS][100ms]x2, inner[SUCCESS][0ms]x2')
  })

  it('can be switched off', async () => {
    const { command } = watched()
    await withRequestContext(async () => {
      await command({ properties: { 'requestLog.enabled': false } }).execute({})
      expect(currentRequest()?.log.executed).toEqual([])
    })
  })
})

describe('a request', () => {
  it('is not there outside, nor after its end', async () => {
    expect(currentRequest()).toBeUndefined()
    const scope = openRequestScope()
    scope.end()
    expect(scope.run(currentRequest)).toBeUndefined()
  })

  it('has a time, to which its commands keep', async () => {
    const { command } = watched()
    expect(faultsIn(() => withRequestContext(() => 1, { budgetMs: -1 }))).toEqual(['budgetMs'])
    await withRequestContext(
      async () => {
        expect(currentRequest()?.deadline).toBeTypeOf('number')
        expect((await command().outcome({})).kind).toBe('timeout')
      },
      { budgetMs: 0 },
    )
  })

  it('refuses work that asks for its own key, instead of letting it wait for itself', async () => {
    const { runtime, clock } = watched()
    using user = createCommand({
      ...{ name: 'User', preset: 'hystrix', runtime, clock, cacheKey: (id: string) => id },
      run: async (_call, id: string): Promise<string> => {
        await Promise.resolve()
        return id === 'top' ? 'top' : `${id} under ${await user.execute(id === 'loop' ? 'loop' : 'top')}`
      },
    })

    await withRequestContext(async () => {
      await expect(user.execute('loop')).rejects.toMatchObject({
        cause: { cause: { code: 'ERR_CIRCULAR_WAIT', message: expect.stringContaining('User') as string } },
      })
      expect(await user.execute('ann')).toBe('ann under top')
    })
  })

  it('lets work that goes on after its answer ask for its own key', async () => {
    const { runtime, clock } = watched()
    let later: Promise<string> | undefined
    using user = createCommand({
      ...{ name: 'User', preset: 'hystrix', runtime, clock, cacheKey: () => 'ann' },
      run: (): string => {
        later = new Promise(setImmediate).then(() => user.execute())
        return 'Ann'
      },
    })

    await withRequestContext(async () => {
      expect(await user.execute()).toBe('Ann')
      expect(await later).toBe('Ann')
    })
  })
})
