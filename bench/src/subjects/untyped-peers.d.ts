// The little that the adapters use of peers which publish no types.

declare module 'opossum' {
  export default class CircuitBreaker {
    constructor(action: () => unknown, options?: object)
    fire(): Promise<unknown>
    fallback(answer: () => unknown): this
    shutdown(): void
    readonly stats: unknown
    readonly opened: boolean
  }
}

declare module 'hystrixjs' {
  export interface HystrixCommand {
    execute(): Promise<unknown>
  }
  export interface HystrixBuilder {
    timeout(ms: number): this
    circuitBreakerSleepWindowInMilliseconds(ms: number): this
    circuitBreakerErrorThresholdPercentage(percent: number): this
    requestVolumeRejectionThreshold(limit: number): this
    fallbackTo(answer: () => unknown): this
    run(work: () => unknown): this
    build(): HystrixCommand
  }
  export const commandFactory: { getOrCreate(key: string): HystrixBuilder }
}

declare module 'brakes' {
  export default class Brakes {
    constructor(work: () => unknown, options?: object)
    exec(): PromiseLike<unknown>
    fallback(answer: () => unknown): void
    destroy(): void
  }
}

declare module 'levee' {
  export type Done = (error: unknown, value?: unknown) => void
  export class Breaker {
    constructor(command: { execute(done: Done): void }, options?: object)
    run(done: Done): void
  }
}
