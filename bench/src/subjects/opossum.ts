// opossum: defaults, and `min` with percentiles and snapshots off (they cost it most). It has no retry of its own; p-retry goes
// around it, which is the usual pairing.

import CircuitBreaker from 'opossum'
import pRetry from 'p-retry'
import { BULKHEAD_LIMIT, OPEN_MS, TIMEOUT_MS } from './subject.ts'
import type { Build, Faulted, FaultSettings, Library, Readers, Subject, Work } from './subject.ts'

/** opossum in one of its two settings. */
export function opossum(setting: 'default' | 'min'): Library {
  const lean = setting === 'min' ? { rollingPercentilesEnabled: false, enableSnapshots: false } : {}
  return {
    adapter: (build) => opossumSubject(build, lean),
    idle: {
      create: () => new CircuitBreaker(idleWork, { timeout: false, ...lean }),
      use: (breaker) => (breaker as CircuitBreaker).fire(),
    },
    readers: () => readers(lean),
    faulted,
  }
}

/** opossum has one way: `stats` works out all of it. */
function readers(lean: object): Readers {
  const breaker = new CircuitBreaker(idleWork, { timeout: false, ...lean })
  return { call: () => breaker.fire(), snapshot: () => breaker.stats }
}

function faulted({ work, timeoutMs, openMs }: FaultSettings): Faulted {
  const breaker = new CircuitBreaker(work, {
    timeout: timeoutMs ?? false,
    ...(openMs === undefined ? {} : { resetTimeout: openMs }),
  })
  return {
    call: () => breaker.fire(),
    isOpen: () => breaker.opened,
    isTimeout: (error) => (error as { code?: unknown }).code === 'ETIMEDOUT',
  }
}

function opossumSubject(build: Build, lean: object): Subject {
  const breaker = new CircuitBreaker(build.work, {
    timeout: build.policies === 'breaker' ? false : TIMEOUT_MS,
    resetTimeout: OPEN_MS,
    // It trips above the threshold, never at it: 100 keeps it closed whatever fails.
    errorThresholdPercentage: build.mode.startsWith('fails') ? 100 : 50,
    ...(build.policies === 'five' ? { capacity: BULKHEAD_LIMIT } : {}),
    ...lean,
  })
  if (build.mode.endsWith('fallback') || (build.policies === 'five' && build.mode === 'closed'))
    breaker.fallback(() => 0)
  const dispose = (): void => breaker.shutdown()
  if (build.policies !== 'five') return { call: () => breaker.fire(), dispose }
  const options = build.mode === 'closed' ? { retries: 2 } : { retries: 2, shouldRetry: () => false }
  return { call: () => pRetry(() => breaker.fire(), options), dispose }
}

const idleWork: Work = async () => 1
