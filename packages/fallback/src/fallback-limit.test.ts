import { BulkheadFullError, onInternalError } from '@breakwater/kernel'
import { describe, expect, it, vi } from 'vitest'
import { boom, errorOf, fail, never, throwing } from './failing.model.js'
import { Fallback } from './fallback.js'

describe('F2: the limit on fallbacks', () => {
  it('refuses the one too many at once, apart from any bulkhead', async () => {
    const ends: (() => void)[] = []
    const handler = vi.fn(() => new Promise<string>((resolve) => ends.push(() => resolve('instead'))))
    const fallback = new Fallback({ chain: [handler], limit: 2 })

    const answered = [fallback.execute(fail), fallback.execute(fail)]
    await new Promise(setImmediate)
    const error = await errorOf(fallback.execute(fail))

    expect(error.cause).toBe(boom)
    expect(error.fallbackError).toBeInstanceOf(BulkheadFullError)
    expect(handler).toHaveBeenCalledTimes(2)
    expect(fallback.running).toBe(2)
    for (const end of ends) end()
    expect(await Promise.all(answered)).toEqual(['instead', 'instead'])
    expect(fallback.running).toBe(0)
  })

  it('is 10 by default', async () => {
    const fallback = new Fallback({ chain: [never] })
    for (let call = 0; call < 12; call++) void fallback.outcome(fail)

    await new Promise(setImmediate)

    expect(fallback.running).toBe(10)
  })

  it('of 0 means: none', async () => {
    expect(
      (await errorOf(new Fallback({ chain: [() => 1], limit: 0 }).execute(fail))).fallbackError,
    ).toBeInstanceOf(BulkheadFullError)
  })

  it('counts a fallback that runs on after its caller gave up', async () => {
    const controller = new AbortController()
    const fallback = new Fallback({ chain: [never], limit: 1 })
    const outcome = fallback.outcome(fail, { signal: controller.signal })
    await new Promise(setImmediate)

    controller.abort('bye')
    await outcome

    expect(fallback.running).toBe(1)
  })
})

describe('what a fallback tells', () => {
  it('says which handler answered, or that none did', async () => {
    const fallback = new Fallback({
      chain: [throwing(boom), ({ attempt, error }) => (error === boom ? attempt : fail())],
    })
    const events: unknown[] = []
    fallback.on('answered', ({ handler, cause }) => events.push(['answered', handler, cause.kind]))
    const unsubscribe = fallback.on('failed', ({ error, cause }) =>
      events.push(['failed', error.cause === cause.error]),
    )

    await fallback.outcome(fail)
    await fallback.outcome(throwing(new Error('other')))
    unsubscribe()
    await fallback.outcome(throwing(new Error('other')))

    expect(events).toEqual([
      ['answered', 1, 'failure'],
      ['failed', true],
    ])
  })

  it('is not disturbed by listeners that throw', async () => {
    const reported = vi.fn()
    const unsubscribe = onInternalError(reported)
    const fallback = new Fallback({ chain: [() => 'instead'], limit: 1 })
    fallback.on('answered', throwing(boom))

    expect(await fallback.execute(fail)).toBe('instead')
    expect(await fallback.execute(fail)).toBe('instead')
    unsubscribe()

    expect(reported).toHaveBeenCalledTimes(2)
  })
})
