/**
 * Composes policies: cuts the pipeline into stretches, refuses orders that cannot be meant, and fills the slots of one
 * runner per stretch.
 */
import type { CallOptions, Work } from '../call.js'
import { systemClock } from '../clock.js'
import type { Clock } from '../clock.js'
import { InvalidOptionsError } from '../errors.js'
import type { OptionIssue } from '../errors.js'
import { invalidArgument } from '../invalid-options-error.js'
import type { Outcome } from '../outcome.js'
import type { Pipeline, Policy, PolicyDescription, WidenedBy } from '../policy.js'
import { timelineOf } from '../timeline.js'
import { arrange, orderProblems } from './core/order.js'
import type { Placed } from './core/order.js'
import { GuardList } from './guard-list.js'
import type { NamedGuard } from './guard-list.js'
import { Hedged } from './hedged.js'
import { Cached, Foreign } from './inside.js'
import type { Inside } from './inside.js'
import { Runner } from './runner.js'
import type { Slots } from './runner.js'
import type { ForeignPart, HedgePart, RetryPart, Stage } from './stage.js'

/** A policy of ours: shows the pipeline what it brings. */
export interface StagedPolicy extends Policy<unknown> {
  readonly stage: Stage | readonly Stage[]
}

/** What all policies share: each is a pipeline of one. */
export abstract class PolicyBase<W = never> implements Policy<W> {
  declare readonly widens?: readonly [W]
  private lazyRunner: Runner | undefined = undefined

  abstract get stage(): Stage | readonly Stage[]

  execute<R>(work: Work<R>, options?: CallOptions): Promise<R | W> {
    // The runner carries values of any type through; what comes out is what the work or a fallback gave.
    return (this.lazyRunner ?? this.runner()).execute(work, options) as Promise<R | W>
  }

  outcome<R>(work: Work<R>, options?: CallOptions): Promise<Outcome<R | W>> {
    return this.runner().outcome(work, options) as Promise<Outcome<R | W>>
  }

  wrap<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => Promise<Awaited<R> | W> {
    if (typeof fn !== 'function')
      throw invalidArgument('wrap', { path: 'fn', received: fn, expected: 'a function' })
    const runner = this.runner()
    function wrapped(this: unknown, ...args: A): Promise<Awaited<R> | W> {
      // The arguments are for caches, which make their keys of them.
      return runner.execute(() => fn.apply(this, args), undefined, args) as Promise<Awaited<R> | W>
    }
    // Frameworks look at the number of parameters: a handler of errors in Express is one that has four.
    return Object.defineProperties(wrapped, {
      name: { value: fn.name, configurable: true },
      length: { value: fn.length, configurable: true },
    })
  }

  /** @internal */
  protected runner(): Runner {
    return (this.lazyRunner ??= runnerOf(stagesOf(this, 0), undefined))
  }
}

class ComposedPipeline<W> extends PolicyBase<W> implements Pipeline<W> {
  override readonly stage: readonly Stage[]

  constructor(stages: readonly Stage[]) {
    super()
    this.stage = stages
    checkOrder(stages)
    clockOf(stages)
  }

  describe(): PolicyDescription[] {
    return this.stage.map((stage) => stage.describe())
  }
}

/**
 * Composes policies, outermost first, into one. Neighbouring guards (breaker, bulkhead, timeout) run in one pass with
 * the retry and the fallback around them, at about the cost of one. Pipelines given as policies are taken apart.
 * A policy of your own takes part by its `execute(work, { signal, budgetMs })`; the call that it gives the work, if any,
 * is heeded: its signal and its deadline beside those around it.
 *
 * @throws InvalidOptionsError for something that is no policy, for the same policy twice, for policies on different
 * clocks, and for orders that cannot be meant, such as a fallback inside of a retry.
 *
 * @example
 * ```ts
 * import { pipeline } from '@breakwater/kernel'
 * import { CircuitBreaker, Retry, Timeout } from '@breakwater/breaker'
 *
 * const guarded = pipeline(new Retry({ maxRetries: 1 }), new CircuitBreaker(), new Timeout({ timeoutMs: 500 }))
 * const answer = await guarded.execute(async ({ signal }) => (signal.aborted ? 'late' : 'in time'))
 * console.log(answer) // in time
 * ```
 */
export function pipeline<const P extends readonly Policy<unknown>[]>(
  ...policies: P
): Pipeline<WidenedBy<P[number]>> {
  return new ComposedPipeline(policies.flatMap(stagesOf))
}

/** A runner over given stages, for packages that compose policies of their own. */
export function buildRunner(stages: readonly Stage[], name: string | undefined): Runner {
  checkOrder(stages)
  return runnerOf(stages, name)
}

