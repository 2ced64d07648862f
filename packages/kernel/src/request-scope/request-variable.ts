/**
 * Values that each request has one of.
 */
import { readOptions } from '../options.js'
import { currentRequestScope, isAfterRequest } from './request-scope.js'
import type { RequestScope } from './request-scope.js'
import { RequestScopeError } from './request-scope-error.js'

export interface RequestVariableOptions<T> {
  /** Makes the value, at its first use in a request. */
  readonly create: (scope: RequestScope) => T
  /** Told of the value when its request ends, if it was made. A throw is reported, and changes nothing. */
  readonly onEnd?: ((value: T) => void) | undefined
}

/**
 * A value of each request: made at its first use there, gone when the request ends. Those made first are told of the end
 * first. Hystrix: `HystrixRequestVariable`.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { RequestVariable, withRequestContext } from '@breakwater/kernel'
 *
 * const queries = new RequestVariable<string[]>({ create: () => [], onEnd: (list) => console.log(list.length, 'queries') })
 * await withRequestContext(async () => {
 *   queries.get().push('select 1')
 *   await Promise.resolve()
 *   queries.get().push('select 2')
 * }) // prints: 2 queries
 * console.log(queries.peek()) // undefined
 * ```
 */
export class RequestVariable<T> {
  private readonly create: (scope: RequestScope) => T
  private readonly onEnd: ((value: T) => void) | undefined

  constructor(options: RequestVariableOptions<T>) {
    const read = readOptions('RequestVariable', options, ['create', 'onEnd'])
    const create = read.fn<(scope: RequestScope) => T>('create')
    if (!read.has('create')) read.issue('create', undefined, 'a function')
    this.onEnd = read.fn<(value: T) => void>('onEnd')
    read.finish()
    this.create = create as (scope: RequestScope) => T
  }

  /**
   * The value of the current request.
   *
   * @throws RequestScopeError outside of any request, and when it has ended. What `create` throws passes through.
   */
  get(): T {
    const scope = currentRequestScope()
    if (scope === undefined) throw isAfterRequest() ? ended() : missing()
    return this.of(scope)
  }

  /** The value of the current request, if there is a request and it has one. Makes none, and never throws. */
  peek(): T | undefined {
    return currentRequestScope()?.values.get(this) as T | undefined
  }

  /**
   * The value of a given request.
   *
   * @throws RequestScopeError when it has ended. What `create` throws passes through.
   */
  of(scope: RequestScope): T {
    const { values } = scope
    // Written only below, with what `create` made.
    if (values.has(this)) return values.get(this) as T
    if (scope.isEnded) throw ended()
    const value = this.create(scope)
    const { onEnd } = this
    if (onEnd !== undefined) scope.onEnd(() => onEnd(value))
    // What made the value was foreign code, which may have ended the request.
    if (scope.isEnded) throw ended()
    values.set(this, value)
    return value
  }
}

function missing(): RequestScopeError {
  return new RequestScopeError('there is no request here: run it in withRequestContext(…)', {
    reason: 'missing',
  })
}

function ended(): RequestScopeError {
  return new RequestScopeError('the request has ended', { reason: 'ended' })
}
