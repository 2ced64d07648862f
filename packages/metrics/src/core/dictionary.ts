/** An empty object that inherits nothing, so that any string can be a key of it. */
export function dictionary<T>(): Record<string, T> {
  // `Object.create` answers any; nothing is in it yet that could have another type.
  return Object.create(null) as Record<string, T>
}
