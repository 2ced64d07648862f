/**
 * The caller's async context, for what a timer or another call goes on with in it. To take it costs about half a bare
 * call, and as much again unless the trigger is named: tools on `async_hooks` are told that there is none.
 */
import { AsyncResource } from 'node:async_hooks'

export type CallerContext = AsyncResource

/** The context of whoever calls this. */
export function callerContext(): CallerContext {
  return new AsyncResource('BreakwaterCall', 0)
}

/** Runs in `context`; where none was kept, in that of whoever calls this. */
export function runIn<T, A extends unknown[]>(
  context: CallerContext | null,
  run: (this: T, ...args: A) => void,
  self: T,
  ...args: A
): void {
  if (context === null) run.apply(self, args)
  else context.runInAsyncScope(run, self, ...args)
}
