/**
 * Batches that are noted, on a simulated clock.
 */
import type { Call } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { createCollapser } from './collapser.js'
import type { Collapser } from './collapser.js'
import type { CollapserOptions } from './collapser-options.js'

interface Noted {
  readonly clock: SimClock
  readonly collapser: Collapser<string, string>
  /** The batches so far: when, and for what. */
  readonly batches: (readonly [at: number, requests: readonly string[]])[]
  readonly calls: Call[]
}

/** A collapser of all requests to the process that answers `v:` and the request, unless options say otherwise. */
export function noted(options: Partial<CollapserOptions<string, string>> = {}): Noted {
  const clock = new SimClock()
  const { batch = (requests) => requests.map((request) => `v:${request}`), ...others } = options
  const batches: (readonly [number, readonly string[]])[] = []
  const calls: Call[] = []
  const collapser = createCollapser<string, string>({
    scope: 'process',
    clock,
    ...others,
    batch: (requests, call) => {
      batches.push([clock.now(), requests])
      calls.push(call)
      return batch(requests, call)
    },
  })
  return { clock, collapser, batches, calls }
}

/** Loads each at its time; the promises are looked at from the beginning. */
export async function loadAt(
  { clock, collapser }: Pick<Noted, 'clock' | 'collapser'>,
  loads: readonly (readonly [at: number, request: string])[],
): Promise<Promise<unknown>[]> {
  const answers: Promise<unknown>[] = []
  for (const [at, request] of loads) {
    await clock.advance(at - clock.now())
    answers.push(collapser.load(request).catch((error: unknown) => error))
  }
  return answers
}

/** The same, for those who look at the batches only. */
export async function arrive(...args: Parameters<typeof loadAt>): Promise<void> {
  void (await loadAt(...args))
}

export const boom: Error = new Error('boom')
