/**
 * Whether `value` is an object literal or the like, whose keys can be listed: what options can be. No list, date, map or instance of
 * a class. Judged by the length of the prototype chain and not by identity with `Object.prototype`, so that objects from
 * another realm (`node:vm`, Jest) count as plain.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  try {
    // Throws, as the other may, where a proxy does not want to be looked at.
    Object.keys(value)
    const prototype: object | null = Object.getPrototypeOf(value)
    return prototype === null || Object.getPrototypeOf(prototype) === null
  } catch {
    return false
  }
}
