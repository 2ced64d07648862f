/** An answer on its way to a handler. What that throws ends its request, as in undici, and speaks against nobody. */
import type { Head } from './downstream.js'
import type { HttpCall } from './http-call.js'

export function passHead(call: HttpCall, head: Head): void {
  try {
    call.downstream.head(call, head)
  } catch (error) {
    throw noted(call, error as Error)
  }
}

export function passData(call: HttpCall, chunk: Buffer): void {
  try {
    call.downstream.data(call, chunk)
  } catch (error) {
    throw noted(call, error as Error)
  }
}

// The transport ends the attempt with it.
function noted(call: HttpCall, error: Error): Error {
  call.callersError = error
  return error
}
