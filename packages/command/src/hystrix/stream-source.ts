/**
 * What a stream is read from: iterables, asynchronous or not.
 */

/** Where values come from, one by one. */
export type Source = AsyncIterator<unknown> | Iterator<unknown>

/** The end of a stream. */
export const DONE: IteratorResult<unknown> = { done: true, value: undefined }

/** Where the values of what the work gave come from. */
export function sourceOf(given: unknown): Source {
  const iterable = (given ?? {}) as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  const open: (() => Source) | undefined = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]
  if (typeof given === 'string' || typeof open !== 'function')
    throw new TypeError('a stream command must answer something to iterate over')
  return open.call(given)
}

/** The next of them. */
export async function nextOf(source: Source): Promise<IteratorResult<unknown>> {
  const step = await source.next()
  if (step.done === true) return DONE
  try {
    // The values of a synchronous iterable may be promises.
    return { done: false, value: await step.value }
  } catch (error) {
    // It knows nothing of that, and waits to be asked for more.
    void closed(source)
    throw error
  }
}

/** Tells that no more is wanted. */
export async function closed(source: Source | undefined): Promise<void> {
  try {
    await source?.return?.()
  } catch {
    // Nobody waits for it any more.
  }
}

/** One without values. */
export function emptySource(): Source {
  return [][Symbol.iterator]()
}
