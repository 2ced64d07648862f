// Work whose fate the harness decides from outside, so that one breaker can be filled with successes, tripped by real failures, and
// checked for whether it still lets calls through.

/** The error of every failing call: shared, so that the price of `new Error` is not part of any case. */
export const FAILURE: Error = new Error('the work failed')

/** Async work that succeeds with 1 or rejects with {@link FAILURE}, and counts its calls. */
export class SharedWork {
  failing = false
  calls = 0

  readonly run = async (): Promise<number> => {
    this.calls++
    if (this.failing) throw FAILURE
    return 1
  }
}
