/**
 * The caller's async context, for what a timer or another call goes on with in it. To take it costs about half a bare
 * call, and twice that with a trigger for `async_hooks`, who will see that of nobody.
 */
import { AsyncResource } from 'node:async_hooks'

export type CallerContext = AsyncResource

/** The context of whoever calls this. */
export function callerContext(): CallerContext {
  return new AsyncResource('BreakwaterCall', 0)
}
