/**
 * The caller's async context, for what a timer or another call goes on with in it. To take it costs half a bare call,
 * and half of that only when the trigger is named.
 */
import { AsyncResource, executionAsyncId } from 'node:async_hooks'

export type CallerContext = AsyncResource

/** The context of whoever calls this. */
export function callerContext(): CallerContext {
  return new AsyncResource('BreakwaterCall', executionAsyncId())
}
