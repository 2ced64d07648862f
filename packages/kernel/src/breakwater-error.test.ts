import { describe, expect, it } from 'vitest'
import {
  BreakwaterError,
  CallTimeoutError,
  CircuitOpenError,
  RateLimitedError,
  defineErrorClass,
  isBreakwaterError,
} from './errors.js'

const hasFrames = (error: Error): boolean => (error.stack ?? '').includes('\n    at ')

describe('BreakwaterError', () => {
  it('leaves the stack trace limit of the process as it was', () => {
    const before = Error.stackTraceLimit
    Error.stackTraceLimit = 7
    const error = new CircuitOpenError('x')
    const after = Error.stackTraceLimit
    Error.stackTraceLimit = before

    expect(hasFrames(error)).toBe(false)
    expect(after).toBe(7)
  })

  it('works where the stack trace limit cannot be set', () => {
    const limit = Error.stackTraceLimit
    Object.defineProperty(Error, 'stackTraceLimit', { value: limit, writable: false, configurable: true })
    try {
      expect(new CircuitOpenError('x').message).toBe('x')
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { value: limit, writable: true })
    }
  })

  it('rounds retryAfterMs up to a whole number that is never negative', () => {
    expect(new CircuitOpenError('x', { retryAfterMs: 1_500.2 }).retryAfterMs).toBe(1_501)
    expect(new CircuitOpenError('x', { retryAfterMs: -3 }).retryAfterMs).toBe(0)
    expect(new CircuitOpenError('x', { retryAfterMs: 0 }).retryAfterMs).toBe(0)
  })

  it('has no retryAfterMs when it is not known', () => {
    for (const retryAfterMs of [undefined, NaN, Infinity]) {
      const error = new CircuitOpenError('x', { retryAfterMs })
      expect('retryAfterMs' in error).toBe(false)
      expect(error.headers).toBeUndefined()
    }
  })

  it('reads a live retryAfterMs anew each time', () => {
    let left = 2_000.5
    const error = new CircuitOpenError('x', { retryAfterMs: () => left })

    expect(error.retryAfterMs).toBe(2_001)
    expect(error.headers).toEqual({ 'retry-after': '3' })
    left = -1
    expect(error.retryAfterMs).toBe(0)
    expect(error.toJSON().retryAfterMs).toBe(0)
    left = Infinity
    expect(error.retryAfterMs).toBeUndefined()
  })

  it('treats a live retryAfterMs that throws as unknown', () => {
    const error = new CircuitOpenError('x', {
      retryAfterMs: () => {
        throw new Error('broken')
      },
    })

    expect(error.retryAfterMs).toBeUndefined()
    expect(error.headers).toBeUndefined()
  })

  it('offers retry-after in whole seconds, rounded up', () => {
    const headerFor = (retryAfterMs: number): unknown => new RateLimitedError('x', { retryAfterMs }).headers

    expect(headerFor(0)).toEqual({ 'retry-after': '0' })
    expect(headerFor(1)).toEqual({ 'retry-after': '1' })
    expect(headerFor(1_000)).toEqual({ 'retry-after': '1' })
    expect(headerFor(1_001)).toEqual({ 'retry-after': '2' })
  })

  it('lets middlewares assign what http-errors has', () => {
    const error = new CircuitOpenError('x', { retryAfterMs: () => 5 })

    error.status = 500
    error.statusCode = 500
    error.expose = true
    for (const last of ['0', '1']) error.headers = { 'x-shed': last }
    for (const last of [8, 9]) error.retryAfterMs = last

    expect(error).toMatchObject({ status: 500, statusCode: 500, expose: true, headers: { 'x-shed': '1' } })
    expect(error.retryAfterMs).toBe(9)
    expect(Object.keys(error)).toEqual(expect.arrayContaining(['code', 'retryAfterMs', 'status', 'headers']))
    expect(new CircuitOpenError('y')).toMatchObject({ status: 503, expose: false })
  })

  it('shows a live retryAfterMs to loggers that list the keys of an error', () => {
    expect(Object.keys(new CircuitOpenError('x', { retryAfterMs: () => 5 }))).toContain('retryAfterMs')
  })

  it('carries a mark that other copies of the library look for', () => {
    expect(Symbol.for('breakwater.error@1') in new CircuitOpenError('x')).toBe(true)
  })

  it('leaves out of JSON what is not known', () => {
    expect(Object.keys(new CircuitOpenError('x').toJSON())).toEqual(['name', 'code', 'message', 'status'])
  })

  it('turns into JSON without anything of the cause but its name and message', () => {
    const cause = Object.assign(new TypeError('connect refused'), { password: 'canary', stack: 'canary' })
    const error = new CircuitOpenError('users is open', { cause, retryAfterMs: 10 })

    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'CircuitOpenError',
      code: 'ERR_CIRCUIT_OPEN',
      message: 'users is open',
      status: 503,
      retryAfterMs: 10,
      cause: { name: 'TypeError', message: 'connect refused' },
    })
  })

  it('accepts a code of its own, and uses that of the class otherwise', () => {
    expect(new BreakwaterError('x')).toMatchObject({
      name: 'BreakwaterError',
      code: 'ERR_BREAKWATER',
      status: 500,
    })
    expect(new BreakwaterError('x', { code: 'ERR_MINE' }).code).toBe('ERR_MINE')
  })
})

describe('a class of errors made by others', () => {
  class RegistryError extends BreakwaterError {
    static override readonly code: string = 'ERR_REGISTRY'
    static {
      defineErrorClass(this, 'RegistryError', 404)
    }
  }
  class TenantOpenError extends CircuitOpenError {}

  it('owns its code and all codes that continue it', () => {
    const other = new BreakwaterError('x', { code: 'ERR_REGISTRY_DECODE' })

    expect(other instanceof RegistryError).toBe(true)
    expect(new BreakwaterError('x', { code: 'ERR_REGISTRYX' }) instanceof RegistryError).toBe(false)
    expect(new CircuitOpenError('x') instanceof RegistryError).toBe(false)
  })

  it('shows its message to clients for a status below 500', () => {
    expect(new RegistryError('x')).toMatchObject({ name: 'RegistryError', status: 404, expose: true })
  })

  it('without a code of its own matches only its own instances', () => {
    expect(new TenantOpenError('x') instanceof CircuitOpenError).toBe(true)
    expect(new TenantOpenError('x') instanceof TenantOpenError).toBe(true)
    expect(new CircuitOpenError('x') instanceof TenantOpenError).toBe(false)
  })
})

describe('isBreakwaterError', () => {
  it('asks for the mark and a code', () => {
    const mark = { [Symbol.for('breakwater.error@1')]: true }

    expect([mark, { ...mark, code: 7 }, { ...mark, code: 'ERR_TIMEOUT' }].map(isBreakwaterError)).toEqual([
      false,
      false,
      true,
    ])
  })

  it('says no to everything else, however hostile', () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('trap')
        },
      },
    )
    const values = [
      undefined,
      null,
      0,
      'ERR_TIMEOUT',
      new Error('x'),
      { code: 'ERR_TIMEOUT' },
      () => 1,
      hostile,
    ]

    expect(values.map(isBreakwaterError)).toEqual(values.map(() => false))
    expect(values.filter((value) => value instanceof CallTimeoutError)).toEqual([])
  })
})
