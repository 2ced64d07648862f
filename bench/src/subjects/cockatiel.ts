// cockatiel. Its timeout aborts a signal after *every* call unless `abortOnReturn: false`, which alone costs ~4.7 µs: `noabort` is its fair setting,
// the default is what users get. `min` is the cheapest it can be: consecutive failures instead of a window, cooperative timeout.

import {
  CircuitState,
  ConsecutiveBreaker,
  SamplingBreaker,
  TaskCancelledError,
  TimeoutStrategy,
  bulkhead,
  circuitBreaker,
  fallback,
  handleAll,
  handleWhen,
  retry,
  timeout,
  wrap,
} from 'cockatiel'
import type { CircuitBreakerPolicy, IBreaker } from 'cockatiel'
import { BULKHEAD_LIMIT, NEVER, OPEN_MS, TIMEOUT_MS } from './subject.ts'
import type { Build, Faulted, FaultSettings, Library, Mode, Work } from './subject.ts'

/** Which breaker and timeout are used, and whether the signal is aborted after each call. */
export interface CockatielSetting {
  readonly min?: boolean
  readonly noabort?: boolean
}

/** What all its policies have in common, whatever context they hand to the work. */
interface Executes {
  execute(work: Work): Promise<unknown>
}

/** cockatiel in one of its settings. */
export function cockatiel({ min = false, noabort = false }: CockatielSetting): Library {
  return {
    adapter: (build) => {
      const policy = compose(build, { min, noabort })
      return { call: () => policy.execute(build.work) }
    },
    idle: {
      create: () => circuitBreaker(handleAll, { halfOpenAfter: OPEN_MS, breaker: tripRule('closed', min) }),
      use: (breaker) => (breaker as CircuitBreakerPolicy).execute(idleWork),
    },
    faulted,
  }
}

/** It has no default for the open time. */
function faulted({ work, timeoutMs, openMs = OPEN_MS }: FaultSettings): Faulted {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: openMs, breaker: tripRule('closed', false) })
  const policy: Executes =
    timeoutMs === undefined ? breaker : wrap(breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive))
  return {
    call: () => policy.execute(work),
    isOpen: () => breaker.state === CircuitState.Open,
    isTimeout: (error) => error instanceof TaskCancelledError,
  }
}

function compose({ policies, mode }: Build, { min, noabort }: Required<CockatielSetting>): Executes {
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: OPEN_MS, breaker: tripRule(mode, min) })
  const answers = fallback(mode === 'fails' ? handleWhen(() => false) : handleAll, 0)
  if (mode === 'open-fallback') return wrap(answers, breaker)
  if (policies === 'breaker') return breaker
  const deadline = timeout(TIMEOUT_MS, {
    strategy: min ? TimeoutStrategy.Cooperative : TimeoutStrategy.Aggressive,
    abortOnReturn: !noabort,
  })
  if (policies === 'timeout') return wrap(breaker, deadline)
  const again = retry(mode === 'closed' ? handleAll : handleWhen(() => false), { maxAttempts: 2 })
  return wrap(answers, again, breaker, bulkhead(BULKHEAD_LIMIT), deadline)
}

function tripRule(mode: Mode, min: boolean): IBreaker {
  const stays = mode.startsWith('fails')
  if (min) return new ConsecutiveBreaker(stays ? NEVER : 5)
  return new SamplingBreaker({ threshold: 0.5, duration: 10_000, ...(stays ? { minimumRps: NEVER } : {}) })
}

const idleWork: Work = async () => 1
