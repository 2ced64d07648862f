/** A promise that is kept once, from outside, and that nobody has to hear. */
import { outsideOfCalls } from '@breakwater/kernel'

export class Readiness {
  readonly promise: Promise<void>
  private settle!: { readonly resolve: () => void; readonly reject: (error: Error) => void }

  constructor() {
    // Node 22 keeps the async context of a promise as long as the promise.
    this.promise = outsideOfCalls(
      () => new Promise<void>((resolve, reject) => (this.settle = { resolve, reject })),
    )
    this.promise.catch(() => undefined)
  }

  keep(): void {
    this.settle.resolve()
  }

  breakWith(error: Error): void {
    this.settle.reject(error)
  }
}
