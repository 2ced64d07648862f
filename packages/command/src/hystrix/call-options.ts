/**
 * What a caller says about his calls, read once. What cannot be read is refused with each call, which answers with a
 * promise whatever it is given.
 */
import { isPlainObject } from '@breakwater/kernel'
import type { HystrixCallOptions } from './hystrix-home.js'

/** A copy; in place of what cannot be read stands an error, for the check to refuse. */
export function readOnce(given: HystrixCallOptions): HystrixCallOptions {
  if (!isPlainObject(given)) return given
  return Object.fromEntries(Object.keys(given).map((key) => [key, valueOf(given, key)]))
}

function valueOf(given: Readonly<Record<string, unknown>>, key: string): unknown {
  try {
    return given[key]
  } catch (cause) {
    return new TypeError('it cannot be read', { cause })
  }
}
