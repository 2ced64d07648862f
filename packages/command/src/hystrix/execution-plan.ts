/**
 * What an execution needs to know of its command and of its caller's wishes.
 */
import type { FallbackCause } from '@breakwater/kernel'
import type { CommandKey } from './command-key.js'
import type { PluginChain } from './hooks.js'
import type { ThreadPool } from './thread-pool.js'

export interface ExecutionPlan {
  readonly key: CommandKey
  readonly pool: ThreadPool
  readonly plugins: PluginChain
  readonly fallback: ((cause: FallbackCause, ...args: unknown[]) => unknown) | undefined
  readonly ignore: ((error: unknown) => boolean) | undefined
  readonly isNotWrapped: ((error: unknown) => boolean) | undefined
  readonly isUnrecoverable: ((error: unknown) => boolean) | undefined
  /** The caller's time; `Infinity` without a limit. */
  readonly budgetMs: number
  /** Requests of a collapser that this execution answers; 0 outside of one. */
  readonly collapsed: number
}