// Without a check: a pipeline was checked when it was made, and the time of its timeouts may be another by its first call.
function runnerOf(stages: readonly Stage[], name: string | undefined): Runner {
  const timeline = timelineOf(clockOf(stages))
  const runnerName = name ?? stages.map((stage) => stage.describe().name).find((found) => found !== undefined)
  let inside: Runner | null = null
  for (const stretch of arrange(stages.map(({ slot }) => slot)).reverse()) {
    inside = fillSlots(stages, stretch, { name: runnerName, timeline, inside })
  }
  return inside ?? fillSlots([], [], { name: runnerName, timeline, inside: null })
}

/** What a policy brings, as a list; throws for what is no policy. */
export function stagesOf(policy: Policy<unknown>, index: number): readonly Stage[] {
  const staged: unknown = (policy as Partial<StagedPolicy> | undefined | null)?.stage
  if (staged !== undefined) return Array.isArray(staged) ? (staged as readonly Stage[]) : [staged as Stage]
  if (typeof (policy as Partial<Policy> | undefined | null)?.execute === 'function') {
    // Something with `execute` is all that is known of it.
    return [{ slot: 'foreign', part: policy as ForeignPart, describe: () => ({ kind: 'foreign' }) }]
  }
  const expected = 'a policy: an object with an execute function'
  throw invalidArgument('pipeline', { path: `policies[${String(index)}]`, received: policy, expected })
}

type Surroundings = Pick<Slots, 'name' | 'timeline'> & { readonly inside: Runner | null }

const EMPTY: Omit<Slots, keyof Surroundings> = {
  meter: null,
  fallback: null,
  totalTimeout: null,
  rate: null,
  retry: null,
  guards: null,
  breaker: null,
  limit: null,
  attemptTimeout: null,
  isCounted: false,
}

function fillSlots(stages: readonly Stage[], stretch: readonly Placed[], around: Surroundings): Runner {
  const slots: { -readonly [S in keyof Slots]: Slots[S] } = { ...EMPTY, ...around }
  const guards: NamedGuard[] = []
  for (const { index, place } of stretch) {
    const stage = stages[index] as Stage
    if (stage.slot === 'guard') guards.push({ name: stage.describe().name ?? 'guard', part: stage.part })
    else if (stage.slot === 'timeout')
      slots[place === 'total' ? 'totalTimeout' : 'attemptTimeout'] = stage.part
    else if (stage.slot === 'meter') slots.meter = stage.part
    else if (stage.slot === 'fallback') slots.fallback = stage.part
    else if (stage.slot === 'rate') slots.rate = stage.part
    else if (stage.slot === 'retry') {
      slots.retry = stage.part
      slots.isCounted = isCounted(stage.part, stages.slice(0, index))
    } else if (stage.slot === 'breaker') slots.breaker = stage.part
    else if (stage.slot === 'limit') slots.limit = stage.part
    else slots.inside = insideOf(stage, around, stages.slice(0, index))
  }
  if (guards.length > 0) slots.guards = new GuardList(guards)
  return new Runner(slots)
}

type InsideStage = Extract<Stage, { readonly slot: 'hedge' | 'cache' | 'foreign' }>

function insideOf(stage: InsideStage, around: Surroundings, outer: readonly Stage[]): Inside {
  const { inside } = around
  if (stage.slot === 'hedge')
    return new Hedged(stage.part, inside ?? new Runner({ ...EMPTY, ...around }), isCounted(stage.part, outer))
  return stage.slot === 'cache' ? new Cached(stage.part, inside) : new Foreign(stage.part, inside)
}

/** Whether a retry or a hedge further outside counts the calls of the budget that both share. */
function isCounted({ budget }: RetryPart | HedgePart, outer: readonly Stage[]): boolean {
  return (
    budget !== undefined &&
    outer.some((stage) => (stage.slot === 'retry' || stage.slot === 'hedge') && stage.part.budget === budget)
  )
}

function checkOrder(stages: readonly Stage[]): void {
  const ordered = stages.map((stage) => ({
    slot: stage.slot,
    part: stage.part,
    timeoutMs: stage.slot === 'timeout' ? stage.part.timeoutMs : undefined,
  }))
  const issues: OptionIssue[] = orderProblems(ordered).map(({ index, problem }) => ({
    path: `policies[${String(index)}]`,
    received: stages[index]?.slot,
    expected: problem,
  }))
  if (issues.length > 0) throw new InvalidOptionsError('Invalid order of policies', { issues })
}

function clockOf(stages: readonly Stage[]): Clock {
  const clocks = new Set(stages.map(({ clock }) => clock).filter((clock) => clock !== undefined))
  const [clock = systemClock, ...others] = clocks
  if (others.length === 0) return clock
  const received = `${String(clocks.size)} clocks`
  throw invalidArgument('pipeline', {
    path: 'policies',
    received,
    expected: 'the same clock in all of its policies',
  })
}
