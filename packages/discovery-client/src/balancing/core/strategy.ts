/**
 * What a strategy is: it makes a picker of each new list, and the picker chooses. Time and chance come with the
 * question, so the same questions get the same answers.
 */
import type { Call, MonotonicMs, Random } from '@breakwater/kernel'
import type { Instance } from '../../instance.js'

/** An instance as strategies see it. The numbers change while calls run. */
export interface Candidate {
  readonly id: string
  readonly instance: Instance
  /** As the source says; the mean of the others where that is no finite number of at least 0. */
  readonly weight: number
  /** Calls of this balancer that have not ended. */
  readonly inFlight: number
  /** As many of them as it may have, with the option `limit`: it is not to be chosen. */
  readonly isFull: boolean
  /** Latency to expect, in milliseconds: a decaying mean, `fleetMs` for one that has not answered yet. */
  latencyAt(now: MonotonicMs, fleetMs: number): number
  /** Whether it has failed three times or more in a row, not long ago. */
  isResting(now: MonotonicMs): boolean
}

/** One question to a picker. Do not keep it: the next question is the same object. */
export interface Ask {
  readonly now: MonotonicMs
  readonly random: Random
  /** What hashing strategies choose by. */
  readonly key: string | undefined
  /** The call that the instance is for, if the caller has told. */
  readonly call: Call | undefined
  /** Whether some candidates are not wanted. There is always one that is. */
  readonly excludes: boolean
  /** Whether this one is not wanted: the caller excludes it, or it has as many calls in flight as it may have. */
  isExcluded(candidate: Candidate): boolean
}

/** Chooses among the candidates it was made for. */
export interface Picker<C extends Candidate = Candidate> {
  /** One of the candidates, or `undefined` when none will do. */
  pick(ask: Ask): C | undefined
  /** The number that decides, if there is one; lower is better. */
  score?(candidate: C, now: MonotonicMs): number
}

/**
 * A way to choose. `picker` is called for every new list, never with an empty one; `previous` is the picker of the list before, which may
 * hand over where it stood.
 *
 * @example
 * ```ts
 * import { createBalancer, StaticSource } from '@breakwater/discovery-client'
 * import type { Strategy } from '@breakwater/discovery-client'
 *
 * const first: Strategy = {
 *   name: 'first',
 *   picker: (candidates) => ({ pick: (ask) => candidates.find((candidate) => !ask.isExcluded(candidate)) }),
 * }
 * const source = new StaticSource({ users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] })
 * using balancer = createBalancer({ source, service: 'users', strategy: first })
 * using pick = balancer.pick({ exclude: ['127.0.0.1:9001'] })
 * console.log(pick.instance.port) // 9002
 * ```
 */
export interface Strategy {
  readonly name: string
  picker(candidates: readonly Candidate[], previous?: Picker): Picker
}
