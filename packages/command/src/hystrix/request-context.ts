/**
 * What belongs to the request that is being served: the log of its executions, their answers to be shared, and the time
 * that it has (Hystrix: `HystrixRequestContext`, `HystrixRequestLog`, `HystrixRequestCache`).
 */
import { currentRequestScope, identify, RequestVariable } from '@breakwater/kernel'
import type { CacheKey, KeyId, MonotonicMs } from '@breakwater/kernel'
import { RequestLog } from './core/request-log.js'
import type { SharedExecution } from './shared-execution.js'

/** The request that is being served. */
export interface CurrentRequest {
  /** What was executed so far. */
  readonly log: RequestLog
  /** When its time is over, on the system's monotonic clock; undefined without a limit. */
  readonly deadline: MonotonicMs | undefined
  /** Forgets the answer that a command gave for a cache key, so that the next execution runs again. */
  clear(command: string, key: CacheKey): void
}

type AnswersOfCommand = Map<KeyId, SharedExecution>

/** Answers that are kept for this request, wherever they are. */
interface KeptAnswers {
  clear(key: CacheKey): void
}

const logs = new RequestVariable<RequestLog>({ create: () => new RequestLog() })
const kept = new RequestVariable<Map<string, Set<KeptAnswers>>>({ create: () => new Map() })
const answers = new RequestVariable<Map<string, AnswersOfCommand>>({ create: () => new Map() })

/**
 * The request that this code runs for; undefined outside of any, and after its end. Inside of `withRequestContext`, also after
 * `await` and in timers, commands of the preset `hystrix` write into its log, and those with a `cacheKey` share answers.
 *
 * @example
 * ```ts
 * import { createCommand, currentRequest, withRequestContext } from '@breakwater/command'
 *
 * const getUser = createCommand({
 *   name: 'CachedUser',
 *   preset: 'hystrix',
 *   run: (_call, id: string) => `user ${id}`,
 *   cacheKey: (id) => id,
 * })
 * await withRequestContext(async () => {
 *   await getUser.execute('1')
 *   await getUser.execute('1')
 *   console.log(currentRequest()?.log.executed.length) // 2
 * })
 * getUser.dispose()
 * ```
 */
export function currentRequest(): CurrentRequest | undefined {
  const scope = currentRequestScope()
  if (scope === undefined) return undefined
  return {
    log: logs.of(scope),
    deadline: scope.deadline,
    // Of this request, wherever it is asked for.
    clear: (command, key) =>
      scope.run(() => {
        const id = identify(key)
        if (id !== undefined) answers.peek()?.get(command)?.delete(id)
        for (const one of kept.peek()?.get(command) ?? []) one.clear(key)
      }),
  }
}

/** Notes where a command keeps its answers, if this is a request. */
export function noteAnswers(command: string, where: KeptAnswers): void {
  if (currentRequestScope() === undefined) return
  const places = kept.get()
  const known = places.get(command) ?? new Set()
  places.set(command, known.add(where))
}

/** The log of the current request, if there is one. */
export function currentLog(): RequestLog | undefined {
  return currentRequestScope() === undefined ? undefined : logs.get()
}

/**
 * The answers that the current request shares for a command, by cache key.
 *
 * @throws RequestScopeError outside of any request.
 */
export function sharedAnswers(command: string): Map<KeyId, SharedExecution> {
  const byCommand = answers.get()
  let own = byCommand.get(command)
  if (own === undefined) {
    own = new Map()
    byCommand.set(command, own)
  }
  return own
}
