import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { onInternalError, reportInternalError, runFenced } from './internal-errors.js'

const STATE = Symbol.for('breakwater.internal-errors@1')

const spyOnWarnings = (): ReturnType<typeof vi.fn> => {
  const spy = vi.fn()
  vi.spyOn(process, 'emitWarning').mockImplementation(spy)
  return spy
}

beforeEach(() => {
  Reflect.deleteProperty(globalThis, STATE)
})
afterEach(() => {
  Reflect.deleteProperty(globalThis, STATE)
})

describe('reportInternalError', () => {
  it('tells every listener, and nobody after it has left', () => {
    const warning = spyOnWarnings()
    const first = vi.fn()
    const second = vi.fn()
    const error = new Error('boom')
    const unsubscribe = onInternalError(first)
    onInternalError(second)

    reportInternalError(error, 'a place')
    unsubscribe()
    unsubscribe()
    reportInternalError(error, 'another')

    expect(first.mock.calls).toEqual([[error, 'a place']])
    expect(second).toHaveBeenCalledTimes(2)
    expect(warning).not.toHaveBeenCalled()
  })

  it('counts two subscriptions of one function as two', () => {
    const listener = vi.fn()
    onInternalError(listener)
    onInternalError(listener)()

    reportInternalError(1, 'x')
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('warns once per place while nobody listens', () => {
    const warning = spyOnWarnings()

    reportInternalError(new TypeError('bad'), 'listener of "open"')
    reportInternalError(new TypeError('worse'), 'listener of "open"')
    reportInternalError('text', 'elsewhere')

    expect(warning.mock.calls.map(([message]) => message as string)).toEqual([
      'listener of "open": TypeError: bad',
      'elsewhere: string: "text"',
    ])
    expect(warning.mock.calls[0]?.[1]).toMatchObject({
      type: 'BreakwaterWarning',
      code: 'BREAKWATER_INTERNAL_ERROR',
      detail: expect.stringContaining('Listen with onInternalError()') as unknown,
    })
  })

  it('warns about at most 100 places', () => {
    const warning = spyOnWarnings()

    for (let place = 0; place < 150; place++) reportInternalError(1, `place ${place}`)

    expect(warning).toHaveBeenCalledTimes(100)
  })

  it('survives listeners that throw or reject, and still tells the others', async () => {
    const warning = spyOnWarnings()
    const last = vi.fn()
    onInternalError(() => {
      throw new Error('listener')
    })
    onInternalError(() => Promise.reject(new Error('async listener')))
    onInternalError(last)

    reportInternalError(1, 'x')
    await Promise.resolve()

    expect(last).toHaveBeenCalledTimes(1)
    expect(warning.mock.calls.map(([message]) => message as string)).toEqual([
      'listener of onInternalError: Error: listener',
    ])
  })

  it('warns about a listener that rejects', async () => {
    const warning = spyOnWarnings()
    onInternalError(() => Promise.reject(new Error('async listener')))

    reportInternalError(1, 'x')
    await Promise.resolve()

    expect(warning).toHaveBeenCalledTimes(1)
  })

  it('does not go round in circles when a listener reports', () => {
    const warning = spyOnWarnings()
    const listener = vi.fn(() => {
      reportInternalError(2, 'inside')
    })
    onInternalError(listener)
    onInternalError(listener)

    reportInternalError(1, 'outside')
    reportInternalError(3, 'outside')

    expect(listener).toHaveBeenCalledTimes(4)
    expect(warning).toHaveBeenCalledTimes(1)
  })

  it('shares its listeners with another copy of the library', async () => {
    const listener = vi.fn()
    onInternalError(listener)
    vi.resetModules()
    const copy = await import('./internal-errors.js')

    copy.reportInternalError(1, 'the copy')

    expect(copy.reportInternalError).not.toBe(reportInternalError)
    expect(listener.mock.calls).toEqual([[1, 'the copy']])
  })
})

describe('runFenced', () => {
  it('reports what a callback throws, at once', () => {
    const report = vi.fn()
    const error = new Error('x')

    runFenced(() => {
      throw error
    }, report)

    expect(report.mock.calls).toEqual([[error]])
  })

  it('reports what the thenable of a callback rejects with, be it an object or a function', async () => {
    const report = vi.fn()
    const rejecting = (reason: unknown) => (_: unknown, reject: (reason: unknown) => void) => {
      reject(reason)
    }

    runFenced(() => Promise.reject(new Error('async')), report)
    runFenced(() => ({ then: rejecting('object') }), report)
    runFenced(() => Object.assign(() => 1, { then: rejecting('function') }), report)
    await Promise.resolve()

    expect(report.mock.calls).toEqual([['object'], ['function'], [new Error('async')]])
  })

  it('reports a thenable that breaks when looked at', () => {
    const report = vi.fn()
    const error = new Error('then')

    runFenced(
      () => ({
        get then() {
          throw error
        },
      }),
      report,
    )

    expect(report.mock.calls).toEqual([[error]])
  })

  it('reports nothing for values that are no rejection', async () => {
    const report = vi.fn()

    for (const value of [undefined, null, 0, 'x', {}, { then: 5 }, () => 1, Promise.resolve(1)]) {
      runFenced(() => value, report)
    }
    await Promise.resolve()

    expect(report).not.toHaveBeenCalled()
  })
})
