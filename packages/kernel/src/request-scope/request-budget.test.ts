import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { InvalidOptionsError } from '../errors.js'
import {
  currentRequestScope,
  openRequestScope,
  requestBudgetMs,
  withRequestContext,
} from './request-scope.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
})

describe('the time of a request', () => {
  it('has no limit outside of any, nor in one that has none', () => {
    expect(requestBudgetMs()).toBe(Infinity)
    expect(withRequestContext(requestBudgetMs)).toBe(Infinity)
    expect(withRequestContext(() => currentRequestScope()?.deadline)).toBeUndefined()
    for (const options of [undefined, {}, { budgetMs: undefined }, { budgetMs: Infinity }])
      expect(withRequestContext(requestBudgetMs, options)).toBe(Infinity)
  })

  it('goes by, and is never less than none', async () => {
    const seen = await withRequestContext(
      async () => {
        const all = [requestBudgetMs()]
        for (const ms of [30, 20, 20]) {
          vi.advanceTimersByTime(ms)
          await Promise.resolve()
          all.push(requestBudgetMs())
        }
        return all
      },
      { budgetMs: 50 },
    )

    expect(seen).toEqual([50, 20, 0, 0])
  })

  it('may be none at all', () => {
    expect(withRequestContext(requestBudgetMs, { budgetMs: 0 })).toBe(0)
  })

  it.each([
    [50, undefined, 50],
    [50, 80, 50],
    [50, 20, 20],
    [undefined, 20, 20],
  ])('T8: of %s ms around one of %s ms is %s ms', (budgetMs, innerMs, expected) => {
    const inner = (): number => withRequestContext(requestBudgetMs, { budgetMs: innerMs })

    expect(withRequestContext(inner, { budgetMs })).toBe(expected)
  })

  it('does not bind a scope that was opened for later', () => {
    const later = withRequestContext(openRequestScope, { budgetMs: 5 })

    expect(later.run(requestBudgetMs)).toBe(Infinity)
  })

  it('is no limit any more for what outlives the request', () => {
    const left = withRequestContext(
      (scope) => {
        scope.end()
        return requestBudgetMs()
      },
      { budgetMs: 5 },
    )

    expect(left).toBe(Infinity)
  })

  it.each([{ budgetMs: -1 }, { budgetMs: NaN }, { budgetMs: '5' }, { budget: 5 }, null, 5])(
    'is refused before anything runs: %j',
    (options) => {
      const run = vi.fn()

      expect(() => {
        withRequestContext(run, options as never)
      }).toThrow(InvalidOptionsError)
      expect(() => withRequestContext(run, options as never)).toThrow(
        'Invalid options for withRequestContext',
      )
      expect(run).not.toHaveBeenCalled()
    },
  )
})
