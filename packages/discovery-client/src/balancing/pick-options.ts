/** What a caller may say about one pick. */
import { invalidArgument } from '@breakwater/kernel'
import type { Call } from '@breakwater/kernel'

export interface PickOptions {
  /** What hashing strategies choose by: equal keys go to the same instance while it is there. */
  readonly key?: string | undefined
  /** Ids of instances not to choose, such as those already tried; not heeded when no other is in service. */
  readonly exclude?: readonly string[] | ReadonlySet<string> | undefined
  /** The call that the instance is for; strategies of your own can look at it. */
  readonly call?: Call | undefined
}

/** Throws for what cannot be meant. */
export function checkPickOptions({ key, exclude }: PickOptions): void {
  if (key !== undefined && typeof key !== 'string') {
    throw invalidArgument('pick', { path: 'key', received: key, expected: 'a string' })
  }
  if (exclude !== undefined && !Array.isArray(exclude) && !(exclude instanceof Set)) {
    throw invalidArgument('pick', {
      path: 'exclude',
      received: exclude,
      expected: 'an array or a set of ids',
    })
  }
}
