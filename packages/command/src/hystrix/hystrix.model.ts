/**
 * A world in which the steps of a Hystrix command can be watched: every hook and event is written down.
 */
import { createRuntime } from '@breakwater/kernel'
import type { Runtime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { createCommand } from '../command.js'
import type { HystrixCommand } from './hystrix-command.js'
import type { HystrixCommandOptions } from './hystrix-options.js'
import { HOOK_NAMES } from './hooks.js'

/** How a scripted run or fallback behaves. */
export interface Step {
  readonly afterMs?: number
  readonly throws?: unknown
  readonly returns?: unknown
  /** Its cache key. */
  readonly key?: string
  /** Goes on when it is asked to stop. */
  readonly isDeaf?: boolean
}

export interface Watched {
  readonly clock: SimClock
  readonly runtime: Runtime
  /** The hooks as they were called, with the failure type of `onError`. */
  readonly hooks: string[]
  /** What the notifier heard. */
  readonly heard: string[]
  readonly plugin: Required<Pick<HystrixCommandOptions<[], unknown>, 'hooks' | 'notifier'>>
  /** A command of this world. */
  command(
    options?: Partial<
      Omit<HystrixCommandOptions<[step: Step, instead?: Step], unknown, unknown>, 'preset' | 'run'>
    >,
    hasFallback?: boolean,
  ): HystrixCommand<[step: Step, instead?: Step], unknown>
  /** Does what a step says. */
  behave(step: Step, signal?: AbortSignal): unknown
}

export function watched(): Watched {
  const clock = new SimClock()
  const runtime = createRuntime()
  const hooks: string[] = []
  const heard: string[] = []
  const noted = (name: string) =>
    function note(_execution: unknown, given?: unknown, failureType?: unknown): unknown {
      hooks.push(failureType === undefined ? name : `${name}:${String(failureType)}`)
      return given
    }
  const plugin: Watched['plugin'] = {
    hooks: Object.fromEntries(HOOK_NAMES.map((name) => [name, noted(name)])),
    notifier: {
      markEvent: (event) => void heard.push(event),
      markCommandExecution: (_key, _strategy, _durationMs, events) =>
        void heard.push(`markCommandExecution[${events.join(', ')}]`),
    },
  }
  const behave: Watched['behave'] = ({ afterMs, throws, returns = 'ok', isDeaf = false }, signal) => {
    const end = (): unknown => {
      if (throws !== undefined) throw throws
      return returns
    }
    if (afterMs === undefined) return end()
    return new Promise((resolve, reject) => {
      const timer = clock.io(clock.now() + afterMs, () => {
        if (throws === undefined) resolve(returns)
        else reject(throws)
      })
      if (isDeaf) return
      signal?.addEventListener('abort', () => {
        timer()
        reject(new Error('interrupted'))
      })
    })
  }
  const command: Watched['command'] = (options = {}, hasFallback = true) =>
    createCommand<[step: Step, instead?: Step], unknown, unknown>({
      name: 'A',
      group: 'G',
      ...{ clock, runtime, ...plugin },
      ...options,
      preset: 'hystrix',
      run: (call, step: Step) => behave(step, call.signal),
      ...(hasFallback
        ? { fallback: (_cause: unknown, _step: Step, instead: Step = { returns: 'fb' }) => behave(instead) }
        : {}),
    })
  return { clock, runtime, hooks, heard, plugin, command, behave }
}

/** The hooks in short: without their `on`. */
export function short(hooks: readonly string[]): string {
  return hooks.map((name) => name.slice(2)).join(' ')
}
