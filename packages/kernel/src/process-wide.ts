/**
 * What all copies of this package in a process share: ESM and CommonJS, and those that reloading a program's modules
 * leaves behind. The version in the symbol stands for the shape.
 */

/** By the copy itself, where the global object is frozen (hardened realms) and nothing can be left there. */
const own = new Map<symbol, unknown>()

/** The one thing of that key, made when it is first asked for. */
export function processWide<T>(key: symbol, make: () => T, place: object = globalThis): T {
  // Written only below, and by other copies of this package.
  const known = (Reflect.get(place, key) ?? own.get(key)) as T | undefined
  if (known !== undefined) return known
  const made = make()
  // No assignment, which throws there.
  if (!Reflect.set(place, key, made)) own.set(key, made)
  return made
}
