/**
 * The front door: a named command is a function under the whole set of policies in their usual order, with numbers to
 * show. There is nothing new inside: it builds the pipeline that one would build by hand.
 */
import type { AdaptiveLimiter, Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import { buildRunner, defaultRuntime, reportInternalError } from '@breakwater/kernel'
import type {
  CallOptions,
  CommandReading,
  Outcome,
  PolicyDescription,
  RetryCounts,
  Runner,
  Work,
} from '@breakwater/kernel'
import { HedgeLedger } from './command-hedge.js'
import { CommandHub } from './command-events.js'
import type { CommandEvents } from './command-events.js'
import { claimName, definitionOf } from './command-names.js'
import { joinPool } from './command-pools.js'
import { CommandMeter } from './command-meter.js'
import type { CommandOptions, CommandTuning } from './command-options.js'
import type { Command, CommandSnapshot, CommandTotals, Executable } from './command-shape.js'
import { RetryLedger } from './command-retry.js'
import { createHystrixCommand } from './hystrix/hystrix-command.js'
import type { HystrixCommand } from './hystrix/hystrix-command.js'
import type { HystrixCommandOptions } from './hystrix/hystrix-options.js'
import { holdNothing } from './idle.js'
import { changeParts, disposeOwned, makeParts, stagesOfCommand, tuneParts } from './parts.js'
import type { Books, Parts } from './parts.js'
import { changedPlan, firstPlan } from './plan.js'
import type { Plan } from './plan.js'
import { inRequest } from './request-budget.js'

/**
 * Makes a command of a function. With the preset `standard`: at most 10 s in all and 2 s an attempt; two retries after
 * 100 ms to 2 s within a budget of 20 %; a breaker that opens at 50 % failures of at least 20 calls in 10 s and comes
 * back in steps; 100 calls at once. Say `idempotent: false` when the work must not run twice. With the preset `hystrix`:
 * what Hystrix did, under its property names; the command then has `start()` and `metrics()` too.
 *
 * A name stands for one definition in a runtime. Made again of equal options, a command of the preset `standard` is one of
 * its own, with a breaker and limits of its own, and exporters add the numbers of both up under their name; those of the
 * preset `hystrix` share everything. Functions are not compared.
 *
 * @throws InvalidOptionsError with every fault of the options, those of the policies inside too; and when a command of the
 * same name was made of other options in the runtime and is not disposed of.
 *
 * @example
 * ```ts
 * import { createCommand } from '@breakwater/command'
 *
 * const getUser = createCommand({
 *   name: 'GetUser',
 *   run: async (call, id: string) => ({ id, name: `user ${id}` }),
 *   fallback: (cause, id) => ({ id, name: 'somebody' }),
 * })
 * console.log((await getUser.execute('42')).name) // user 42
 * getUser.dispose()
 * ```
 */
export function createCommand<A extends unknown[], R, F = never>(
  options: CommandOptions<A, R, F>,
): Command<A, Awaited<R> | Awaited<F>>
export function createCommand<A extends unknown[], R, F = never>(
  options: HystrixCommandOptions<A, R, F>,
): HystrixCommand<A, Awaited<R> | Awaited<F>>
export function createCommand<A extends unknown[], R, F = never>(
  options: CommandOptions<A, R, F> | HystrixCommandOptions<A, R, F>,
): Command<A, Awaited<R> | Awaited<F>> {
  return isOfHystrix(options)
    ? createHystrixCommand<A, Awaited<R> | Awaited<F>>(options)
    : new StandardCommand<A, Awaited<R> | Awaited<F>>(options)
}

// Everything else is for the check of the options to say, also what is no object at all.
function isOfHystrix(options: unknown): boolean {
  try {
    return (options as { readonly preset?: unknown } | null | undefined)?.preset === 'hystrix'
  } catch {
    return false
  }
}

class StandardCommand<A extends unknown[], R> implements Command<A, R> {
  private plan: Plan
  private parts: Parts
  private runner: Runner
  private readonly books: Books
  private hub: CommandHub | null = null
  private unregister: (() => void) | null
  // One function for all calls: the runner hands over the arguments.
  private readonly work: Work<R>

  constructor(options: object) {
    this.plan = firstPlan(options)
    const { name, group, run, ignore, clock, runtime = defaultRuntime() } = this.plan.resolved
    const release = claimName(runtime, name, definitionOf(this.plan.given))
    const leavePool = this.enterPool(release)
    this.books = {
      meter: new CommandMeter(ignore, () => clock.now()),
      ledger: new RetryLedger(),
      hedges: new HedgeLedger(),
    }
    this.parts = makeParts(this.plan.resolved)
    this.runner = this.build()
    const work = (call: Parameters<Work<R>>[0], args: unknown): unknown => run(call, ...(args as A))
    this.work = work as Work<R>
    const unregister = runtime.register({ kind: 'command', name, group, read: () => this.reading() })
    const leaveAll = (): void => {
      unregister()
      release()
      leavePool?.()
    }
    this.unregister = leaveAll
  }

  get name(): string {
    return this.plan.resolved.name
  }

  get group(): string | undefined {
    return this.plan.resolved.group
  }

  get breaker(): CircuitBreaker | undefined {
    return this.parts.breaker
  }

  get bulkhead(): Bulkhead | AdaptiveLimiter | undefined {
    return this.parts.bulkhead
  }

  get isIdle(): boolean {
    return this.books.meter.inFlight === 0 && holdNothing(this.parts, this.plan.resolved)
  }

  execute(...args: A): Promise<R> {
    return this.runner.execute(this.work, inRequest(undefined), args) as Promise<R>
  }

  outcome(...args: A): Promise<Outcome<R>> {
    return this.runner.outcome(this.work, inRequest(undefined), args) as Promise<Outcome<R>>
  }

  with(options: CallOptions): Executable<A, R> {
    return {
      execute: (...args) => this.runner.execute(this.work, inRequest(options), args) as Promise<R>,
      outcome: (...args) => this.runner.outcome(this.work, inRequest(options), args) as Promise<Outcome<R>>,
    }
  }

  get totals(): CommandTotals {
    return this.books.meter
  }

  percentile(p: number): number | undefined {
    return this.books.meter.latency.percentile(p, this.plan.resolved.clock.now())
  }

  snapshot(): CommandSnapshot {
    const { parts, books, plan } = this
    const { name, group, attemptTimeoutMs, clock } = plan.resolved
    return {
      ...this.reading(),
      name,
      group,
      attemptTimeoutMs,
      latency: books.meter.recentLatency(clock.now()),
      breaker: parts.breaker?.snapshot(),
      bulkhead: parts.bulkhead?.snapshot(),
      ...(parts.rate === undefined ? {} : { rate: parts.rate.snapshot() }),
    }
  }

  describe(): PolicyDescription[] {
    return stagesOfCommand(this.parts, this.plan.resolved, this.books).map((stage) => stage.describe())
  }

  update(options: CommandTuning): void {
    const { parts, plan: before } = this
    this.plan = changedPlan(before, options)
    this.parts = changeParts(parts, before.resolved, this.plan.resolved)
    this.runner = this.build()
    this.hub?.follow(this.parts.breaker)
    // From here on everybody may listen and act: the change is complete.
    const { resolved } = this.plan
    disposeOwned(parts, before.resolved, this.parts)
    if (this.unregister === null) disposeOwned(this.parts, resolved)
    tuneParts(this.parts, before.resolved, () => this.plan.resolved)
  }

  on<E extends keyof CommandEvents>(event: E, listener: (payload: CommandEvents[E]) => void): () => void {
    this.hub ??= new CommandHub(this.parts.breaker, this.books)
    return this.hub.on(event, listener)
  }

  dispose(): void {
    this.unregister?.()
    this.unregister = null
    disposeOwned(this.parts, this.plan.resolved)
    this.hub?.clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** From here on its bulkhead is one that it shares. */
  private enterPool(release: () => void): (() => void) | undefined {
    const { resolved } = this.plan
    if (resolved.pool === undefined) return undefined
    try {
      const place = joinPool(resolved.pool, resolved)
      this.plan = { ...this.plan, resolved: { ...resolved, bulkhead: place.bulkhead } }
      return () => place.leave()
    } catch (error) {
      release()
      throw error
    }
  }

  /** What the work retried by itself, if it does. */
  private countsOfWork(): RetryCounts | undefined {
    try {
      return this.plan.resolved.retryCounts?.()
    } catch (error) {
      reportInternalError(error, `retryCounts of ${this.name}`)
      return undefined
    }
  }

  private build(): Runner {
    return buildRunner(stagesOfCommand(this.parts, this.plan.resolved, this.books), this.name)
  }

  private reading(): CommandReading {
    const { meter, ledger } = this.books
    return {
      executions: { ...meter.executions },
      fallbacks: { ...meter.fallbacks },
      exceptionsThrown: meter.exceptionsThrown,
      retries: { ...(this.countsOfWork() ?? ledger.counts) },
      inFlight: meter.inFlight,
      latency: meter.totalLatency,
      timeoutMs: this.plan.resolved.timeoutMs,
    }
  }
}
