/**
 * Whether a value is an error, of this or any other context: where modules run in one of their own, as in Jest, errors of
 * Node and of its sockets are no instances of the `Error` there.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}
