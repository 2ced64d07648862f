// Breakwater, used as its documentation shows. Before anything is measured, pipelines of many other shapes run in the same process: a
// service has more than one, and code that is fast only while it is alone would look faster here than it is there.

import { Bulkhead, CircuitBreaker, Retry, Timeout, consecutiveFailures, errorRate } from '@breakwater/breaker'
import { createCommand } from '@breakwater/command'
import { Fallback } from '@breakwater/fallback'
import { CallTimeoutError, createRuntime, exactClock, pipeline, systemClock } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { BULKHEAD_LIMIT, OPEN_MS, TIMEOUT_MS } from './subject.ts'
import type { Build, Faulted, FaultSettings, Library, Mode, Readers, Work } from './subject.ts'
import { warmOtherShapes } from './ours-warm.ts'

/** S4 asks for exact latencies: then the clock is read at both ends of every call. */
const clock = process.env['BREAKWATER_EXACT_CLOCK'] === '1' ? exactClock : systemClock

/** Breakwater; `sync` calls `executeSync` instead of `execute`. */
export function ours({ sync = false }: { readonly sync?: boolean } = {}): Library {
  return {
    warm: warmOtherShapes,
    adapter: (build) => {
      const { work } = build
      if (sync) {
        const breaker = breakerFor(build.mode)
        return { call: () => breaker.executeSync(work) }
      }
      const policy = compose(build)
      return { call: () => policy.execute(work) }
    },
    idle: {
      create: () => new CircuitBreaker(),
      use: (breaker) => (breaker as CircuitBreaker).execute(idleWork),
    },
    readers,
    faulted,
  }
}

/** A command shows its totals as they are, percentiles when asked, and everything in a snapshot; exporters have a reader of their own. */
function readers(): Readers {
  const runtime = createRuntime()
  const command = createCommand({ name: 'read', runtime, run: (_call, work: Work) => work() })
  const instrument = [...runtime.instruments()].find(({ kind }) => kind === 'command')
  if (instrument === undefined) throw new Error('a command registered nothing')
  return {
    call: (work) => command.execute(work),
    totals: () => command.totals.executions.success,
    p99: () => command.percentile(99),
    snapshot: () => command.snapshot(),
    scrape: () => instrument.read(),
  }
}

function faulted({ work, timeoutMs, openMs }: FaultSettings): Faulted {
  const breaker = new CircuitBreaker(openMs === undefined ? {} : { openMs })
  const policy = timeoutMs === undefined ? breaker : pipeline(breaker, new Timeout({ timeoutMs }))
  return {
    call: () => policy.execute(work),
    isOpen: () => breaker.state === 'open',
    isTimeout: (error) => error instanceof CallTimeoutError,
  }
}

function compose({ policies, mode }: Build): Policy<unknown> {
  const breaker = breakerFor(mode)
  if (mode === 'open-fallback') return pipeline(new Fallback({ chain: [() => 0] }), breaker)
  if (policies === 'breaker') return breaker
  const deadline = new Timeout({ timeoutMs: TIMEOUT_MS, clock })
  if (policies === 'timeout') return pipeline(breaker, deadline)
  return pipeline(
    new Fallback({ chain: [() => 0], ...(mode === 'fails' ? { when: () => false } : {}) }),
    new Retry({ maxRetries: 2, ...(mode === 'closed' ? {} : { retryIf: () => false }) }),
    breaker,
    new Bulkhead({ limit: BULKHEAD_LIMIT, clock }),
    deadline,
  )
}

function breakerFor(mode: Mode): CircuitBreaker {
  if (mode.startsWith('open'))
    return new CircuitBreaker({ trip: consecutiveFailures(5), openMs: OPEN_MS, clock })
  // The harness puts a success into the window now and then, so 100 % is never reached; the rule is evaluated all the same.
  if (mode.startsWith('fails')) return new CircuitBreaker({ trip: errorRate({ percent: 100 }), clock })
  return new CircuitBreaker({ clock })
}

const idleWork: Work = async () => 1
