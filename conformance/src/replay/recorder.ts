// Hears what a replay does and keeps it with its time: the notifier, the batches, and the hooks of one execution.

import { addHystrixPlugin } from '@breakwater/command'
import type { HystrixHooks } from '@breakwater/command'
import type { Clock, Runtime } from '@breakwater/kernel'

interface Heard {
  readonly at: number
  readonly text: string
}

/** What all commands of a replay tell. */
export class Recorder {
  readonly notifier: Heard[] = []
  readonly batches: { readonly at: number; readonly requests: readonly string[] }[] = []
  private readonly clock: Clock

  constructor(clock: Clock, runtime: Runtime) {
    this.clock = clock
    addHystrixPlugin(runtime, {
      notifier: {
        markEvent: (event, key) => this.note(`${key}:${event}`),
        markCommandExecution: (key, _strategy, _durationMs, events) =>
          this.note(`${key}:markCommandExecution[${events.join(', ')}]`),
      },
    })
  }

  batch(requests: readonly string[]): void {
    this.batches.push({ at: this.clock.now(), requests })
  }

  private note(text: string): void {
    this.notifier.push({ at: this.clock.now(), text })
  }
}

/** Hooks that tell `hear` their names and change nothing. */
export function hooksTelling(hear: (hook: string) => void): HystrixHooks {
  // A value that came back would replace what the hook was given.
  const tell = (hook: string) => (): void => {
    hear(hook)
  }
  return {
    onStart: tell('onStart'),
    onThreadStart: tell('onThreadStart'),
    onThreadComplete: tell('onThreadComplete'),
    onExecutionStart: tell('onExecutionStart'),
    onExecutionEmit: tell('onExecutionEmit'),
    onExecutionError: tell('onExecutionError'),
    onExecutionSuccess: tell('onExecutionSuccess'),
    onFallbackStart: tell('onFallbackStart'),
    onFallbackEmit: tell('onFallbackEmit'),
    onFallbackError: tell('onFallbackError'),
    onFallbackSuccess: tell('onFallbackSuccess'),
    onEmit: tell('onEmit'),
    onError: (_execution, _error, failureType) => {
      hear(`onError:${failureType}`)
    },
    onSuccess: tell('onSuccess'),
    onCacheHit: tell('onCacheHit'),
    onUnsubscribe: tell('onUnsubscribe'),
  }
}
