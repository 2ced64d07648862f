// Proof that S4 measures what it says: a switch that a library does not know would be ignored in silence, and S4 would be S3 again.

import { performance } from 'node:perf_hooks'

const CALLS = 1_000

/** Reads of the monotonic clock per call. Run it after the timing, because it swaps `performance.now` for a counting one. */
export async function clockReadsPerCall(call: () => unknown): Promise<number> {
  const original = performance.now
  let reads = 0
  performance.now = () => {
    reads++
    return original.call(performance)
  }
  try {
    for (let i = 0; i < CALLS; i++) await call()
  } finally {
    performance.now = original
  }
  return reads / CALLS
}
