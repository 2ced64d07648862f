/** How a request leaves the queue of a policy, where its caller wants it no more, or its time is over, before its turn has come. */
import { CallerSignal } from '@breakwater/kernel'
import type { CallOptions } from '@breakwater/kernel'
import type { HttpCall } from './http-call.js'

/** Fires when the caller aborts, and only then: what else ends a request is told by its attempts. */
export class Turn extends CallerSignal {
  leave(reason: Error): void {
    this.fire(reason)
  }
}

/** What a policy is told of a request that it may let wait. */
export function takeTurn(call: HttpCall): CallOptions {
  call.turn = new Turn()
  return { signal: call.turn as unknown as AbortSignal, budgetMs: call.budgetMs }
}
