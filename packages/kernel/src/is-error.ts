import { types } from 'node:util'

/**
 * Whether a value is an error, of this or any other context: where modules run in one of their own, as in Jest, errors of
 * Node and of its sockets are no instances of the `Error` there.
 *
 * @example
 * ```ts
 * import { isError } from '@breakwater/kernel'
 * import { runInNewContext } from 'node:vm'
 *
 * console.log(isError(runInNewContext('new Error()'))) // true
 * ```
 */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error
}
