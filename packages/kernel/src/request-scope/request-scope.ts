/**
 * One request of the service that this process is: from its arrival until its answer is sent. What belongs to it (shared
 * answers, batches, a log) hangs on its scope, which follows the request through `await`, timers and callbacks by
 * `AsyncLocalStorage`, and goes when the request ends. Nothing is paid for it by those who open no scope.
 *
 * Hystrix: `HystrixRequestContext`.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'
import { systemClock } from '../clock.js'
import type { MonotonicMs } from '../clock.js'
import { reportInternalError, runFenced } from '../internal-errors.js'
import { readOptions } from '../options.js'
import { processWide } from '../process-wide.js'

/** What a request may say about itself. */
export interface RequestContextOptions {
  /**
   * The whole time of the request from now, in milliseconds, for all commands and HTTP requests inside of it. Default: no
   * limit but that of the request around it.
   */
  readonly budgetMs?: number | undefined
}

/** The scope of one request. */
export interface RequestScope {
  /** Runs `fn` inside of it, also when it has ended: then `fn` finds no scope. */
  run<R>(fn: () => R): R
  /** Ends it, and with it everything that belongs to the request. The second time does nothing. */
  end(): void
  readonly isEnded: boolean
  /** When its time is over, on the system's monotonic clock; undefined without a limit. */
  readonly deadline: MonotonicMs | undefined
  /** `listener` runs once, when the scope ends; at once, when it has. Returns the function that unsubscribes. */
  onEnd(listener: () => void): () => void
  /** @internal What belongs to the request, by its variable. */
  readonly values: Map<object, unknown>
}

class Scope implements RequestScope {
  readonly values = new Map<object, unknown>()
  isEnded = false
  // A wrapper of its own for each subscription: the same function may subscribe twice.
  private readonly listeners = new Set<{ readonly run: () => void }>()

  constructor(readonly deadline: MonotonicMs | undefined) {}

  run<R>(fn: () => R): R {
    return storage().run(this, fn)
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    const listeners = [...this.listeners]
    this.listeners.clear()
    this.values.clear()
    for (const { run } of listeners) tell(run)
  }

  onEnd(listener: () => void): () => void {
    if (this.isEnded) {
      tell(listener)
      return () => {}
    }
    const subscription = { run: listener }
    this.listeners.add(subscription)
    return () => {
      this.listeners.delete(subscription)
    }
  }
}

const KEY: unique symbol = Symbol.for('breakwater.request-scope@1') as never

/**
 * A scope that lives until its `end()`, without a limit of time, wherever it was opened: also for work that is to outlive the
 * request it began in. Most want {@link withRequestContext}.
 *
 * @example
 * ```ts
 * import { currentRequestScope, openRequestScope } from '@breakwater/kernel'
 *
 * const scope = openRequestScope()
 * scope.onEnd(() => console.log('over'))
 * console.log(scope.run(() => currentRequestScope() === scope)) // true
 * scope.end() // prints: over
 * ```
 */
export function openRequestScope(): RequestScope {
  return new Scope(undefined)
}

/** The scope of the request that this code runs for; `undefined` outside of any, and when it has ended. */
export function currentRequestScope(): RequestScope | undefined {
  const scope = storage().getStore()
  return scope === undefined || scope.isEnded ? undefined : scope
}

/** Whether this code runs for a request that is over. */
export function isAfterRequest(): boolean {
  return storage().getStore()?.isEnded === true
}

/**
 * What is left of the time of the current request, in milliseconds, for work that no command does; `Infinity` without a limit,
 * outside of any request, and when that has ended.
 *
 * @example
 * ```ts
 * import { requestBudgetMs, withRequestContext } from '@breakwater/kernel'
 *
 * await withRequestContext(async () => console.log(requestBudgetMs() <= 500), { budgetMs: 500 }) // true
 * ```
 */
export function requestBudgetMs(): number {
  const deadline = currentRequestScope()?.deadline
  return deadline === undefined ? Infinity : Math.max(0, deadline - systemClock.now())
}

/**
 * Runs `fn` as one request. When it answers with a promise, the request ends as soon as that settles; when it throws, at
 * once. A middleware, which answers with nothing and leaves others to go on, says when: by the scope that it is given.
 * A scope inside of another is one of its own, but its time is over no later.
 *
 * With `budgetMs`, commands and HTTP requests inside take what is left of it, or their own time where that is shorter, and
 * begin nothing when it is used up. Single policies do not look at it: give them {@link requestBudgetMs} as their `budgetMs`.
 *
 * @throws InvalidOptionsError when `budgetMs` is no duration. What `fn` throws passes through.
 *
 * @example
 * ```ts
 * import { currentRequestScope, withRequestContext } from '@breakwater/kernel'
 *
 * const isInside = await withRequestContext(async () => {
 *   await new Promise((resolve) => setTimeout(resolve, 1))
 *   return currentRequestScope() !== undefined
 * })
 * console.log(isInside, currentRequestScope()) // true undefined
 *
 * // A middleware of Express: the request ends when its response is sent or lost.
 * const requestContext = (_req: unknown, res: { once(event: 'close', run: () => void): void }, next: () => void) =>
 *   withRequestContext((scope) => {
 *     res.once('close', () => scope.end())
 *     next()
 *   })
 * console.log(requestContext.length) // 3
 * ```
 */
export function withRequestContext<R>(fn: (scope: RequestScope) => R, options?: RequestContextOptions): R {
  const scope = new Scope(deadlineWith(options))
  let result: R
  try {
    result = scope.run(() => fn(scope))
  } catch (error) {
    scope.end()
    throw error
  }
  // The derived promise, so that a rejection nobody awaits is still seen as one, and the end comes before the caller goes on.
  return types.isPromise(result) ? (endWith(result, scope) as R) : result
}

async function endWith(result: Promise<unknown>, scope: RequestScope): Promise<unknown> {
  try {
    return await result
  } finally {
    scope.end()
  }
}

// Of two limits the nearer one counts.
function deadlineWith(options: RequestContextOptions | undefined): MonotonicMs | undefined {
  const outer = currentRequestScope()?.deadline
  const budgetMs = options === undefined ? Infinity : budgetOf(options)
  if (budgetMs === Infinity) return outer
  return Math.min(systemClock.now() + budgetMs, outer ?? Infinity)
}

function budgetOf(options: RequestContextOptions): number {
  const read = readOptions('withRequestContext', options, ['budgetMs'])
  // Infinity is what `requestBudgetMs()` says without a limit.
  const budgetMs = read.value('budgetMs') === Infinity ? Infinity : read.durationMs('budgetMs', Infinity)
  read.finish()
  return budgetMs
}

function tell(listener: () => void): void {
  runFenced(listener, (error) => {
    reportInternalError(error, 'the end of a request scope')
  })
}

// The ESM and the CommonJS copy of this package share it.
function storage(): AsyncLocalStorage<RequestScope> {
  const place = globalThis as { [KEY]?: AsyncLocalStorage<RequestScope> }
  return place[KEY] ?? processWide(KEY, () => new AsyncLocalStorage<RequestScope>())
}
