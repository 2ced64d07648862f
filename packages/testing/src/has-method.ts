/** A check of options: whether a value is an object with this method, as clocks and sources of chance are. */
export function hasMethod(method: string): (value: unknown) => string | undefined {
  return (value) =>
    typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
      ? undefined
      : `an object with ${method}()`
}
