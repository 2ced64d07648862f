import { describe, expect, it, vi } from 'vitest'
import { onInternalError } from '../internal-errors.js'
import { currentRequestScope, openRequestScope, withRequestContext } from './request-scope.js'
import type { RequestScope } from './request-scope.js'

const boom = new Error('boom')

/** What the platform runs in a turn of its own finds the scope or does not: no simulated clock can show that. */
const loopTurn = <T>(value?: T): Promise<T | undefined> =>
  new Promise((resolve) => setImmediate(resolve, value))

describe('a request scope', () => {
  it('is found after awaits, in timers and in callbacks, and nowhere else', async () => {
    const seen: (RequestScope | undefined)[] = []
    let own: RequestScope | undefined

    await withRequestContext(async (scope) => {
      own = scope
      seen.push(currentRequestScope())
      await Promise.resolve()
      seen.push(currentRequestScope())
      await loopTurn()
      seen.push(currentRequestScope())
      await new Promise<void>((resolve) => {
        process.nextTick(() => {
          seen.push(currentRequestScope())
          resolve()
        })
      })
    })

    expect(own).toBeDefined()
    expect(seen).toEqual([own, own, own, own])
    expect(currentRequestScope()).toBeUndefined()
  })

  it('keeps requests that run at the same time apart', async () => {
    const serve = (): Promise<boolean> =>
      withRequestContext(async (scope) => {
        await loopTurn()
        return currentRequestScope() === scope
      })

    expect(await Promise.all([serve(), serve(), serve()])).toEqual([true, true, true])
  })

  it('inside of another is one of its own', () => {
    withRequestContext((outer) => {
      withRequestContext((inner) => {
        expect(inner).not.toBe(outer)
        inner.end()
        expect(currentRequestScope()).toBeUndefined()
      })
      expect(currentRequestScope()).toBe(outer)
    })
  })
})

describe('a request ends', () => {
  it('when the promise of its function has settled, before its caller goes on', async () => {
    let scope: RequestScope | undefined
    const answer = withRequestContext((own) => {
      scope = own
      return loopTurn('answer')
    })

    expect(scope?.isEnded).toBe(false)
    expect(await answer).toBe('answer')
    expect(scope?.isEnded).toBe(true)
  })

  it('when that promise rejects: with the same error', async () => {
    let scope: RequestScope | undefined
    const answer = withRequestContext((own) => {
      scope = own
      return Promise.reject(boom)
    })

    await expect(answer).rejects.toBe(boom)
    expect(scope?.isEnded).toBe(true)
  })

  it('when its function throws', () => {
    let scope: RequestScope | undefined

    expect(() =>
      withRequestContext((own) => {
        scope = own
        throw boom
      }),
    ).toThrow(boom)
    expect(scope?.isEnded).toBe(true)
  })

  it('of a middleware when it says so', () => {
    const scope = withRequestContext((own) => own)

    expect(scope.isEnded).toBe(false)
    scope.end()
    expect(scope.isEnded).toBe(true)
  })

  it('for what still runs in it: that finds no scope', async () => {
    const scope = openRequestScope()
    const straggler = scope.run(async () => {
      await loopTurn()
      return currentRequestScope()
    })

    scope.end()

    expect(await straggler).toBeUndefined()
    expect(scope.run(currentRequestScope)).toBeUndefined()
  })
})

describe('the end of a request is told', () => {
  it('once to each who listens, in order, and no longer to those who left', () => {
    const scope = openRequestScope()
    const told: string[] = []
    const tell = (who: string) => () => told.push(who)
    scope.onEnd(tell('first'))
    const leave = scope.onEnd(tell('gone'))
    scope.onEnd(tell('second'))
    leave()
    leave()

    scope.end()
    scope.end()

    expect(told).toEqual(['first', 'second'])
  })

  it('at once to who comes too late', () => {
    const scope = openRequestScope()
    scope.end()
    const listener = vi.fn()

    scope.onEnd(listener)()

    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('to all, also when one throws', () => {
    const reported = vi.fn()
    const unsubscribe = onInternalError(reported)
    const scope = openRequestScope()
    const listener = vi.fn()
    scope.onEnd(() => {
      throw boom
    })
    scope.onEnd(listener)

    scope.end()
    unsubscribe()

    expect(listener).toHaveBeenCalledTimes(1)
    expect(reported).toHaveBeenCalledWith(boom, 'the end of a request scope')
  })
})
