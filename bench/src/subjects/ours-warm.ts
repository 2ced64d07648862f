// Eight pipelines of other shapes, driven through success, failure and rejection, so that the call sites inside Breakwater
// have seen what they see in a real service (performance.md §7, rule 1).

import { Bulkhead, CircuitBreaker, Retry, Timeout, consecutiveFailures } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'

const CALLS_PER_SHAPE = 3_000
const LAPS = 3
const error = new Error('warm-up')

const succeeds = async (): Promise<string> => 'warm'
const late = async (): Promise<string> => {
  await undefined
  return 'late'
}
const fails = async (): Promise<never> => {
  throw error
}
const throws = (): never => {
  throw error
}
const plain = (): number => 2

/** Runs every other shape for a while. Resolves when all of them are warm and idle again. */
export async function warmOtherShapes(): Promise<void> {
  const shapes = otherShapes()
  for (let lap = 0; lap < LAPS; lap++) {
    for (const shape of shapes) await drive(shape, CALLS_PER_SHAPE / LAPS)
  }
}

function otherShapes(): readonly Policy<unknown>[] {
  const open = { trip: consecutiveFailures(3), openMs: 600_000 }
  return [
    new CircuitBreaker(),
    pipeline(new CircuitBreaker(), new Timeout({ timeoutMs: 3_000 })),
    new Bulkhead({ limit: 4, queue: { limit: 100 } }),
    pipeline(new Retry({ maxRetries: 1, retryIf: () => false }), new CircuitBreaker()),
    pipeline(new Fallback({ chain: [() => 'instead'] }), new CircuitBreaker(open)),
    pipeline(new Bulkhead({ limit: 10 }), new Timeout({ timeoutMs: 5_000 })),
    pipeline(new CircuitBreaker(open), new Bulkhead({ limit: 2 })),
    pipeline(
      new Fallback({ chain: [() => 'instead'], when: ({ kind }) => kind === 'rejected' }),
      new Retry({ maxRetries: 3, retryIf: () => false }),
      new CircuitBreaker({ trip: consecutiveFailures(1_000) }),
      new Bulkhead({ limit: 8 }),
      new Timeout({ timeoutMs: 700 }),
    ),
  ]
}

/** Mostly successes, then bursts of calls at once, failures of both kinds, and by then often rejections. */
async function drive(shape: Policy<unknown>, calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) await attempt(shape, i % 5 === 0 ? late : succeeds)
  for (let i = 0; i < calls / 20; i++) {
    await Promise.all(Array.from({ length: 12 }, () => attempt(shape, late)))
  }
  for (let i = 0; i < calls / 5; i++) await attempt(shape, i % 2 === 0 ? fails : throws)
  for (let i = 0; i < calls / 5; i++) await attempt(shape, plain)
}

async function attempt(shape: Policy<unknown>, work: () => unknown): Promise<void> {
  try {
    await shape.execute(work)
  } catch {
    // Failures and rejections are what this is for.
  }
}
