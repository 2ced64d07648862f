import { describe, expect, it, vi } from 'vitest'
import { onInternalError } from '../internal-errors.js'
import type { InvalidOptionsError } from '../invalid-options-error.js'
import { openRequestScope } from './request-scope.js'
import { RequestScopeError } from './request-scope-error.js'
import { RequestVariable } from './request-variable.js'

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('a request variable', () => {
  it('is made at its first use, once in each request', () => {
    const create = vi.fn(() => ({}))
    const variable = new RequestVariable({ create })
    const [one, other] = [openRequestScope(), openRequestScope()]

    const value = one.run(() => variable.get())

    expect(one.run(() => variable.get())).toBe(value)
    expect(variable.of(one)).toBe(value)
    expect(other.run(() => variable.get())).not.toBe(value)
    expect(create.mock.calls).toEqual([[one], [other]])
  })

  it('may be undefined, and is made once all the same', () => {
    const create = vi.fn(() => undefined)
    const variable = new RequestVariable({ create })
    const scope = openRequestScope()

    variable.of(scope)
    variable.of(scope)

    expect(create).toHaveBeenCalledTimes(1)
  })

  it('peek makes none and never throws', () => {
    const create = vi.fn(() => 'value')
    const variable = new RequestVariable({ create })
    const scope = openRequestScope()

    expect([variable.peek(), scope.run(() => variable.peek())]).toEqual([undefined, undefined])
    expect(create).not.toHaveBeenCalled()
    variable.of(scope)
    expect(scope.run(() => variable.peek())).toBe('value')
  })

  it('outside of any request, and after its end, there is none', () => {
    const variable = new RequestVariable({ create: () => 'value' })
    const scope = openRequestScope()
    variable.of(scope)
    scope.end()

    const errors = [
      errorOf(() => variable.get()),
      errorOf(() => scope.run(() => variable.get())),
      errorOf(() => variable.of(scope)),
    ]

    expect(errors.map((error) => error instanceof RequestScopeError && error.reason)).toEqual([
      'missing',
      'ended',
      'ended',
    ])
    expect(errors.map((error) => (error as Error).message)).toEqual([
      'there is no request here: run it in withRequestContext(…)',
      'the request has ended',
      'the request has ended',
    ])
    expect((errors[0] as RequestScopeError).toJSON()).toMatchObject({
      name: 'RequestScopeError',
      code: 'ERR_REQUEST_SCOPE',
      reason: 'missing',
      status: 500,
    })
  })

  it('is not made for a request that has ended', () => {
    const create = vi.fn(() => 'value')
    const scope = openRequestScope()
    scope.end()

    expect(errorOf(() => new RequestVariable({ create }).of(scope))).toBeInstanceOf(RequestScopeError)
    expect(create).not.toHaveBeenCalled()
  })

  it('that does not ask for it is not told of the end', () => {
    const reported = vi.fn()
    const unsubscribe = onInternalError(reported)
    const scope = openRequestScope()
    new RequestVariable({ create: () => 'value' }).of(scope)

    scope.end()
    unsubscribe()

    expect(reported).not.toHaveBeenCalled()
  })

  it('is told of the end of its request, after those that were made before it', () => {
    const ended: unknown[] = []
    const onEnd = (value: unknown): unknown => ended.push(value)
    const log = new RequestVariable({ create: () => 'log', onEnd })
    const cache = new RequestVariable({ create: () => 'cache', onEnd })
    new RequestVariable({ create: () => 'unused', onEnd })
    const scope = openRequestScope()
    cache.of(scope)
    log.of(scope)

    scope.end()

    expect(ended).toEqual(['cache', 'log'])
  })

  it('whose making fails is not there', () => {
    const create = vi
      .fn(() => 'value')
      .mockImplementationOnce(() => {
        throw new Error('not yet')
      })
    const variable = new RequestVariable({ create })
    const scope = openRequestScope()

    expect(() => variable.of(scope)).toThrow('not yet')
    expect(variable.of(scope)).toBe('value')
  })

  it('whose making ends the request is told of it, and not handed out', () => {
    const onEnd = vi.fn()
    const variable = new RequestVariable({ create: (scope) => scope.end(), onEnd })
    const scope = openRequestScope()

    expect(errorOf(() => variable.of(scope))).toBeInstanceOf(RequestScopeError)
    expect(onEnd).toHaveBeenCalledTimes(1)
    expect(scope.values.size).toBe(0)
  })

  it.each([[undefined], [{}], [{ create: 5 }], [{ create: () => 1, onEnd: true }], [{ crate: () => 1 }]])(
    'refuses %o',
    (options) => {
      expect(() => new RequestVariable(options as never)).toThrow('Invalid options for RequestVariable')
    },
  )

  it('says that it cannot be without create', () => {
    const error = errorOf(() => new RequestVariable({} as never))

    expect((error as InvalidOptionsError).issues).toEqual([
      { path: 'create', received: undefined, expected: 'a function' },
    ])
  })
})

describe('the error of a request scope', () => {
  it('says why: that there is none, where nothing else is said', () => {
    expect(new RequestScopeError('here').reason).toBe('missing')
    expect(new RequestScopeError('here', { reason: 'ended' }).reason).toBe('ended')
  })
})
