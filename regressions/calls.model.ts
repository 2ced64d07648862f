/** What the regression tests call. For tests only. */
export const DOWN: Error = new Error('down')
export const failing = (): Promise<never> => Promise.reject(DOWN)
export const answering = (): Promise<string> => Promise.resolve('up')
export const hanging = (): Promise<never> => new Promise<never>(() => undefined)

/** The same value so many times. */
export function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value)
}
