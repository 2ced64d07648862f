/**
 * Work whose end the test decides, and signals that are counted.
 */
import type { Call } from '@breakwater/kernel'

/** Runs of some work, each of which ends when told to. */
export interface Runs {
  readonly work: (call: Call) => Promise<unknown>
  readonly calls: Call[]
  answer(run: number, value: unknown): Promise<void>
  /** Look at the promises in the same turn, or their failure is unhandled. */
  fail(run: number, error: unknown): void
}

export function startRuns(): Runs {
  const calls: Call[] = []
  const ends: { resolve: (value: unknown) => void; reject: (error: unknown) => void }[] = []
  return {
    calls,
    work: (call) => {
      calls.push(call)
      return new Promise((resolve, reject) => ends.push({ resolve, reject }))
    },
    answer: (run, value) => {
      ends[run]?.resolve(value)
      return turn()
    },
    fail: (run, error) => {
      ends[run]?.reject(error)
    },
  }
}

/** Lets everything that can happen now, happen. */
export const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** How promises stand: their values, errors, or `pending`. */
export async function stateOf(promises: readonly Promise<unknown>[]): Promise<unknown[]> {
  const pending = turn().then(() => 'pending')
  const settled = await Promise.allSettled(promises.map((promise) => Promise.race([promise, pending])))
  return settled.map((end): unknown => (end.status === 'fulfilled' ? end.value : end.reason))
}
