/** What of an answer an interceptor of undici may replace at the controller of its request: the raw headers and trailers. */
import { CallerSignal } from '@breakwater/kernel'
import type { Control } from './downstream.js'
import type { HttpAttempt } from './http-attempt.js'

export abstract class AnswerControl extends CallerSignal {
  /** Whose answer it is. */
  protected abstract winner: HttpAttempt | null

  get rawHeaders(): Control['rawHeaders'] {
    return this.winner?.exchange?.rawHeaders
  }

  set rawHeaders(raw: Control['rawHeaders']) {
    replace(this, 'rawHeaders', raw)
  }

  get rawTrailers(): Control['rawTrailers'] {
    return this.winner?.exchange?.rawTrailers
  }

  set rawTrailers(raw: Control['rawTrailers']) {
    replace(this, 'rawTrailers', raw)
  }
}

// Too rare for a field in each call.
function replace(control: AnswerControl, name: string, value: unknown): void {
  Object.defineProperty(control, name, { value, writable: true, configurable: true, enumerable: true })
}
