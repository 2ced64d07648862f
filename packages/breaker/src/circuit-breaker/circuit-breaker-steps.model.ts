/** Lists of steps for a breaker, drawn around its boundaries in time, and their replay beside the naive one. For tests only. */
import { OUTCOME_KINDS } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { linear } from '../backoff/backoff.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { FORCED, NaiveBreaker } from './circuit-breaker.model.js'
import type { ModelPermit, ModelRules } from './circuit-breaker.model.js'
import type { ForcedState, Transition } from './core/machine-data.js'
import type { CircuitBreakerEvents } from './gate.js'
import { Permit } from './permit.js'
import { errorRate } from './trip-rules.js'

export type Step =
  | { readonly do: 'acquire' }
  | { readonly do: 'settle'; readonly which: number; readonly kind: OutcomeKind }
  | { readonly do: 'calls'; readonly kinds: readonly OutcomeKind[] }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'force'; readonly state: ForcedState }
  | { readonly do: 'openFor'; readonly ms: number }
  | { readonly do: 'release' | 'reset' | 'update' }

export interface Run {
  readonly rules: ModelRules
  readonly steps: readonly Step[]
}

/** One real breaker and its naive twin. */
export interface Pair {
  readonly clock: SimClock
  readonly breaker: CircuitBreaker
  readonly naive: NaiveBreaker
  readonly issued: { readonly permit: Permit; readonly twin: ModelPermit }[]
  /** What the real one told. */
  readonly transitions: Transition[]
  readonly late: CircuitBreakerEvents['late'][]
}

export const kinds: fc.Arbitrary<OutcomeKind> = fc.constantFrom(...OUTCOME_KINDS)

const series: fc.Arbitrary<OutcomeKind[]> = fc.oneof(
  ...[fc.constant<OutcomeKind>('failure'), fc.constant<OutcomeKind>('success'), kinds].map((kind) =>
    fc.array(kind, { minLength: 1, maxLength: 6 }),
  ),
)

export const rulesets: fc.Arbitrary<ModelRules> = fc.record({
  percent: fc.constantFrom(1, 33, 50, 67, 100),
  volume: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.constantFrom(100, 1_000),
  buckets: fc.constantFrom(1, 2, 10),
  baseOpenMs: fc.constantFrom(0, 1, 50, 400),
  limit: fc.integer({ min: 1, max: 3 }),
  leaseMs: fc.constantFrom(1, 30, 500),
  closeAfter: fc.integer({ min: 1, max: 4 }),
})

function stepsFor({ windowMs, buckets, baseOpenMs, leaseMs }: ModelRules): fc.Arbitrary<Step[]> {
  const edges = [windowMs, windowMs / buckets, baseOpenMs, 2 * baseOpenMs, 3 * baseOpenMs, leaseMs]
  const ms = fc.constantFrom(
    0,
    1,
    2 ** 31,
    ...edges.flatMap((edge) => [Math.max(0, edge - 1), edge, edge + 1]),
  )
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('acquire' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(4), kind: kinds }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('calls' as const), kinds: series }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('pass' as const), ms }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('force' as const), state: fc.constantFrom(...FORCED) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('openFor' as const), ms }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('release', 'reset', 'update') }) },
  )
  return fc.array(step, { minLength: 5, maxLength: 60, size: 'max' })
}

export const runs: fc.Arbitrary<Run> = rulesets.chain((rules) =>
  fc.record({ rules: fc.constant(rules), steps: stepsFor(rules) }),
)

export function optionsOf(rules: ModelRules, clock: SimClock): CircuitBreakerOptions {
  const { percent, volume, windowMs, buckets, baseOpenMs, limit, leaseMs, closeAfter } = rules
  return {
    clock,
    trip: errorRate({ percent, volume, windowMs, buckets }),
    openMs: linear({ baseMs: baseOpenMs, maxMs: 3 * baseOpenMs }),
    probes: { limit, leaseMs, closeAfter },
  }
}

/** Does the steps on both; `check` is called after each. */
export function replay(
  { rules, steps }: Run,
  check: (pair: Pair, step: Step) => void = () => undefined,
): Pair {
  const clock = new SimClock()
  const breaker = new CircuitBreaker(optionsOf(rules, clock))
  const pair: Pair = { clock, breaker, naive: new NaiveBreaker(rules), issued: [], transitions: [], late: [] }
  breaker.on('transition', (transition) => pair.transitions.push(transition))
  breaker.on('late', (event) => pair.late.push(event))
  for (const step of steps) {
    apply(pair, step)
    check(pair, step)
  }
  return pair
}

/** Asks both for a permit; they must agree. */
function acquireBoth({ clock, breaker, naive, issued }: Pair): boolean {
  const permit = breaker.tryAcquire()
  const twin = naive.acquire(clock.now())
  if (permit instanceof Permit !== (twin !== undefined)) {
    throw new Error(`${permit instanceof Permit ? 'admitted' : 'refused'} at ${String(clock.now())}`)
  }
  if (permit instanceof Permit && twin !== undefined) issued.push({ permit, twin })
  return permit instanceof Permit
}

function settleBoth({ clock, naive, issued }: Pair, which: number, kind: OutcomeKind): void {
  const chosen = issued.at(-1 - which)
  chosen?.permit.settle(kind)
  if (chosen !== undefined) naive.settle(chosen.twin, kind, clock.now())
}

function apply(pair: Pair, step: Step): void {
  const { clock, breaker, naive } = pair
  switch (step.do) {
    case 'acquire':
      acquireBoth(pair)
      break
    case 'settle':
      settleBoth(pair, step.which, step.kind)
      break
    case 'calls':
      for (const kind of step.kinds) if (acquireBoth(pair)) settleBoth(pair, 0, kind)
      break
    case 'pass':
      clock.stall(step.ms)
      break
    case 'force':
      forceBoth(pair, step.state)
      break
    case 'openFor':
      breaker.openFor(Math.min(step.ms, 2 ** 31 - 1))
      naive.openFor(Math.min(step.ms, 2 ** 31 - 1), clock.now())
      break
    case 'release':
      breaker.release()
      naive.release(clock.now())
      break
    case 'reset':
      breaker.reset()
      naive.reset()
      break
    case 'update':
      // The options that it has: nothing may change.
      breaker.update({ captureStack: false })
      break
  }
}

function forceBoth({ breaker, naive }: Pair, state: ForcedState): void {
  naive.force(state)
  if (state === 'forced-open') breaker.forceOpen()
  else if (state === 'forced-closed') breaker.forceClosed()
  else if (state === 'disabled') breaker.disable()
  else breaker.observeOnly()
}
