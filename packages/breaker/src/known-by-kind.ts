/**
 * `instanceof` that agrees between the copies of this package in one process (ESM and CommonJS), for the classes that are no
 * policies: those are known by their stage.
 */

/** A class whose instances the other copies of it know too. */
interface KnownClass {
  readonly prototype: object
  /**
   * What it is called among the copies; a getter, because bundlers keep classes with static fields though nobody uses them. A
   * class that extends it inherits this, and is known for itself only.
   */
  readonly kind: string
}

/** Whether `value` was made by `type`, or by what is `type` in another copy. */
export function isKnownAs(type: KnownClass, value: unknown): boolean {
  // What `instanceof` itself would say, at half the price of asking it by name.
  if (Object.prototype.isPrototypeOf.call(type.prototype, value as object)) return true
  return Object.hasOwn(type, 'kind') && kindOf(value) === type.kind
}

function kindOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    const { constructor } = value
    // What was parsed from text can have a constructor, but no function.
    return typeof constructor === 'function' ? Reflect.get(constructor, 'kind') : undefined
  } catch {
    return undefined
  }
}
