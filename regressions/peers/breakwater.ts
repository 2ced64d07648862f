/** Breakwater as a subject. */
import {
  Bulkhead,
  CircuitBreaker,
  constant,
  consecutiveFailures,
  errorRate,
  Retry,
  Timeout,
} from '@breakwater/breaker'
import type { CircuitBreakerOptions, SavedBreaker, TripRule } from '@breakwater/breaker'
import { Fallback, RequestCache } from '@breakwater/fallback'
import { guard, onInternalError, pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { Lacks, refuse } from './subject.js'
import type { BreakerParts, Library, Parts, Stack } from './subject.js'

export const breakwater: Library = {
  name: 'Breakwater',
  build(parts) {
    refuse(parts, ['cache'])
    const breaker = parts.breaker && new CircuitBreaker(breakerOptions(parts.breaker))
    return stackOf(pipeline(...outside(parts), ...(breaker ? [breaker] : []), ...inside(parts)), breaker)
  },
  twoFromOneObject() {
    const options = { trip: consecutiveFailures(2) }
    const before = Object.entries(options)
    const [one, other] = [new CircuitBreaker(options), new CircuitBreaker(options)]
    const changed = String(Object.entries(options)) !== String(before)
    return { stacks: [stackOf(one, one), stackOf(other, other)], changed }
  },
}

function outside({ fallback, fallbackForIgnored, coalesce, retry, onEnd }: Parts): Policy<unknown>[] {
  const policies: Policy<unknown>[] = []
  if (fallback) {
    const chain = [(cause: object): unknown => fallback('error' in cause ? cause.error : undefined)]
    policies.push(new Fallback({ chain, ...(fallbackForIgnored ? { when: () => true } : {}) }))
  }
  if (coalesce) policies.push(new RequestCache({ key: () => 'one key', scope: 'process' }))
  if (retry === 'by default') policies.push(new Retry())
  else if (retry)
    policies.push(new Retry({ maxRetries: retry.maxRetries, backoff: constant({ ms: retry.delayMs }) }))
  if (onEnd) {
    // Its throws are reported; somebody listens, so that they are not printed.
    onInternalError(() => undefined)
    const exit = (_call: unknown, { kind }: { kind: string }): void =>
      onEnd(kind === 'success' ? kind : 'failure')
    policies.push(guard({ enter: () => undefined, exit }))
  }
  return policies
}

function inside({ limit, full, queue, timeoutMs }: Parts): Policy<unknown>[] {
  const policies: Policy<unknown>[] = []
  if (limit !== undefined) {
    const bulkhead = new Bulkhead({ limit, queue: { limit: queue ?? 0 } })
    for (let slot = 0; full && slot < limit; slot++) void bulkhead.execute(() => new Promise(() => undefined))
    policies.push(bulkhead)
  }
  if (timeoutMs !== undefined) policies.push(new Timeout({ timeoutMs }))
  return policies
}

function breakerOptions({ opens, openMs, ignores, restore }: BreakerParts): CircuitBreakerOptions {
  return {
    trip: tripRule(opens),
    openMs,
    probes: { limit: 1 },
    classify:
      ignores &&
      ((outcome) => {
        if (outcome.kind === 'success') return 'success'
        return ignores(outcome.error) ? 'ignored' : 'failure'
      }),
    restore: restore === undefined ? undefined : (JSON.parse(restore) as SavedBreaker),
  }
}

function tripRule(opens: BreakerParts['opens']): TripRule | undefined {
  if (opens === 'by default') return undefined
  if ('percent' in opens) return errorRate(opens)
  return consecutiveFailures('inARow' in opens ? opens.inARow : opens.afterFailures)
}

function stackOf(policy: Policy<unknown>, breaker: CircuitBreaker | undefined): Stack {
  const known = (): CircuitBreaker => {
    if (breaker === undefined) throw new Lacks('breaker')
    return breaker
  }
  return {
    call: (work, signal) => policy.execute(work, { signal }),
    breaker: known,
    state: () => known().state as ReturnType<Stack['state']>,
    save: () => JSON.stringify(known().save()),
    checkHealth: () => {
      throw new Lacks('health check')
    },
    shutDown: () => breaker?.[Symbol.dispose](),
  }
}
