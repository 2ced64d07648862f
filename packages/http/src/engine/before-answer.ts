/** What a handler hears before there is an answer. What it throws ends its request, as in undici, and speaks against nobody. */
import type { Downstream } from './downstream.js'
import type { HttpCall } from './http-call.js'

export function tellBeforeAnswer(call: HttpCall, tell: (downstream: Downstream) => void): void {
  if (!call.isOpen) return
  try {
    tell(call.downstream)
  } catch (error) {
    call.abort(error as Error)
  }
}

export function tellSent(downstream: Downstream): void {
  downstream.requestSent()
}

export function tellStarted(downstream: Downstream): void {
  downstream.responseStarted()
}
