/** opossum as a subject: all parts are options of one class. */
import UntypedBreaker from 'opossum'
import { refuse, Lacks } from './subject.js'
import type { BreakerParts, Library, Parts, Stack, Work } from './subject.js'

/** What is used of it; it publishes no types. */
interface Breaker {
  readonly opened: boolean
  readonly halfOpen: boolean
  fire(work: Work): Promise<unknown>
  fallback(answer: (work: Work, cause: unknown) => unknown): this
  on(event: string, listener: () => void): this
  getSignal(): AbortSignal | undefined
  healthCheck(check: () => unknown, everyMs: number): void
  shutdown(): void
}
interface BreakerStack extends Stack {
  breaker(): Breaker
}
type Action = (work: Work) => unknown

const Breaker = UntypedBreaker as unknown as new (action: Action, options: object) => Breaker
const NEVER_ABORTS = new AbortController().signal
/** More calls than any scenario makes: such a breaker does not open. */
const NEVER_OPENS = { volumeThreshold: 1_000_000_000 }

export const opossum: Library = {
  name: 'opossum',
  build(parts) {
    refuse(parts, ['retry', 'queue', 'callersAbort'])
    const stack = stackOf(optionsOf(parts))
    const { fallback, onEnd } = parts
    if (fallback) stack.breaker().fallback((_work, cause) => fallback(cause))
    if (onEnd) for (const kind of ['success', 'failure'] as const) stack.breaker().on(kind, () => onEnd(kind))
    return stack
  },
  twoFromOneObject() {
    const options = { errorThresholdPercentage: 50, volumeThreshold: 2 }
    const before = Object.keys(options).length
    const stacks = [stackOf(options), stackOf(options)] as const
    return { stacks, changed: Object.keys(options).length !== before }
  },
}

function optionsOf({ breaker, timeoutMs, limit, full, coalesce, cache, lean }: Parts): object {
  return {
    ...(breaker ? breakerOptions(breaker) : NEVER_OPENS),
    timeout: timeoutMs ?? false,
    autoRenewAbortController: true,
    capacity: full ? 0 : limit,
    ...(coalesce ? { coalesce, coalesceTTL: 10_000 } : {}),
    ...(coalesce || cache ? { cacheGetKey: () => 'one key' } : {}),
    ...(cache ? { cache: true, cacheTransport: cache } : {}),
    ...(lean ? { rollingPercentilesEnabled: false, enableSnapshots: false } : {}),
  }
}

function breakerOptions({ opens, openMs, ignores, restore }: BreakerParts): object {
  return {
    ...(openMs === undefined ? {} : { resetTimeout: openMs }),
    ...(ignores ? { errorFilter: ignores } : {}),
    ...(restore === undefined ? {} : (JSON.parse(restore) as object)),
    ...tripRule(opens),
  }
}

function tripRule(opens: BreakerParts['opens']): object {
  if (opens === 'by default') return {}
  if ('inARow' in opens) throw new Lacks('failures in a row')
  if ('afterFailures' in opens) return { volumeThreshold: opens.afterFailures, rollingCountTimeout: 60_000 }
  const { percent, volume, windowMs } = opens
  return { errorThresholdPercentage: percent, volumeThreshold: volume, rollingCountTimeout: windowMs }
}

function stackOf(options: object): BreakerStack {
  const breaker: Breaker = new Breaker(
    (work) => work({ signal: breaker.getSignal() ?? NEVER_ABORTS }),
    options,
  )
  return {
    breaker: () => breaker,
    call: (work) => breaker.fire(work),
    state: () => (breaker.opened ? 'open' : breaker.halfOpen ? 'half-open' : 'closed'),
    save: () => JSON.stringify(breaker),
    checkHealth: (check, everyMs) => breaker.healthCheck(check, everyMs),
    shutDown: () => breaker.shutdown(),
  }
}
