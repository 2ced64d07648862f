/**
 * Whether a request may be done twice. Undecided ones are not: a second order is worse than a failed one.
 */

/** RFC 9110 §9.2.2, and QUERY, a GET with a body. Methods are case-sensitive; another case is another method. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'TRACE',
  'QUERY',
])

/** The header by which a server is asked to do a repeated request once; its presence says that it knows how. */
export const IDEMPOTENCY_KEY = 'idempotency-key'

/**
 * @param declared - what the caller or the options of the service say; it outweighs the method in both directions
 * @param hasKey - the request carries an {@link IDEMPOTENCY_KEY}
 */
export function isIdempotent(method: string, declared: boolean | undefined, hasKey: boolean): boolean {
  return declared ?? (hasKey || IDEMPOTENT_METHODS.has(method))
}
