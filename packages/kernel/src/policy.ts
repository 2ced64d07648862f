/**
 * The contract that every policy fulfils, alone or composed.
 */
import type { CallOptions, Work } from './call.js'
import type { Outcome } from './outcome.js'

/**
 * Something that runs work under a rule: a breaker, a timeout, a pipeline of them. `W` is what the policy may answer
 * besides what the work answers; only fallbacks have such answers.
 */
export interface Policy<W = never> {
  /**
   * Runs the work once admitted. Rejects with one of our errors when a policy ended the call, with the caller's
   * `signal.reason` when the caller did, and otherwise with the work's own error, the same object. Never throws.
   */
  execute<R>(work: Work<R>, options?: CallOptions): Promise<R | W>
  /** Like `execute`, but never rejects: every end is a value. */
  outcome<R>(work: Work<R>, options?: CallOptions): Promise<Outcome<R | W>>
  /**
   * A function with the parameters, the `this`, the result type, the `name` and the `length` of `fn`, run under this
   * policy at each call.
   *
   * @throws InvalidOptionsError when `fn` is no function.
   */
  wrap<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => Promise<Awaited<R> | W>
  /** Carries `W` for the compiler; never there at run time. */
  readonly widens?: readonly [W]
}

/** What a policy may answer besides what the work answers. */
export type WidenedBy<P> = [P] extends [never]
  ? never
  : 'widens' extends keyof P
    ? NonNullable<P['widens']> extends readonly [infer W]
      ? W
      : never
    : never

/** One policy of a pipeline, as data. */
export interface PolicyDescription {
  /** `circuit-breaker`, `timeout`, `retry`, … */
  readonly kind: string
  readonly name?: string | undefined
  /** The rules it follows: its options in force, frozen, without what says where it lives (name, runtime, clock). */
  readonly options?: unknown
}

/** Policies composed into one, outermost first. */
export interface Pipeline<W = never> extends Policy<W> {
  /** What it is made of, outermost first. */
  describe(): PolicyDescription[]
}
