import { describe, expect, it } from 'vitest'
import type { CallOptions } from '../call.js'
import { CallerSignal } from '../caller-signal.js'
import { InvalidOptionsError } from '../errors.js'
import { MAX_DURATION_MS } from '../options.js'
import { callOptionsError } from './call-options.js'

const listen = (): void => undefined
class OwnSignal extends CallerSignal {}
const FOREIGN = { aborted: false, addEventListener: listen, removeEventListener: listen }

describe('options of a call', () => {
  it.each([
    [{}],
    [{ signal: undefined, budgetMs: undefined }],
    [{ signal: new AbortController().signal, budgetMs: 0 }],
    [{ budgetMs: MAX_DURATION_MS }],
    [{ budgetMs: Infinity }],
    [{ signal: FOREIGN }],
    [Object.create(null)],
  ])('%o are as they should be', (options) => {
    expect(callOptionsError(options as never)).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['without aborted', { ...FOREIGN, aborted: undefined }],
    ['that cannot be listened to', { ...FOREIGN, addEventListener: undefined }],
    ['that cannot be left', { ...FOREIGN, removeEventListener: 5 }],
    ['of nothing', {}],
    ['that is a function', listen],
  ])('refuse a signal %s, and say what was expected', (_, signal) => {
    const error = callOptionsError({ signal } as never)

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect(error?.issues).toMatchObject([{ path: 'signal', expected: 'an AbortSignal' }])
    expect(error?.message).toContain('a call')
  })

  it.each([
    ['budgetMs', -0.001],
    ['budgetMs', MAX_DURATION_MS + 1],
    ['budgetMs', null],
    ['budgetMs', '5'],
    ['budgetMs', -Infinity],
    ['deadline', 5],
  ])('refuse a %s of %o', (key, value) => {
    expect(callOptionsError({ [key]: value })?.issues).toMatchObject([{ path: key }])
  })

  it.each([[[]], [new Map()], ['text'], [() => 0], [new Date(0)]])('refuse %o as a whole', (options) => {
    expect(callOptionsError(options as never)?.issues).toMatchObject([{ path: '' }])
  })

  it('that cannot be read are refused like others', () => {
    const options = {
      get budgetMs(): never {
        throw new RangeError('no')
      },
    }

    expect(callOptionsError(options)?.issues).toMatchObject([{ path: 'budgetMs' }])
  })

  it.each<[string, CallOptions]>([
    ['without anything', {}],
    ['with a signal', { signal: new AbortController().signal }],
    ['with a signal of one of our packages', { signal: new OwnSignal() as unknown as AbortSignal }],
    ['with no time left', { budgetMs: 0 }],
    ['with some time left', { budgetMs: 0.5 }],
    ['with all the time of a timer', { budgetMs: MAX_DURATION_MS }],
    ['with both', { signal: new AbortController().signal, budgetMs: 5 }],
  ])('%s are looked at once', (_, { signal, budgetMs }) => {
    const reads = { signal: 0, budgetMs: 0 }
    const options = {
      get signal() {
        reads.signal++
        return signal
      },
      get budgetMs() {
        reads.budgetMs++
        return budgetMs
      },
    }

    expect(callOptionsError(options)).toBeUndefined()
    expect(reads).toEqual({ signal: 1, budgetMs: 1 })
  })
})
