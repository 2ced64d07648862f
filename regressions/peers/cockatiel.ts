/** cockatiel as a subject. Each policy is wrapped around the next. */
import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ConstantBackoff,
  fallback,
  handleAll,
  handleWhen,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'
import type { CircuitBreakerPolicy, IBreaker, IDefaultPolicyContext, IPolicy } from 'cockatiel'
import { Lacks, refuse } from './subject.js'
import type { BreakerParts, Library, Parts, Stack } from './subject.js'

/** Any of its policies; a fallback answers what nobody knows. */
type AnyPolicy = IPolicy<IDefaultPolicyContext, unknown>

const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
} as const

export const cockatiel: Library = {
  name: 'cockatiel',
  build(parts) {
    refuse(parts, ['coalesce', 'cache'])
    const breaker = parts.breaker && breakerOf(parts.breaker)
    const telling: AnyPolicy[] = [...(breaker ? [breaker] : []), ...inside(parts)]
    for (const kind of ['onSuccess', 'onFailure'] as const) {
      const { onEnd } = parts
      if (onEnd) telling[0]?.[kind](() => onEnd(kind === 'onSuccess' ? 'success' : 'failure'))
    }
    return stackOf(wrap(...outside(parts), ...telling), breaker)
  },
  twoFromOneObject() {
    const options = { breaker: new ConsecutiveBreaker(2), halfOpenAfter: 10_000 }
    const before = Object.keys(options).length
    const [one, other] = [circuitBreaker(handleAll, options), circuitBreaker(handleAll, options)]
    return {
      stacks: [stackOf(one, one), stackOf(other, other)],
      changed: Object.keys(options).length !== before,
    }
  },
}

function outside({ retry: again, ...parts }: Parts): AnyPolicy[] {
  const policies: AnyPolicy[] = []
  const { fallback: answer } = parts
  // Its factory takes nothing, so the cause is not to be had.
  if (answer) policies.push(fallback(handleAll, (...given: unknown[]) => answer(given[0])))
  if (again === 'by default') policies.push(retry(handleAll, {}))
  else if (again) {
    const { maxRetries, delayMs } = again
    policies.push(retry(handleAll, { maxAttempts: maxRetries, backoff: new ConstantBackoff(delayMs) }))
  }
  return policies
}

function inside({ limit, full, queue, timeoutMs }: Parts): AnyPolicy[] {
  const policies: AnyPolicy[] = []
  if (limit !== undefined) policies.push(bulkhead(full ? 0 : limit, queue))
  if (timeoutMs !== undefined) policies.push(timeout(timeoutMs, TimeoutStrategy.Aggressive))
  return policies
}

function breakerOf({ opens, openMs = 30_000, ignores, restore }: BreakerParts): CircuitBreakerPolicy {
  const handled = ignores ? handleWhen((error) => !ignores(error)) : handleAll
  const initialState = restore === undefined ? {} : { initialState: JSON.parse(restore) as unknown }
  return circuitBreaker(handled, { halfOpenAfter: openMs, breaker: tripRule(opens), ...initialState })
}

function tripRule(opens: BreakerParts['opens']): IBreaker {
  if (opens === 'by default') throw new Lacks('a default')
  if ('inARow' in opens) return new ConsecutiveBreaker(opens.inARow)
  if ('afterFailures' in opens) return new ConsecutiveBreaker(opens.afterFailures)
  const { percent, volume, windowMs } = opens
  const minimumRps = volume / (windowMs / 1_000)
  return new SamplingBreaker({ threshold: percent / 100, duration: windowMs, minimumRps })
}

function stackOf(policy: AnyPolicy, breaker: CircuitBreakerPolicy | undefined): Stack {
  const known = (): CircuitBreakerPolicy => {
    if (breaker === undefined) throw new Lacks('breaker')
    return breaker
  }
  return {
    call: (work, signal) => policy.execute(({ signal: own }) => work({ signal: own }), signal),
    breaker: known,
    state: () => STATES[known().state],
    save: () => JSON.stringify(known()),
    checkHealth: () => {
      throw new Lacks('health check')
    },
    shutDown: () => undefined,
  }
}
