/**
 * What looks on while a command runs: hooks, which see every step and may replace values and errors, and a notifier,
 * which hears of every event (Hystrix: `HystrixCommandExecutionHook`, `HystrixEventNotifier`).
 */
import { adopt, reportInternalError } from '@breakwater/kernel'
import type { HystrixEvent } from './core/events.js'
import type { IsolationStrategy } from './core/property-table.js'
import type { ExecutionView } from './execution-view.js'
import type { FailureType } from './hystrix-errors.js'

/**
 * Called in Hystrix's order, each with the execution; all are optional. A throw of `onStart` fails the call at once, one
 * of `onThreadStart` or `onExecutionStart` counts as a failure of the work; any other throw is reported and changes
 * nothing. Those that get a value or an error may return another; `undefined` leaves it, and so does a promise, for which
 * nobody waits.
 */
export interface HystrixHooks {
  readonly onStart?: (execution: ExecutionView) => void
  readonly onThreadStart?: (execution: ExecutionView) => void
  readonly onThreadComplete?: (execution: ExecutionView) => void
  readonly onExecutionStart?: (execution: ExecutionView) => void
  readonly onExecutionEmit?: (execution: ExecutionView, value: unknown) => unknown
  readonly onExecutionError?: (execution: ExecutionView, error: unknown) => unknown
  readonly onExecutionSuccess?: (execution: ExecutionView) => void
  readonly onFallbackStart?: (execution: ExecutionView) => void
  readonly onFallbackEmit?: (execution: ExecutionView, value: unknown) => unknown
  readonly onFallbackError?: (execution: ExecutionView, error: unknown) => unknown
  readonly onFallbackSuccess?: (execution: ExecutionView) => void
  readonly onEmit?: (execution: ExecutionView, value: unknown) => unknown
  readonly onError?: (execution: ExecutionView, error: unknown, failureType: FailureType) => unknown
  readonly onSuccess?: (execution: ExecutionView) => void
  readonly onCacheHit?: (execution: ExecutionView) => void
  readonly onUnsubscribe?: (execution: ExecutionView) => void
}

/** The names of all hooks. */
export const HOOK_NAMES: readonly (keyof HystrixHooks)[] = Object.freeze(
  Object.keys({
    onStart: true,
    onThreadStart: true,
    onThreadComplete: true,
    onExecutionStart: true,
    onExecutionEmit: true,
    onExecutionError: true,
    onExecutionSuccess: true,
    onFallbackStart: true,
    onFallbackEmit: true,
    onFallbackError: true,
    onFallbackSuccess: true,
    onEmit: true,
    onError: true,
    onSuccess: true,
    onCacheHit: true,
    onUnsubscribe: true,
  } satisfies Record<keyof HystrixHooks, true>) as (keyof HystrixHooks)[],
)

/** Hears of events at the moment they happen; what it throws is reported and changes nothing. */
export interface HystrixNotifier {
  readonly markEvent?: (event: HystrixEvent, key: string) => void
  /** A run succeeded. */
  readonly markCommandExecution?: (
    key: string,
    strategy: IsolationStrategy,
    durationMs: number,
    events: readonly HystrixEvent[],
  ) => void
}

/** Hooks and notifier together. */
export interface HystrixPlugin {
  readonly hooks?: HystrixHooks | undefined
  readonly notifier?: HystrixNotifier | undefined
}

/** The hooks that may replace a value or an error. */
export type ReplacingHook =
  'onExecutionEmit' | 'onExecutionError' | 'onFallbackEmit' | 'onFallbackError' | 'onEmit'
/** The hooks of a beginning, whose errors count. */
export type StartHook = 'onStart' | 'onThreadStart' | 'onExecutionStart'
type SilentHook = Exclude<keyof HystrixHooks, StartHook | ReplacingHook | 'onError'>

/** All plugins of one command, in the order in which they are called. Without any, nothing is done for them. */
export class PluginChain {
  private common: readonly HystrixPlugin[] = []
  private listening: readonly HystrixPlugin[]

  /** `others` are those of all commands, a new list after each change. */
  constructor(
    private readonly others: () => readonly HystrixPlugin[],
    private readonly own: HystrixPlugin,
  ) {
    this.listening = [own].filter(hearsAnything)
  }

  /** Whether nobody looks on. */
  get isEmpty(): boolean {
    return this.plugins.length === 0
  }

  /** Calls a hook whose throw fails what it begins. */
  begin(name: StartHook, execution: ExecutionView): void {
    for (const { hooks } of this.plugins) atOnce(name, hooks?.[name]?.(execution))
  }

  /** Calls a hook that only looks on. */
  tell(name: SilentHook, execution: ExecutionView): void {
    for (const { hooks } of this.plugins) fenced(name, () => hooks?.[name]?.(execution))
  }

  /** Lets hooks replace a value or an error, one after the other. */
  replace(name: ReplacingHook, execution: ExecutionView, given: unknown): unknown {
    let current = given
    for (const { hooks } of this.plugins) {
      const other = fenced(name, () => hooks?.[name]?.(execution, current))
      if (other !== undefined) current = other
    }
    return current
  }

  /** Lets hooks replace the error that the caller will see. */
  failed(execution: ExecutionView, given: unknown, failureType: FailureType): unknown {
    let current = given
    for (const { hooks } of this.plugins) {
      const other = fenced('onError', () => hooks?.onError?.(execution, current, failureType))
      if (other !== undefined) current = other
    }
    return current
  }

  /** Tells the notifiers of an event. */
  mark(event: HystrixEvent, key: string): void {
    for (const { notifier } of this.plugins) fenced('markEvent', () => notifier?.markEvent?.(event, key))
  }

  /** Tells the notifiers of a successful run. */
  executed(...what: Parameters<NonNullable<HystrixNotifier['markCommandExecution']>>): void {
    for (const { notifier } of this.plugins)
      fenced('markCommandExecution', () => notifier?.markCommandExecution?.(...what))
  }

  private get plugins(): readonly HystrixPlugin[] {
    const common = this.others()
    if (common !== this.common) {
      this.common = common
      this.listening = [...common, this.own].filter(hearsAnything)
    }
    return this.listening
  }
}

function hearsAnything({ hooks, notifier }: HystrixPlugin): boolean {
  return hooks !== undefined || notifier !== undefined
}

function fenced(name: string, call: () => unknown): unknown {
  try {
    return atOnce(name, call())
  } catch (error) {
    reportInternalError(error, `hystrix: ${name}`)
    return undefined
  }
}

// Nobody waits for a promise; that it is rejected must not end the process.
function atOnce(name: string, given: unknown): unknown {
  const promise = adopt(given)
  promise?.catch((error: unknown) => reportInternalError(error, `hystrix: ${name}`))
  return promise === undefined ? given : undefined
}
